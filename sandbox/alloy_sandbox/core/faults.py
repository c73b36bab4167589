"""Makes API calls go wrong on purpose, as the faults that are switched on say."""

from __future__ import annotations

import fnmatch
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Annotated, Literal

from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from pydantic import AfterValidator, Field, model_validator

from alloy_sandbox.core.api import Strict, Whole
from alloy_sandbox.core.areas import may_misbehave
from alloy_sandbox.core.middleware import plain_path, turn
from alloy_sandbox.core.models import Fault
from alloy_sandbox.server import CONNECTION

GetResponse = Callable[[HttpRequest], HttpResponseBase]

MESSAGES = {
    401: "Unauthorized",
    404: "Not found",
    429: "Rate limit exceeded",
    500: "Internal server error",
    502: "Bad gateway",
    503: "Service unavailable",
}

TRICKLE_MS = 10
LONGEST_DELAY_MS = 600_000

# A line break would be refused by the server that writes the header, and nothing would be answered.
HeaderValue = Annotated[str, Field(max_length=50, pattern=r"^[ -~]*$", coerce_numbers_to_str=True)]

_dice: dict[int, random.Random] = {}
_dice_lock = threading.Lock()


class HowOften(Strict):
    """How often a fault strikes, and what it lets the caller wait for."""

    times: Whole | None = None
    rate: float = Field(1.0, gt=0, le=1)
    seed: Whole | None = None
    retry_after: HeaderValue = ""


def _as_routed(path: str) -> str:
    """Return a path, or a glob of paths, as the routes know them, also where "users" was meant."""
    return plain_path(path if path.startswith(("/", "*", "?", "[")) else f"/{path}")


class FaultBody(HowOften):
    """A fault; at least one of status, delayMs, drop, body, trickle and retryAfter is needed."""

    path: Annotated[str, AfterValidator(_as_routed)] = Field("/", max_length=255)
    method: Literal["", "GET", "POST", "PUT", "PATCH", "DELETE"] = ""
    status: int | None = Field(None, ge=200, le=599)
    body: str | None = None
    content_type: HeaderValue = "application/json"
    delay_ms: Whole = Field(0, le=LONGEST_DELAY_MS)
    drop: bool | Literal["before", "after"] = False
    trickle: bool | Annotated[Whole, Field(le=LONGEST_DELAY_MS)] = False
    acts: bool | None = None

    @model_validator(mode="after")
    def _does_something(self) -> FaultBody:
        if self.path.startswith("/_sandbox"):
            raise ValueError("A fault cannot meet the sandbox's own controls")
        if not (self.status or self.delay_ms or self.drop or self.trickle or self.retry_after) and (
            self.body is None
        ):
            raise ValueError("Say what goes wrong: status, delayMs, drop, body or trickle")
        return self

    def as_fault(self) -> Fault:
        """Return the row, not yet saved. A status is answered without acting, unless told so."""
        status = self.status or (429 if self.retry_after else None)
        drop = self.drop if isinstance(self.drop, str) else "after" if self.drop else ""
        acts = drop != "before" and status is None if self.acts is None else self.acts
        return Fault(
            path=self.path,
            method=self.method,
            status=status,
            body=self.body,
            content_type=self.content_type,
            retry_after=self.retry_after,
            delay_ms=self.delay_ms,
            drop=drop,
            trickle_ms=TRICKLE_MS if self.trickle is True else self.trickle or None,
            acts=acts,
            times=self.times,
            rate=self.rate,
            seed=self.seed,
        )


def hold_back(get_response: GetResponse) -> GetResponse:
    """Delay or drop an answer once the call is in the log, so that the log knows it first."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        fault: Fault | None = getattr(response, "fault", None)
        if fault is not None:
            time.sleep(fault.delay_ms / 1000)
            if fault.drop:
                _hang_up(request)
        return response

    return middleware


def misbehave(get_response: GetResponse) -> GetResponse:
    """Let the first fault that strikes spoil the call; calls to the sandbox itself are safe."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        fault = striking(request) if may_misbehave(request) else None
        if fault is None:
            return get_response(request)
        answer = get_response(request) if fault.acts else HttpResponse()
        response = _spoil(answer, fault)
        response.fault = fault  # type: ignore[attr-defined]
        return response

    return middleware


def striking(request: HttpRequest) -> Fault | None:
    """Return the oldest fault that matches and whose dice say so; it counts as used."""
    for fault in Fault.objects.exclude(times=0):
        if matches(fault, request.method or "", request.path_info) and _rolls(fault):
            hit = Fault.objects.filter(Q(times=None) | Q(times__gt=0), pk=fault.pk)
            # Counting down in the database, so that `times` is exact under many threads.
            with turn:
                if hit.update(times=F("times") - 1, hits=F("hits") + 1):
                    return fault
    return None


def matches(fault: Fault, method: str, path: str) -> bool:
    """Say whether the fault is meant for this method and path, which has no version in front."""
    if fault.method not in ("", method):
        return False
    if any(letter in fault.path for letter in "*?["):
        return fnmatch.fnmatchcase(path, fault.path)
    return path.startswith(fault.path)


def forget_dice() -> None:
    """Start the seeded dice afresh, so that a repeated test sees the same faults."""
    with _dice_lock:
        _dice.clear()


def _rolls(fault: Fault) -> bool:
    if fault.rate >= 1:
        return True
    with _dice_lock:
        dice = _dice.setdefault(fault.pk, random.Random(fault.seed))  # noqa: S311 - not a secret
        return dice.random() < fault.rate


def _spoil(answer: HttpResponseBase, fault: Fault) -> HttpResponseBase:
    if fault.body is not None:
        # As bytes: the content type may name a charset that does not exist.
        body = fault.body.encode()
        answer = HttpResponse(body, status=fault.status or 200, content_type=fault.content_type)
    elif fault.status:
        message = MESSAGES.get(fault.status, f"Status {fault.status}, as a fault asked for")
        answer = JsonResponse({"message": message}, status=fault.status)
    if fault.retry_after:
        answer["Retry-After"] = fault.retry_after
    return _trickle(answer, fault.trickle_ms) if fault.trickle_ms is not None else answer


def _hang_up(request: HttpRequest) -> None:
    """Close the connection without a byte of an answer; what is written then goes nowhere."""
    connection: socket.socket | None = request.META.get(CONNECTION)
    if connection is not None:
        connection.shutdown(socket.SHUT_RDWR)


def _trickle(answer: HttpResponseBase, pause_ms: int) -> StreamingHttpResponse:
    content = b"".join(answer)
    return StreamingHttpResponse(
        _byte_by_byte(content, pause_ms / 1000),
        status=answer.status_code,
        headers={**answer.headers, "Content-Length": str(len(content))},
    )


def _byte_by_byte(content: bytes, pause: float) -> Iterator[bytes]:
    for place in range(len(content)):
        time.sleep(pause)
        yield content[place : place + 1]
