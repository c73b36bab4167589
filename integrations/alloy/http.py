"""Carries calls to Alloy over pooled connections and brings back whole answers or typed errors."""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import IO

import requests
from urllib3.exceptions import HTTPError

from integrations.alloy.call import Answer, Call
from integrations.alloy.deadline import Budget, DeadlineAdapter, Timeouts, spending
from integrations.alloy.errors import BadAnswer, Unreachable

logger = logging.getLogger(__name__)

MAX_BYTES = 5 * 1024 * 1024
HEADERS = {
    "User-Agent": "python-alloy/1.0",
    "Accept": "application/json",
    "Accept-Encoding": "gzip",
}
_CHUNK = 64 * 1024
_REQUEST_ID = re.compile(r"[\x21-\x7e]{1,128}")

OnResponse = Callable[[str, str, int | None, float], None]


@dataclass(frozen=True)
class Download:
    """Where to write a body that may be too long to hold, and the bytes it may have at most."""

    file: IO[bytes]
    max_bytes: int


class Transport:
    """One pool of connections per process, shared by all threads.

    It never retries, but for a GET whose kept-alive connection turned out to be closed. Retrying
    is the caller's: only the caller knows what may be done twice, and retries at two layers
    multiply.

    ``on_response(method, route, status, seconds)`` is called after each call, with status None
    where no answer came. ``correlation_id()`` gives the id to send along as X-Request-ID.
    """

    def __init__(
        self,
        *,
        ca_bundle: str | None = None,
        on_response: OnResponse | None = None,
        correlation_id: Callable[[], str | None] | None = None,
    ) -> None:
        self._ca_bundle = ca_bundle
        self._on_response = on_response
        self._correlation_id = correlation_id or (lambda: None)
        self._adapters: dict[int, DeadlineAdapter] = {}

    def send(
        self, call: Call, *, timeouts: Timeouts | None = None, download: Download | None = None
    ) -> Answer:
        """Make the call and return its answer, whatever its status.

        With ``download`` the body of a 2xx goes into its file, and the answer's own is empty.
        Raises ``InvalidRequest`` (nothing was sent), ``Unreachable`` or ``BadAnswer`` (too large).
        """
        started = time.monotonic()
        status = None
        try:
            answer = self._exchange(call, timeouts or Timeouts(), download)
            status = answer.status
            return answer
        finally:
            self._report(call, status, time.monotonic() - started)

    def _exchange(self, call: Call, timeouts: Timeouts, download: Download | None) -> Answer:
        request_id = self._request_id()
        request = self._prepare(call, request_id)
        budget = Budget(timeouts)
        with spending(budget):
            try:
                response, body = self._deliver(call, request, budget, download)
            except (OSError, HTTPError) as error:
                # Without its cause: crash reports and debug pages show the variables of every
                # frame, and the frames below hold the Authorization header.
                raise _failure(call, budget, error, request_id) from None
        return Answer(
            call=call,
            status=response.status_code,
            headers=response.headers,
            body=body,
            request_id=request_id,
        )

    def _prepare(self, call: Call, request_id: str | None) -> requests.PreparedRequest:
        # Set, not prepared: that would only look for what is never there (cookies, hooks, files,
        # another spelling of the URL), and take as long as sending it.
        request = requests.PreparedRequest()
        request.method, request.url, request.body = call.method, call.url(), call.content()
        headers = HEADERS | call.all_headers()
        if request_id:
            headers["X-Request-ID"] = request_id
        if not call.is_safe:
            headers["Content-Length"] = str(len(request.body or b""))
        request.headers = headers  # type: ignore[assignment]  # a plain dict is read far faster
        return request

    def _deliver(
        self,
        call: Call,
        request: requests.PreparedRequest,
        budget: Budget,
        download: Download | None,
    ) -> tuple[requests.Response, bytes]:
        """Send the request, and a GET once more where the pooled connection was dead already."""
        try:
            return self._attempt(call, request, budget, download)
        except requests.ConnectionError:
            if not (call.is_safe and budget.connection_was_stale):
                raise
            return self._attempt(call, request, budget, download)

    def _attempt(
        self,
        call: Call,
        request: requests.PreparedRequest,
        budget: Budget,
        download: Download | None,
    ) -> tuple[requests.Response, bytes]:
        timeout = (budget.timeouts.connect, budget.timeouts.read)
        # Not by a session, which would follow redirects, keep cookies (one process acts for all
        # tenants) and read proxies and passwords from the environment.
        with self._adapter().send(request, stream=True, timeout=timeout) as response:
            body, size = BytesIO(), 0
            place = Download(body, MAX_BYTES)
            if download and 200 <= response.status_code < 300:
                place = download
            for chunk in response.iter_content(_CHUNK):
                size += len(chunk)
                if size > place.max_bytes:  # counted unfolded: gzip can hide gigabytes
                    raise BadAnswer(
                        f"Alloy's answer to {call.label} is too large.", ambiguous=not call.is_safe
                    )
                place.file.write(chunk)
            return response, body.getvalue()

    def _adapter(self) -> DeadlineAdapter:
        """Return this process's connections.

        After a fork the child opens its own: on sockets that two processes share, each could read
        the other's answers.
        """
        pid = os.getpid()
        opened = self._adapters.get(pid)
        return opened or self._adapters.setdefault(pid, DeadlineAdapter(self._ca_bundle))

    def _request_id(self) -> str | None:
        """Return the correlation id; one that cannot be a header is left out, not fatal."""
        request_id = self._correlation_id() or ""
        return request_id if _REQUEST_ID.fullmatch(request_id) else None

    def _report(self, call: Call, status: int | None, seconds: float) -> None:
        logger.debug("%s -> %s in %.3f s", call.label, status, seconds)
        if self._on_response is None:
            return
        try:
            self._on_response(call.method, call.route, status, seconds)
        except Exception:  # a broken metric must not make a delivered event look undelivered
            logger.exception("The on_response hook failed for %s.", call.label)


def _failure(call: Call, budget: Budget, error: Exception, request_id: str | None) -> Unreachable:
    """Return the typed error for whatever ``requests`` or the socket raised."""
    return Unreachable(
        f"{_what_happened(budget, error)} ({call.label}).",
        request_id=request_id,
        ambiguous=budget.sent and not call.is_safe,
    )


def _what_happened(budget: Budget, error: Exception) -> str:
    if budget.expired or isinstance(error, requests.Timeout):
        return "Alloy did not answer in time"
    if budget.sent:
        return "The connection to Alloy broke"
    if isinstance(error, requests.exceptions.SSLError):
        return "The TLS connection to Alloy failed"
    return "Alloy could not be reached"
