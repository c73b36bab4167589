"""Gives Alloy users to tenants who were there before Alloy was: a thousand with one call.

`run` does it, `listing` reads who exists at Alloy. What they cannot settle is left to the outbox,
which deals with one tenant at a time.
"""
