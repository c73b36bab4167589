"""Everything that talks to Alloy. Copy this app into your own project: it needs no other room.

Read in this order: `alloy/` (the API client), `conf.py`, `models/`, then one flow at a time:
`tenants.py` (sign-up), `pages/` (the integrations page), `inbox/` (order in), `outbox/` (status
out), `connections/` (accounts at other services). `public.py` is the only door for the other apps.
"""
