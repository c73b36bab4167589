"""A process that publishes for a merchant (by email address), and keeps dying of it.

`python -m tests.stack.publisher merchant@shop.example` publishes `ABORTED` events in transactions
that are rolled back, then `KILLED` events in processes that end, as in a power cut,
between the commit and the wake-up.
"""

from __future__ import annotations

import os
import sys

from tests.full_size import size

ABORTED = size(1_000, usual=50)
KILLED = size(100, usual=20)
EXIT_CODE = 17


def main(email: str) -> None:
    """Publish what is rolled back, then what is never announced."""
    import django

    django.setup()
    for number in range(ABORTED):
        _roll_back(email, f"aborted-{number}")
    for number in range(KILLED):
        _die_after_commit(email, f"killed-{number}")


class Aborted(Exception):
    """Something went wrong within the transaction."""


def _roll_back(email: str, order_id: str) -> None:
    from django.db import transaction

    try:
        with transaction.atomic():
            _publish(email, order_id)
            raise Aborted
    except Aborted:
        pass


def _die_after_commit(email: str, order_id: str) -> None:
    """Publish in a child that dies when it is about to wake a worker."""
    from django.db import connections, transaction

    from integrations import wake

    connections.close_all()  # no connection may be shared with a child
    child = os.fork()
    if child == 0:
        wake._notify = lambda hint: os._exit(EXIT_CODE)  # what comes first
        with transaction.atomic():
            _publish(email, order_id)
        os._exit(1)
    _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status) != EXIT_CODE:
        sys.exit(f"{order_id} ended otherwise than between commit and wake-up: {status}.")


def _publish(email: str, order_id: str) -> None:
    from accounts.models import User
    from integrations.events import publish
    from orders.events import FulfillmentUpdated

    publish(
        FulfillmentUpdated(orderId=order_id, status="SHIPPED"),
        tenant=User.objects.get(email=email),
        subject=f"order:{order_id}",
    )


if __name__ == "__main__":
    main(sys.argv[1])
