"""Answers a request whose account was erased while it was under way.

A view reads who is logged in, and goes on to save something for an account that is gone by then:
the database refuses, or a row is no longer there. That is nobody's fault, so it is no error page.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.models import User

log = structlog.get_logger(__name__)


class ErasedAccountMiddleware:
    """Says plainly that the account is gone, where that is why a view failed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return the page that says so; None while the account is there."""
        user = getattr(request, "user", None)
        if not isinstance(user, User) or User.objects.filter(pk=user.pk).exists():
            return None
        log.info("account_erased_meanwhile", path=request.path, error=type(error).__name__)
        request.session.flush()
        request.user = AnonymousUser()
        return render(request, "account/erased.html", status=410)
