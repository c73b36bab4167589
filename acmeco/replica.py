"""Pages that may be a moment behind read from DATABASE_REPLICA_URL, where there is one.

Whoever has just changed something reads what it says from the primary.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS
from django.http import HttpRequest, HttpResponse

SECONDS_AFTER_A_CHANGE = 15
"""A replica that lags longer shows a merchant a page without what they did themselves."""

_REPLICA = "replica"
_COOKIE = "changed"


def choose_database(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., Any]:
    """Name the database for a view that may lag, `request.reads_from`; remember who posts."""

    def middleware(request: HttpRequest) -> HttpResponse:
        may_lag = _REPLICA in settings.DATABASES and _COOKIE not in request.COOKIES
        request.reads_from = _REPLICA if may_lag else DEFAULT_DB_ALIAS  # type: ignore[attr-defined]
        response = get_response(request)
        if request.method == "POST" and _REPLICA in settings.DATABASES:
            response.set_cookie(
                _COOKIE,
                "1",
                max_age=SECONDS_AFTER_A_CHANGE,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response

    return middleware
