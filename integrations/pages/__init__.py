"""The integrations page and what hangs on it.

`views` answers what is looked at, from the `snapshots` of what Alloy says; `actions` does what is
clicked. `catalogue`, `listing`, `search` and `cards` put together what is shown, `health` and
`news` what is said of each integration. `access` finds the tenant, `rate_limits` bounds what costs
a call, `live` answers polls; other apps' pages use these, too.
"""
