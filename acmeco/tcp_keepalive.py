"""TCP options by which a dead connection is found within some ten seconds.

A machine that loses its network closes no connection. By default TCP waits a quarter of an hour for
an answer to what was sent, and two hours where nothing was: so long a sender would hang, and its
locks would stay.
"""

from __future__ import annotations

import socket
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.dispatch import receiver

IDLE, INTERVAL, COUNT = 5, 2, 3
"""Seconds without traffic before the first probe, seconds between probes, probes until it fails."""
UNANSWERED = 10_000
"""Milliseconds that data may stay unacknowledged."""

POSTGRESQL = {
    "connect_timeout": 5,
    "keepalives_idle": IDLE,
    "keepalives_interval": INTERVAL,
    "keepalives_count": COUNT,
    "tcp_user_timeout": UNANSWERED,
}
"""Options of libpq, https://www.postgresql.org/docs/current/libpq-connect.html."""

REDIS = {
    getattr(socket, name): value
    for name, value in (
        ("TCP_KEEPIDLE", IDLE),
        ("TCP_KEEPINTVL", INTERVAL),
        ("TCP_KEEPCNT", COUNT),
        ("TCP_USER_TIMEOUT", UNANSWERED),
    )
    if hasattr(socket, name)
}
"""The `socket_keepalive_options` of redis-py that this system has."""


@receiver(connection_created)
def set_on_the_server(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Set them in PostgreSQL, too: it releases the locks of a client that is gone."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                f"SET tcp_keepalives_idle = {IDLE}; SET tcp_keepalives_interval = {INTERVAL};"
                f" SET tcp_keepalives_count = {COUNT}; SET tcp_user_timeout = {UNANSWERED}"
            )
