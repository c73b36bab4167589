"""Gives Alloy users to tenants who were there before Alloy was: a thousand with one call.

`candidates` says who needs one, `directory` who exists at Alloy already, `run` brings the two
together. What it cannot settle is left to the outbox, which deals with one tenant at a time.
"""
