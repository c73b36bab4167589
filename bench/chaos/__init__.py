"""`make chaos`: the evidence that nothing is lost, doubled or overtaken, whatever dies.

Read `plan.py` (what is done), `scenario.py` (the run), then `audit.py` (what is compared).
"""
