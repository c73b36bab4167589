"""Meeting notes, copied to the services that the merchant has connected.

Read `models.py`, then `services.py` (what is saved is copied), then `copies/` (how, and to where).
"""
