"""Who has no tenant is told so, on every page."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as configured
from django.core.exceptions import ObjectDoesNotExist
from django.core.handlers.base import BaseHandler
from django.db import connections
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.utils.functional import SimpleLazyObject
from pytest_django import Settings

from accounts.models import User
from integrations import urls
from integrations.pages.access import tenant_of

pytestmark = pytest.mark.django_db


def nobody(request: HttpRequest) -> None:
    return None


def lazily_nobody(request: HttpRequest) -> object:
    return SimpleLazyObject(lambda: None)


def lazily_the_user(request: HttpRequest) -> object:
    return SimpleLazyObject(lambda: request.user)


def not_found(request: HttpRequest) -> None:
    raise ObjectDoesNotExist


def failing(request: HttpRequest) -> str:
    return str(request.user.no_such_profile)  # type: ignore[union-attr]


def something_else(request: HttpRequest) -> str:
    return "a shop"


@pytest.mark.parametrize("page", ["", "check/", "x/", "x/activity/", "service/x/", "x/links/"])
@pytest.mark.parametrize(
    ("function", "said"),
    [
        (nobody, "belongs to no user"),
        (lazily_nobody, "belongs to no user"),
        (not_found, "belongs to no user"),
        (something_else, "does not know which user"),
        (failing, "does not know which user"),
    ],
)
def test_who_has_no_tenant_gets_a_page_that_says_why(
    merchant_client: Client, settings: Settings, page: str, function: object, said: str
) -> None:
    path = f"{__name__}.{getattr(function, '__name__', '')}"
    settings.ALLOY = {**settings.ALLOY, "TENANT_OF_REQUEST": path}
    send = merchant_client.post if page in ("check/", "x/links/") else merchant_client.get
    answer = send(f"/integrations/{page}")
    assert answer.status_code == 403
    assert said in answer.content.decode()


def test_a_tenant_may_be_found_lazily(rf: RequestFactory, settings: Settings) -> None:
    settings.ALLOY = {**settings.ALLOY, "TENANT_OF_REQUEST": f"{__name__}.lazily_the_user"}
    request = rf.get("/")
    request.user = User.objects.create_user("lazy@acme.example")
    assert tenant_of(request) == request.user


def test_what_is_said_in_another_charset_is_refused(
    merchant_client: Client, settings: Settings
) -> None:
    stock = "acmeco.middleware.RefuseUnreadable"  # a copy of the app has no such middleware
    settings.MIDDLEWARE = [each for each in configured.MIDDLEWARE if each != stock]
    half_a_surrogate_pair, charset = {"q": "+2AA-"}, "text/html; charset=utf-7"
    answer = merchant_client.get("/integrations/", half_a_surrogate_pair, CONTENT_TYPE=charset)
    assert answer.status_code == 400


def test_no_transaction_of_atomic_requests_is_open_while_alloy_is_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(connections["default"].settings_dict, "ATOMIC_REQUESTS", True)
    views: list[Any] = [each.callback for part in urls.urlpatterns for each in part.url_patterns]
    assert len(views) > 20
    for view in views:
        assert BaseHandler().make_view_atomic(view) is view
