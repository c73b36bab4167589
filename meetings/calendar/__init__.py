"""Calendar files (iCalendar, RFC 5545): what in them becomes a meeting, and what does not and why.

Read `file.py` first; the bytes go through `components.py`, each event through `events.py`, those of
one uid through `series.py`.
"""
