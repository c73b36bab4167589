"""Tenants at Alloy: `provisioning` creates an Alloy user for each, `unprovisioned` finds those that
no signal announced, `erasure` removes what is kept of one.
"""
