"""The one id that ties a web request to its tasks and to the calls they make."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from structlog.contextvars import bound_contextvars, get_contextvars


def current() -> str:
    """Return the id of the request or message being worked on; a new one when there is none.

    A client may send the id of its request, as long as it likes: here it is cut to fit its column.
    """
    context = get_contextvars()
    known = context.get("correlation_id") or context.get("request_id") or uuid.uuid4()
    return str(known)[:64]


@contextmanager
def continued(correlation_id: str) -> Iterator[None]:
    """Log everything inside under the id that the work began with."""
    with bound_contextvars(correlation_id=correlation_id):
        yield
