"""Several hosts on one machine: how the rate grows with them, and what a cut network costs.

Read `network.py` (the hosts), `site.py` (what runs on them), then `scenarios.py`.
"""
