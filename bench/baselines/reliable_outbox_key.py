"""django-reliable-outbox: a key for each order, so that its messages go out in order.

https://github.com/CtrlAltDevelop/django-reliable-outbox
"""

from __future__ import annotations

from urllib.parse import urlsplit

import django
import requests
from calls import DATABASE, TIMEOUT, URL, event, run
from django.conf import settings
from django.core.management import call_command

url = urlsplit(DATABASE)
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

session = requests.Session()
session.trust_env = False
session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=200))


@handler("fulfillment.updated")
def send(envelope: Envelope) -> None:
    """Post the event."""
    answer = session.post(URL, **event(**envelope.payload), timeout=TIMEOUT)
    answer.raise_for_status()


def publish_all(events: list[tuple[int, int]]) -> None:
    """Publish, all in one transaction: publishing is not what is measured."""
    with transaction.atomic():
        for order, number in events:
            payload = {"order": order, "number": number}
            publish("fulfillment.updated", payload, key=f"order:{order}")


if __name__ == "__main__":
    run(
        lambda: call_command("migrate", verbosity=0),
        publish_all,
        lambda at_once: call_command("outbox_worker", concurrency=at_once),
    )
