"""Checks a set-up end to end: what is wrong, and what to do about it.

`result` is what a check says, `checks` runs them all. The checks stand in `account` (the key
and where it leads), `catalogue` (what was built at Alloy), `webhooks`, `browser` (what a merchant's
browser needs) and `workers` (database, broker, workers). Its commands also list what is stuck, and
send a test webhook.
"""
