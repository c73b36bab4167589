"""`make soak`: a burst of webhooks, then half an hour of load, with Alloy down and slow in between.

Read `plan.py` (what is done when), `scenario.py` (the run), then `figures.py` (what is judged).
"""
