"""Wakes those who work after a commit, without ever failing or delaying what was committed.

The row is already safe: a lost wake-up costs a second or two, until somebody looks anyway. On
PostgreSQL a NOTIFY reaches each `manage.py relay` that listens. It is no part of the transaction:
PostgreSQL would let one such transaction commit at a time, while the others wait for the disk. And
a Celery task is sent, which is tried once, with a short timeout; after a failure this process
leaves the broker alone for a while instead of making every request wait for it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import closing
from enum import StrEnum
from typing import Any

import structlog
from django.db import Error, connections, transaction

from integrations import database

try:
    from celery import current_app
    from kombu import pools
    from kombu.exceptions import KombuError

    celery: Any = current_app
    BROKER_ERRORS: tuple[type[Exception], ...] = (KombuError, OSError, ImportError)
except ImportError:  # optional: `manage.py relay` looks by itself
    celery, BROKER_ERRORS = None, ()

log = structlog.get_logger(__name__)

SECONDS_BETWEEN_HINTS = 0.02
_SECONDS_TO_LEAVE_A_DEAD_BROKER_ALONE = 10.0
_SHORT_TIMEOUTS = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5, "max_retries": 0}

_leave_alone_until = 0.0
_lock = threading.Lock()
_next: dict[str, float] = {}


class Hint(StrEnum):
    """A task of `tasks.py`; named, not imported, because the tasks import what wakes them."""

    SEND = "integrations.tasks.send"
    PROCESS_DELIVERIES = "integrations.tasks.process_deliveries"

    @property
    def channel(self) -> str:
        """The name under which PostgreSQL passes the hint on."""
        return f"integrations_{self.name.lower()}"


def has_broker() -> bool:
    """Say whether Celery is installed and has one; if not, `manage.py relay` looks by itself."""
    return celery is not None and bool(celery.conf.broker_write_url)


def after_commit(hint: Hint) -> None:
    """Give the hint once the transaction has committed, and only then."""
    in_transaction = database.connection().in_atomic_block

    def give() -> None:  # no partial: Django 5.2 cannot report a failing one with robust=True
        wake(hint, is_notified=in_transaction and _notify(hint))

    transaction.on_commit(give, using=database.alias(), robust=True)


def wake(hint: Hint, *, is_notified: bool = True) -> None:
    """Send the task: at most one every 20 ms, and the last one always.

    A webhook is one statement, and no transaction: so that most cost no second one, relays are
    notified of them as seldom.
    """
    with _lock:
        now, moment = time.monotonic(), _next.get(hint, 0.0)
        if moment > now:
            return  # one will be sent then, after what was committed here
        moment = _next[hint] = max(now, moment + SECONDS_BETWEEN_HINTS)
    if moment > now:
        threading.Timer(moment - now, _send, [hint]).start()
        return
    if not is_notified:
        _notify(hint)
    _send(hint)


def _notify(hint: Hint) -> bool:
    """Tell each `manage.py relay` that listens."""
    connection = database.connection()
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {hint.channel}")
    return True


def listen(channels: dict[Hint, Callable[[], None]], *, stop: threading.Event, using: str) -> None:
    """Call the function of a hint whenever a transaction that gives it commits, until `stop`.

    Returns at once where the database cannot do that; `using` names one that is reached directly: a
    pooler that hands out connections by the transaction passes no notifications on.
    """
    while database.is_psycopg3(connections[using]) and not stop.is_set():
        try:
            _listen(channels, stop, using)
        except Error as error:
            log.warning("cannot_listen", error=str(error))
            stop.wait(1.0)


def _listen(channels: dict[Hint, Callable[[], None]], stop: threading.Event, using: str) -> None:
    heard = {hint.channel: function for hint, function in channels.items()}
    with (
        closing(connections.create_connection(using)) as connection,
        connection.wrap_database_errors,
    ):
        connection.connect()
        for channel in heard:
            connection.connection.execute(f"LISTEN {channel}")
        while not stop.is_set():
            for notification in connection.connection.notifies(timeout=1.0):
                heard[notification.channel]()


def _send(hint: Hint) -> None:
    global _leave_alone_until
    if not has_broker() or time.monotonic() < _leave_alone_until:
        return
    try:
        with _producers().acquire(block=True, timeout=1) as producer:
            celery.send_task(hint.value, producer=producer, retry=False)
    except BROKER_ERRORS as error:
        _leave_alone_until = time.monotonic() + _SECONDS_TO_LEAVE_A_DEAD_BROKER_ALONE
        log.warning("broker_unreachable", task=hint.value, error=str(error))


def _producers() -> Any:
    return pools.producers[celery.connection_for_write(transport_options=_SHORT_TIMEOUTS)]
