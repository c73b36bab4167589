"""Writes every API call down, so that a person or a test can see what the ISV really sent."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from alloy_sandbox.core.areas import is_api_call
from alloy_sandbox.core.masking import mask_body, mask_query
from alloy_sandbox.core.middleware import turn
from alloy_sandbox.core.models import ApiRequest, Fault
from alloy_sandbox.server import ENCODED_SLASH

GetResponse = Callable[[HttpRequest], HttpResponse]

TRIM_EVERY = 1000
NO_ANSWER = 0


def record_request(get_response: GetResponse) -> GetResponse:
    """Add one row per API call, after it was answered; `fault` says how an answer was spoilt."""

    def middleware(request: HttpRequest) -> HttpResponse:
        received, clock = timezone.now(), time.monotonic()
        # Whoever it is for: a connection that is closed with unread bytes in it loses the answer.
        body = _body(request)
        if not is_api_call(request):
            return get_response(request)
        response = get_response(request)
        fault: Fault | None = getattr(response, "fault", None)
        call = ApiRequest(
            method=request.method or "",
            path=request.path.replace(ENCODED_SLASH, "%2F"),
            query=mask_query(request.META.get("QUERY_STRING", "")),
            status=NO_ANSWER if fault and fault.drop else response.status_code,
            milliseconds=(time.monotonic() - clock) * 1000,
            body=mask_body(body),
            idempotency_key=request.headers.get("Idempotency-Key", "")[:255],
            fault=fault.describe() if fault else "",
            received_at=received,
        )
        with turn:
            call.save()
            _trim(call.pk)
        return response

    return middleware


def _body(request: HttpRequest) -> bytes:
    try:
        return request.body
    except (OSError, RequestDataTooBig):
        return b"(not read)"


def _trim(newest: int) -> None:
    """Forget the oldest calls, now and then: deleting at each call would double the writing."""
    if newest % TRIM_EVERY == 0:
        ApiRequest.objects.filter(pk__lte=newest - settings.SANDBOX_REQUESTS_KEPT).delete()
