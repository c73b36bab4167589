"""One thread writes at a time.

SQLite's own lock is not fair: of sixteen threads that wait for it by trying again, some wait for
seconds. Threads that wait for this one first are served at once, and lose nothing: no request does
anything slow while it holds it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

turn = threading.Lock()

GetResponse = Callable[[HttpRequest], HttpResponse]


def one_at_a_time(get_response: GetResponse) -> GetResponse:
    """Carry requests out one after the other; the delays of faults are outside of this."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with turn:
            return get_response(request)

    return middleware
