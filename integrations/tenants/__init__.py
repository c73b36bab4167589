"""Tenants at Alloy: `sign_up` asks for an Alloy user for each, and `provisioning` creates it;
`unprovisioned` finds those that no signal announced, `erasure` removes what is kept of one.
"""
