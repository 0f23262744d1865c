"""Rasa custom actions. Thin: read the turn, call a service or the lending engine, say a response.

`ask.py` holds what all share; the SDK imports every module here and registers each concrete `Action`.
"""
