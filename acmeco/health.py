"""Answers monitoring: /healthz (alive), /readyz (every part works and keeps up), /metrics.

Point a load balancer at /healthz: AcmeCo serves its pages while Redis or Alloy are down. Point
alarms and deployments at /readyz.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any

import structlog
from celery import current_app
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError
from prometheus_client import CONTENT_TYPE_LATEST

from integrations.exposition import exposition
from integrations.outbox.backlog import age_of_oldest_waiting

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


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer Prometheus' text format to whoever has the metrics token, or to an operator."""
    if not (_has_metrics_token(request) or _is_operator(request)):
        raise Http404
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)


def answer_probes(get_response: Callable[[HttpRequest], HttpResponse]) -> Any:
    """Answer the probes by whatever host they ask for: a load balancer knows only our address."""
    probes = {"/healthz": healthz, "/readyz": readyz}

    def middleware(request: HttpRequest) -> HttpResponse:
        probe = probes.get(request.path_info)
        return probe(request) if probe else get_response(request)

    return middleware


def _has_metrics_token(request: HttpRequest) -> bool:
    expected = settings.METRICS_TOKEN
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(expected) and hmac.compare_digest(sent.encode(), expected.encode())


def _is_operator(request: HttpRequest) -> bool:
    return request.user.is_active and request.user.is_staff


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
        broker.ensure_connection(max_retries=1, interval_start=0)  # else it waits two seconds


def _age_of_oldest_event() -> float:
    return round(age_of_oldest_waiting().total_seconds(), 1)
