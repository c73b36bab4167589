"""AcmeCo's own trade: orders, fulfillment statuses and their history.

Read `models.py`, then `receivers.py` (order in), then `services.py` and `events.py` (status out).
"""
