"""What a reader would choose instead of this outbox, each as its own docs advise and as short.

Each is run by a Python that has what `requirements.txt` says, with DATABASE_URL and ALLOY in its
environment: `python FILE fill ORDERS EACH`, `python FILE publish COUNT RATE`, which prints when
each event was committed, and `python FILE work AT_ONCE`.
"""
