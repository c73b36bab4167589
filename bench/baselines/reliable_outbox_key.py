"""django-reliable-outbox: a key for each order, so that its messages go out in order.

https://github.com/CtrlAltDevelop/django-reliable-outbox
"""

from __future__ import annotations

import os
import sys
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.core.management import call_command
from post import post

url = urlsplit(os.environ["DATABASE_URL"])
settings.configure(
    INSTALLED_APPS=["reliable_outbox"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": url.path.removeprefix("/"),
            "HOST": url.hostname,
            "PORT": url.port,
            "USER": url.username,
            "PASSWORD": url.password or "",
            "CONN_MAX_AGE": None,
        }
    },
    USE_TZ=True,
)
django.setup()

from django.db import transaction  # noqa: E402
from reliable_outbox import Envelope, handler, publish  # noqa: E402


@handler("fulfillment.updated")
def send(envelope: Envelope) -> None:
    """Post the event."""
    post(envelope.payload["order"], envelope.payload["number"])


def fill(orders: int, each: int) -> None:
    """Publish, all in one transaction: publishing is not what is measured."""
    call_command("migrate", verbosity=0)
    with transaction.atomic():
        for order in range(orders):
            for number in range(each):
                payload = {"order": order, "number": number}
                publish("fulfillment.updated", payload, key=f"order:{order}")


if __name__ == "__main__":
    if sys.argv[1] == "fill":
        fill(*map(int, sys.argv[2:]))
    else:
        call_command("outbox_worker", concurrency=int(sys.argv[2]))
