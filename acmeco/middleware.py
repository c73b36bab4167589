"""Middleware for every page: logs, refused input, HEAD, caches."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import unquote, urljoin

import structlog
from django.conf import settings
from django.core.exceptions import BadRequest, ValidationError
from django.core.signals import request_started
from django.db import DataError, NotSupportedError, ProgrammingError
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, StreamingHttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django_structlog import middlewares

from acmeco.views import bad_request
from integrations import correlation
from integrations.database import AWAY

log = structlog.get_logger(__name__)

Next = Callable[[HttpRequest], HttpResponse]

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_LARGEST_FORM_OF_A_STRANGER = 64 * 1024
_UNUSABLE = (OverflowError, DataError)
_UNUSABLE_TO_THE_ADMIN = (ValueError, ValidationError)
_UNUSABLE_LOOK_UPS = (IndexError, TypeError, NotSupportedError, ProgrammingError)


@receiver(request_started)
def forget_the_request_before(**_: Any) -> None:
    """Begin the log of a request without what one that failed has left in this thread."""
    structlog.contextvars.clear_contextvars()


class LogRequests(middlewares.RequestMiddleware):
    """Logs each request, without its query: that holds what people search for."""

    def prepare(self, request: HttpRequest) -> None:
        """Let the request have the id of its trace, where there is one."""
        super().prepare(request)
        if trace_id := correlation.of_trace():
            structlog.contextvars.bind_contextvars(request_id=trace_id)

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {request.path}"

    @staticmethod
    def bind_user_id(request: HttpRequest) -> None:
        """Name who is logged in, unless the database that knows is away: that has to be logged."""
        with suppress(*AWAY):
            middlewares.RequestMiddleware.bind_user_id(request)


class RefuseUnreadable:
    """Answers 400 to what nobody can read, and to values that no column can hold."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        texts = (request.path_info, unquote(request.META.get("QUERY_STRING", "")))
        if any("\0" in text for text in (*texts, *request.COOKIES.values())):
            raise BadRequest("PostgreSQL cannot even compare with what holds a NUL.")
        charset = (request.content_params or {}).get("charset", "utf-8")
        if charset.lower() not in ("utf-8", "utf8"):
            if request.content_type in _FORMS:
                raise BadRequest("A form that is not UTF-8.")
            request.encoding = "utf-8"  # a charset is said of the body, never of the query
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer 400 where the database, or the admin, could make nothing of a value.

        The admin's filters take look-ups from the address, and its actions take ids, unchecked.
        """
        match = request.resolver_match
        is_admin = match is not None and match.app_name == "admin"
        unusable = _UNUSABLE + _UNUSABLE_TO_THE_ADMIN * is_admin
        if isinstance(error, unusable + _UNUSABLE_LOOK_UPS * bool(is_admin and request.GET)):
            log.warning("unusable_value", exc_info=error)
            return bad_request(request, error)
        return None


def refuse_large_forms(get_response: Next) -> Next:
    """Answer 413 before a large form is read: a file would land on the disk, whoever sent it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        size = size_of(request) if request.content_type in _FORMS else 0
        if size > _LARGEST_FORM_OF_A_STRANGER and size > _largest_form_of(request.user):
            return HttpResponse(render_to_string("413.html"), status=413)
        return get_response(request)

    return middleware


def size_of(request: HttpRequest) -> int:
    """Return the bytes of the body, as far as Django would read it."""
    announced = request.META.get("CONTENT_LENGTH") or ""
    return int(announced) if announced.isdecimal() else 0


def _largest_form_of(user: Any) -> int:
    is_known = user.is_authenticated
    return settings.FILE_UPLOAD_MAX_MEMORY_SIZE if is_known else _LARGEST_FORM_OF_A_STRANGER


def vary_by_htmx(get_response: Next) -> Next:
    """Keep pages and fragments apart in caches."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        patch_vary_headers(response, ("HX-Request", "HX-History-Restore-Request"))
        return response

    return middleware


def lead_to_the_page(get_response: Next) -> Next:
    """Answer a GET of what takes only POSTs with the page above it, which has the form.

    A login leads there when the session had ended: `next` is the address that was posted to.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_page = request.method == "GET" and request.path.endswith("/")
        if is_page and isinstance(response, HttpResponseNotAllowed):
            return redirect(urljoin(request.path, ".."))
        return response

    return middleware


def take_head_for_get(get_response: Next) -> Next:
    """Answer HEAD wherever there is a GET."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method != "HEAD":
            return get_response(request)
        request.method = "GET"
        response = get_response(request)
        request.method = "HEAD"
        return response

    return middleware


def send_no_body_to_head(get_response: Next) -> Next:
    """Leave the body of what answers HEAD out, but say how long it would be."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.method == "HEAD" and isinstance(response, StreamingHttpResponse):
            response.streaming_content = ()
        elif request.method == "HEAD":
            response.headers.setdefault("Content-Length", str(len(response.content)))
            response.content = b""
        return response

    return middleware
