"""Everything that talks to Alloy. Copy this app into your own project: it needs no other folder.

Read in this order: `alloy/` (the API client), `conf.py`, `models/`, then one flow at a time:
`tenants.py` (sign-up), `snapshots.py` and `views.py` (the integrations page), `inbox/` (order in),
`events.py` and `outbox/` (status out). What hooks in from outside does so by `signals.py`.
`contrib/` holds what not everybody needs: each part an app that can be left out.
"""
