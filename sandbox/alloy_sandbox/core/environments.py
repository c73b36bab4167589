"""Keys are environments: users made with a development key are not seen with a production key."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

GetResponse = Callable[[HttpRequest], HttpResponse]

DEVELOPMENT, PRODUCTION = "development", "production"

_current: ContextVar[str] = ContextVar("environment", default="")


def environment() -> str:
    """Return the environment of the key that the call came with; "" where it came without."""
    return _current.get()


def begin_in_none(get_response: GetResponse) -> GetResponse:
    """Begin each request anew: a thread serves the next one of a kept connection as well."""

    def middleware(request: HttpRequest) -> HttpResponse:
        enter("")
        return get_response(request)

    return middleware


def enter(key: str) -> None:
    """Be in a key's environment for the rest of this call; "" is in none, and sees all."""
    _current.set(PRODUCTION if key.startswith("sandbox_prod") else DEVELOPMENT if key else "")
