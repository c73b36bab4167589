"""Every page and action, crossed by everybody it does not belong to.

The URLconf is walked, so a new URL is covered by itself. One that takes an id of somebody's own
thing has to be told here whose: `OWNED` says how to make one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.test import Client
from django.urls import URLResolver, get_resolver
from django.utils import timezone

from integrations.models import AlloyUser, Connection, InstallLink, Message
from meetings.models import Meeting
from orders.models import Order, StatusChange
from tests.integrations.conftest import _fake_alloy, alloy, make_ready, woken
from tests.integrations.fake_alloy import FakeAlloy

if TYPE_CHECKING:
    from accounts.models import User

__all__ = ["_fake_alloy", "alloy", "woken"]

pytestmark = pytest.mark.django_db

INTEGRATION = "63ea758e82c3074141968bb9"
MARK = "a-mark-that-only-its-owner-may-see"

# Who may come in is decided there otherwise, and tested there: staff, tokens, allauth's own pages.
ELSEWHERE = ("accounts/", "admin/", "webhooks/", "healthz", "readyz", "metrics")
# What a URL may take that is nobody's: everybody has the same integrations and connectors.
EVERYBODYS = {"integration_id": INTEGRATION, "connector_id": "notion"}
# Pages that somebody who is not logged in may see: their own words only.
PUBLIC = {""}


def _environment(owner: User) -> str:
    return AlloyUser.objects.get(tenant=owner).environment


def _order(owner: User) -> Any:
    return Order.objects.create(merchant=owner, external_id=MARK, customer_name=MARK).pk


def _meeting(owner: User) -> Any:
    return Meeting.objects.create(
        merchant=owner, title=MARK, starts_at=timezone.now(), notes=MARK
    ).pk


def _connection(owner: User) -> Any:
    return Connection.objects.create(
        tenant=owner,
        environment=_environment(owner),
        connector="notion",
        credential_id="c" * 24,
        name=MARK,
    ).pk


def _link(owner: User) -> Any:
    return InstallLink.objects.create(
        tenant=owner,
        environment=_environment(owner),
        integration_id=INTEGRATION,
        expires_at=timezone.now() + timedelta(days=1),
    ).pk


OWNED: dict[tuple[str, str], Callable[[User], Any]] = {
    ("orders/", "pk"): _order,
    ("meetings/", "pk"): _meeting,
    ("integrations/connections/", "pk"): _connection,
    ("integrations/connections/", "token"): lambda owner: "somebody-elses-state",
    ("integrations/", "pk"): _link,
}


def _routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _routes(entry, route)
        elif not route.lstrip("^").startswith(ELSEWHERE):
            yield route


ROUTES = sorted(set(_routes()))


def _owned(route: str, name: str) -> Callable[[User], Any] | None:
    fitting = [prefix for prefix, of in OWNED if of == name and route.startswith(prefix)]
    return OWNED[max(fitting, key=len), name] if fitting else None


def _fill_in(route: str, owner: User) -> tuple[str, bool]:
    """Return the address, and whether something in it belongs to the owner."""
    is_owned = False

    def value(match: re.Match[str]) -> str:
        nonlocal is_owned
        name = match.group("name")
        make = _owned(route, name)
        if make is not None:
            is_owned = True
            return str(make(owner))
        assert name in EVERYBODYS, f"Say in OWNED or EVERYBODYS what <{name}> in {route!r} is."
        return EVERYBODYS[name]

    return "/" + re.sub(r"<(?:\w+:)?(?P<name>\w+)>", value, route), is_owned


def _ask_in_both_ways(client: Client, address: str) -> list[HttpResponseBase]:
    return [
        client.get(address),
        client.post(address, {"status": "FULFILLED", "confirmation": MARK}),
    ]


def _content(answer: HttpResponseBase) -> bytes:
    if isinstance(answer, StreamingHttpResponse):
        return answer.getvalue()
    assert isinstance(answer, HttpResponse)
    return answer.content


def _what_is(owner: User) -> list[Any]:
    """Return all that belongs to somebody, to see that nothing of it changed."""
    return [
        list(rows.order_by("pk").values())
        for rows in (
            type(owner).objects.filter(pk=owner.pk),
            Order.objects.filter(merchant=owner),
            StatusChange.objects.filter(order__merchant=owner),
            Meeting.objects.filter(merchant=owner),
            Connection.objects.filter(tenant=owner),
            InstallLink.objects.filter(tenant=owner),
            AlloyUser.objects.filter(tenant=owner),
            Message.objects.filter(tenant=owner),
        )
    ]


@pytest.fixture
def owner(alloy: FakeAlloy, woken: object, merchant: User) -> User:
    make_ready(merchant)
    alloy.integrations = [
        {"integrationId": INTEGRATION, "app": "BigCommerce", "installed": False, "workflows": []}
    ]
    return merchant


@pytest.fixture
def stranger(owner: User, other_merchant: User) -> User:
    make_ready(other_merchant)
    return other_merchant


def test_the_walk_finds_the_pages_there_are() -> None:
    assert {"", "orders/", "orders/<int:pk>/", "integrations/", "meetings/<int:pk>/"} <= set(ROUTES)


@pytest.mark.parametrize("route", ROUTES)
def test_a_stranger_finds_and_changes_nothing_of_somebody_elses(
    route: str, owner: User, stranger: User, other_merchant_client: Client, alloy: FakeAlloy
) -> None:
    address, is_owned = _fill_in(route, owner)
    before = _what_is(owner)

    answers = _ask_in_both_ways(other_merchant_client, address)

    assert _what_is(owner) == before
    assert not any(MARK.encode() in _content(answer) for answer in answers)
    assert not any(owner.email.encode() in _content(answer) for answer in answers)
    if is_owned:
        statuses = {answer.status_code for answer in answers}
        assert 404 in statuses
        assert statuses <= {404, 405}
    owners_id = AlloyUser.objects.get(tenant=owner).user_id
    assert not any(owners_id in f"{call.path}{call.query}{call.body}" for call in alloy.calls)


@pytest.mark.parametrize("route", ROUTES)
def test_without_a_session_there_is_the_login_and_nothing_else(
    route: str, owner: User, client: Client, alloy: FakeAlloy
) -> None:
    address, _ = _fill_in(route, owner)
    before = _what_is(owner)

    answers = _ask_in_both_ways(client, address)

    assert _what_is(owner) == before
    assert alloy.calls == []
    for answer in answers:
        if route in PUBLIC:
            assert MARK.encode() not in _content(answer)
        else:
            assert answer.status_code in (302, 405)
            assert answer.status_code == 405 or answer["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("route", [route for route in ROUTES if "<int:pk>" in route])
def test_what_is_missing_looks_like_what_is_somebody_elses(
    route: str, owner: User, stranger: User, other_merchant_client: Client
) -> None:
    foreign, _ = _fill_in(route, owner)
    missing = re.sub(r"/\d+/", "/999999/", foreign)
    for theirs, nobodys in zip(
        _ask_in_both_ways(other_merchant_client, foreign),
        _ask_in_both_ways(other_merchant_client, missing),
        strict=True,
    ):
        assert theirs.status_code == nobodys.status_code
        assert _but_for_csrf(theirs) == _but_for_csrf(nobodys)


def _but_for_csrf(answer: HttpResponseBase) -> bytes:
    """Return the page without the token, which is masked anew in every answer."""
    return re.sub(rb"\b[A-Za-z0-9]{64}\b", b"", _content(answer))
