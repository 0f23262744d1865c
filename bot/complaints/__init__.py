"""What complaints teach: reading them, likeness, early warning, the case base, reports. Reads rows, writes none of the cases.

The cases themselves (state, clocks, remedies, letters) are `bot.services.complaints`; their rules `bot.lending.complaint_*`.
"""
