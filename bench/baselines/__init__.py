"""What a reader would choose instead of this outbox, each as its own docs advise and as short.

Each is run by `python FILE fill ORDERS EACH` and `python FILE work AT_ONCE`, by a Python that has
what `requirements.txt` says, with DATABASE_URL and ALLOY in its environment.
"""
