"""Complaints as cases: lodged, handled, decided, told, closed. One file a job; `desk.py` is what `bot.app` builds.

Every function works in the caller's transaction; the state changes only in `rows.move`, which writes the event with it.
"""
