"""Two questions from machines: are you alive, and is everything you need there and keeping up?

Point a load balancer at /healthz: AcmeCo serves its pages while Redis or Alloy are down. Point
alarms and deployments at /readyz.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog
from celery import current_app
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError

from integrations.public import age_of_oldest_waiting

log = structlog.get_logger(__name__)

OLDEST_TOLERATED_SECONDS = 15 * 60


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 for as long as this process can answer at all."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when every part is fine, 503 when one is not, with a word on each."""
    parts = {"database": _say(_ask_database), "broker": _say(_ask_broker)}
    oldest = _age_of_oldest_event() if parts["database"] == "ok" else None
    keeps_up = oldest is not None and oldest < OLDEST_TOLERATED_SECONDS
    ok = keeps_up and all(said == "ok" for said in parts.values())
    body = {
        "status": "ok" if ok else "unavailable",
        **parts,
        "oldest_undelivered_event_seconds": oldest,
    }
    return JsonResponse(body, status=200 if ok else 503)


def _say(ask: Callable[[], None]) -> str:
    try:
        ask()
    except (DatabaseError, OperationalError, OSError) as error:
        log.warning("not_ready", part=ask.__name__, error=str(error))
        return "unreachable"
    return "ok"


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _ask_broker() -> None:
    options = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5, "max_retries": 0}
    with current_app.connection_for_write(transport_options=options) as broker:
        broker.ensure_connection(max_retries=1, timeout=1)


def _age_of_oldest_event() -> float:
    return round(age_of_oldest_waiting().total_seconds(), 1)
