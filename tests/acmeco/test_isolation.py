"""Every page and action, crossed by everybody it does not belong to.

The URLconf is walked, so a new URL is covered by itself. One that takes an id of somebody's own
thing has to be told whose: see `OWNED` in crossing.py. With FULL_SIZE=1 there are twenty merchants,
each of whom tries the ids of all others, everywhere an id could be.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from itertools import product

import pytest
from django.core.cache import cache
from django.http import HttpResponseBase
from django.test import Client
from django.utils import timezone

from accounts.models import User
from integrations import conf, tasks
from integrations.models import Delivery
from orders.models import Order, Status
from orders.services import order_change_status
from tests.acmeco.crossing import (
    INTEGRATION,
    PUBLIC,
    ROUTES,
    belongings,
    content_of,
    fill_in,
    give_one_of_each,
    mark,
    marks_in,
    takes_something_owned,
)
from tests.full_size import size
from tests.integrations.conftest import make_ready
from tests.integrations.fake_alloy import Call, FakeAlloy, Reply
from tests.pages import HTMX, logged_in

pytestmark = [pytest.mark.django_db, pytest.mark.scenario(16)]

MERCHANTS = size(20, usual=2)
TRYING = size(MERCHANTS, usual=1)
ACTS = {"status": "FULFILLED", "typed": "delete my logs", "title": "x"}


def integrations_of(call: Call) -> Reply:
    """Answer as Alloy does: everybody has the integrations, each with workflows of their own."""
    (user_id,) = call.query["userId"]
    workflow = {"workflowId": f"workflow-of-{user_id}", "name": "Sync", "installed": True}
    integration = {"integrationId": INTEGRATION, "app": "BigCommerce", "installed": True}
    return Reply(body={"data": [{**integration, "workflows": [workflow]}]})


@pytest.fixture
def merchants(alloy: FakeAlloy, woken: object) -> list[User]:
    """Merchants whom Alloy knows, each with one of everything that can be somebody's."""
    alloy.fail_always("/integrations", integrations_of)
    merchants = [
        User.objects.create_user(f"merchant-{number}@acme.example", "a long pass phrase")
        for number in range(MERCHANTS)
    ]
    for merchant in merchants:
        make_ready(merchant)
        give_one_of_each(merchant)
    return merchants


def user_id_of(merchant: User) -> str:
    """Return the id that `make_ready` gave the merchant."""
    return f"a{merchant.pk:023x}"


def ids_of(owner: User) -> dict[str, str]:
    """Return what could be taken for an id of the owner, by every name that might be looked at."""
    user_id, order = user_id_of(owner), Order.objects.get(merchant=owner)
    return {
        **dict.fromkeys(("userId", "user_id"), user_id),
        **dict.fromkeys(("user", "tenant", "merchant", "owner"), str(owner.pk)),
        **dict.fromkeys(("pk", "id", "order", "orderId"), str(order.pk)),
        **dict.fromkeys(("credential", "credentialId"), f"c{owner.pk:023}"),
        "workflow": f"workflow-of-{user_id}",
        "execution": f"execution-of-{user_id}",
        "integrationId": INTEGRATION,
    }


def headers_of(owner: User) -> dict[str, str]:
    user_id, pk = user_id_of(owner), str(owner.pk)
    names = ("X-Alloy-UserId", "X-User-Id", "X-Forwarded-User", "Remote-User")
    return {**dict.fromkeys(names, user_id), "X-Tenant": pk, "X-Merchant": pk}


def ask_in_every_way(client: Client, route: str, owner: User) -> list[HttpResponseBase]:
    """Ask for what is the owner's: by the path, and besides by query, body and header."""
    foreign, headers = ids_of(owner), headers_of(owner)
    address = fill_in(route, owner)
    return [
        *(ask_by_path(client, address) if takes_something_owned(route) else []),
        client.get(address, foreign, headers=headers),
        client.post(address, {**foreign, **ACTS}, headers=headers),
    ]


def ask_by_path(client: Client, address: str) -> list[HttpResponseBase]:
    return [client.get(address), client.post(address, ACTS), client.post(address, headers=HTMX)]


def ask_about(client: Client, route: str, owners: list[User]) -> Iterator[HttpResponseBase]:
    """Ask for what is the owners': by a path that is the same for all of them only once."""
    if not takes_something_owned(route):
        yield from ask_by_path(client, fill_in(route, owners[0]))
    for owner in owners:
        yield from ask_in_every_way(client, route, owner)


def ask_by_own_workflow(client: Client, route: str, own: User, owner: User) -> HttpResponseBase:
    """Ask for something of the owner's by way of one's own workflow."""
    workflow = f"workflow-of-{user_id_of(own)}"
    what = {**ids_of(owner), "workflow": workflow}
    return client.post(fill_in(route, own), what, headers=HTMX)


def test_the_walk_finds_the_pages_there_are() -> None:
    assert {"", "orders/", "orders/<int:pk>/", "integrations/", "meetings/<int:pk>/"} <= set(ROUTES)


