"""The database that holds this app's rows: the one that the project's routers name at this moment.

Django's `transaction.atomic()` and `connection` mean "default", whatever the routers say. In a
project with a database for each part of its tenants that would be a transaction beside the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import (
    InterfaceError,
    InternalError,
    OperationalError,
    connections,
    router,
    transaction,
)
from django.db.backends.base.base import BaseDatabaseWrapper

from integrations.models import Message

View = TypeVar("View", bound=Callable[..., object])

AWAY = (OperationalError, InterfaceError, InternalError)
"""What is raised while the database is unreachable, full or, in a failover, read-only."""


def alias() -> str:
    """Return the key of `DATABASES` that the outbox, the inbox and all else are written to."""
    return router.db_for_write(Message)


def connection() -> BaseDatabaseWrapper:
    """Return this thread's connection to that database."""
    return connections[alias()]


def is_psycopg3(connection: Any) -> bool:
    """Say whether this is PostgreSQL, reached by psycopg 3.

    psycopg2, which Django supports, too, returns the rows of one statement only, and receives
    notifications in another way: with it we do as with SQLite.
    """
    return bool(connection.vendor == "postgresql" and connection.Database.__name__ == "psycopg")


@contextmanager
def atomic() -> Iterator[None]:
    """Begin a transaction there; decorates functions, too, and asks the routers at each call."""
    with transaction.atomic(using=alias()):
        yield


def outside_transactions(view: View) -> View:
    """Decorate a view that calls Alloy, or answers it: ATOMIC_REQUESTS is not for it.

    A transaction would be held open while Alloy takes its time, and what is committed after the
    answer could still fail.
    """
    for each in connections:
        view = transaction.non_atomic_requests(each)(view)
    return view
