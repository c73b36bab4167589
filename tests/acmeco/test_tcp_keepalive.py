from __future__ import annotations

import os
import socket
from contextlib import closing
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from kombu import Connection

from acmeco import tcp_keepalive

WANTED = {"TCP_KEEPIDLE": 5, "TCP_KEEPINTVL": 2, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 10_000}


def told(sock: socket.socket) -> dict[str, int]:
    """Return the keepalive options of this connection."""
    names = [name for name in WANTED if hasattr(socket, name)]
    return {name: sock.getsockopt(socket.IPPROTO_TCP, getattr(socket, name)) for name in names}


@pytest.mark.postgresql
@pytest.mark.django_db
def test_postgresql_and_we_notice_that_the_other_has_vanished() -> None:
    if connections["default"].vendor != "postgresql":
        pytest.skip("is about PostgreSQL")
    with closing(connections.create_connection("default")) as connection:
        with connection.cursor() as cursor:
            cursor.execute("SHOW tcp_keepalives_idle")
            assert cursor.fetchone() == (str(tcp_keepalive.IDLE),)
            cursor.execute("SHOW tcp_user_timeout")
            assert cursor.fetchone() == (str(tcp_keepalive.UNANSWERED),)
        with socket.socket(fileno=os.dup(connection.connection.fileno())) as ours:
            assert told(ours).items() <= WANTED.items()


def test_a_worker_notices_that_redis_has_vanished(redis_url: str) -> None:
    with Connection(
        redis_url, transport_options=settings.CELERY_BROKER_TRANSPORT_OPTIONS
    ) as broker:
        channel: Any = broker.default_channel
        pool = channel.client.connection_pool
        connection = pool.get_connection()
        assert told(connection._sock).items() <= WANTED.items()
        assert connection._sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        pool.release(connection)