@pytest.mark.parametrize("number", range(TRYING))
def test_strangers_find_and_change_nothing_of_somebody_elses(
    merchants: list[User], alloy: FakeAlloy, number: int
) -> None:
    stranger = merchants.pop(number)
    client = logged_in(stranger)
    before = belongings(merchants)
    for route in ROUTES:
        alloy.calls.clear()
        cache.clear()
        answers = (
            [] if takes_something_owned(route) else ask_by_path(client, fill_in(route, stranger))
        )
        for owner in merchants:
            cache.clear()  # else most would be refused for their number
            theirs = ask_in_every_way(client, route, owner)
            if takes_something_owned(route):
                assert 404 in (statuses := {answer.status_code for answer in theirs}), route
                assert statuses <= {404, 405, 302}, route
                assert all(leads_up(each, fill_in(route, owner)) for each in theirs), route
            answers += [*theirs, ask_by_own_workflow(client, route, stranger, owner)]
        for answer in answers:
            content = content_of(answer).decode()
            assert answer.status_code < 500, route
            assert marks_in(content) <= {str(stranger.pk)}, route
            assert not any(owner.email in content for owner in merchants), route
        assert not any(names_another(call, merchants) for call in alloy.calls), route
    assert belongings(merchants) == before


def leads_up(answer: HttpResponseBase, address: str) -> bool:
    """Say whether a redirect leads to a page above, as it does for what takes only POSTs."""
    return address.startswith(answer.get("Location", address))


def names_another(call: Call, others: list[User]) -> bool:
    sent = f"{call.path}{call.query}{call.headers}{call.body}"
    return any(user_id_of(other) in sent for other in others)


def test_staff_see_nothing_of_merchants_outside_the_admin(
    merchants: list[User], operator_client: Client, alloy: FakeAlloy
) -> None:
    before = belongings(merchants)
    for route in ROUTES:
        for answer in ask_about(operator_client, route, merchants[:TRYING]):
            assert answer.status_code < 500, route
            assert not marks_in(content_of(answer).decode()), route
    assert belongings(merchants) == before
    assert not any(names_another(call, merchants) for call in alloy.calls)


def test_without_a_session_there_is_the_login_and_nothing_else(
    merchants: list[User], client: Client, alloy: FakeAlloy
) -> None:
    before = belongings(merchants)
    for route in ROUTES:
        for answer in ask_about(client, route, merchants[:TRYING]):
            if route in PUBLIC:
                assert not marks_in(content_of(answer).decode()), route
            else:
                is_login = answer.headers.get("Location", "").startswith("/accounts/login/")
                assert answer.status_code == 405 or is_login, route
    assert belongings(merchants) == before
    assert alloy.calls == []


def test_what_is_missing_looks_like_what_is_somebody_elses(
    merchants: list[User], caplog: pytest.LogCaptureFixture
) -> None:
    stranger, *others = merchants
    client = logged_in(stranger)
    for route, owner in product((route for route in ROUTES if "<int:pk>" in route), others):
        foreign = fill_in(route, owner)
        missing = re.sub(r"/\d+/", "/999999/", foreign)
        for ask in (client.get, client.post):
            cache.clear()  # else a refusal for their number would say for how many seconds
            with caplog.at_level(logging.INFO):
                theirs = ask(foreign)
            nobodys = ask(missing)
            assert theirs.status_code == nobodys.status_code, route
            assert _but_for_csrf(theirs) == _but_for_csrf(nobodys), route
            assert f"{ask.__name__.upper()} {foreign}" in caplog.text, "the try is in the log"


def _but_for_csrf(answer: HttpResponseBase) -> bytes:
    """Return the page without the token, which is masked anew in every answer."""
    return re.sub(rb"\b[A-Za-z0-9]{64}\b", b"", content_of(answer))


@pytest.mark.django_db(transaction=True)  # the sender has threads
def test_tasks_act_for_the_owner_of_the_row(merchants: list[User], alloy: FakeAlloy) -> None:
    for merchant in merchants:
        order = Order.objects.get(merchant=merchant)
        order_change_status(order=order, status=Status.SHIPPED, changed_by=merchant)
        keep_a_delivery(merchant)
    tasks.send()
    tasks.process_deliveries()

    owners = {user_id_of(merchant): mark(merchant) for merchant in merchants}
    told = [(call.body["userId"], call.body["data"]["orderId"]) for call in alloy.accepted]
    assert sorted(told) == sorted(owners.items())
    for merchant in merchants:
        arrived = Order.objects.filter(merchant=merchant).exclude(external_id=mark(merchant))
        assert [order.external_id for order in arrived] == [str(merchant.pk)]


def keep_a_delivery(merchant: User) -> None:
    Delivery.objects.keep(
        Delivery(
            kind="orders",
            environment=conf.environment(),
            tenant_id=merchant.pk,
            digest=str(merchant.pk),
            body=b'{"id": %d}' % merchant.pk,
            due_at=timezone.now(),
        )
    )
