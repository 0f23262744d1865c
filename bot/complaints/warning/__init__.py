"""Early warning: charts and rules over weekly complaints of a category. Pure functions; numbers are of `Limits`.

Rates are complaints per 1,000 active loans unless said otherwise. Every chart gives `Chart`: series, limits and alarms as the
console draws them. Sources: requirements section 5; golden A01-A03 (those use L = 2.7).
"""
