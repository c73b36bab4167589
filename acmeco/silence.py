"""Notices within some ten seconds that whoever is at the other end of a connection has vanished.

A machine that loses its network says no goodbye. By itself TCP waits a quarter of an hour for the
answer to what was sent, and two hours where nothing was; meanwhile a sender would hang, and what
it had locked would stay locked.
"""

from __future__ import annotations

import socket
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.dispatch import receiver

IDLE, INTERVAL, COUNT = 5, 2, 3
"""Seconds of silence before TCP asks, seconds between two questions, how many go unanswered."""
UNANSWERED = 10_000
"""Milliseconds for which TCP tries to get rid of what was sent."""

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
"""The `socket_keepalive_options` of redis-py, as far as the system has them."""


@receiver(connection_created)
def let_server_notice(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Have PostgreSQL, too, notice that we are gone, and give back what we had locked."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                f"SET tcp_keepalives_idle = {IDLE}; SET tcp_keepalives_interval = {INTERVAL};"
                f" SET tcp_keepalives_count = {COUNT}; SET tcp_user_timeout = {UNANSWERED}"
            )
