"""Every page of the admin: who may look and act, what it costs, and what it takes for an answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, islice, product
from typing import Any

import pytest
from django.conf import settings as configured
from django.contrib import admin
from django.db import connection, models
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse
from pytest_django import Settings

from accounts.models import User
from integrations import redaction
from integrations.admin import pages, rows
from integrations.admin.pages import HistoryAdmin, OperatorAdmin
from integrations.models import (
    AlloyUser,
    Attempt,
    Circuit,
    Delivery,
    IntegrationsSnapshot,
    Message,
    MessageGroup,
)
from tests.full_size import size
from tests.integrations.admin.rows import dead_letter, delivered, delivery, message
from tests.integrations.admin.steps import assert_lists, list_of, look_at, page_of

CORE: tuple[type[models.Model], ...] = (
    *(AlloyUser, Attempt, Circuit, Delivery, IntegrationsSnapshot, MessageGroup, Message),
)
ALL = [each for each in admin.site._registry.values() if isinstance(each, HistoryAdmin)]
NONSENSE = ("\0", "0", "-1", "nonsense", "9" * 30, "0000-01-01")


def one_of_each(number: int) -> None:
    """Make a row in every table of the core."""
    owner = User.objects.create_user(f"owner{number}@acme.example")
    dead_letter(owner, about=f"order:{number}")
    message(owner, about=f"order:{number}")
    delivered(owner, about=f"done:{number}")
    delivery(owner)
    delivery(None)
    Circuit.objects.create(environment=f"environment {number}")
    IntegrationsSnapshot.objects.create(alloy_user=AlloyUser.objects.get(tenant=owner))


def test_whoever_may_view_sees_every_list_and_row_and_no_button(viewer_client: Client) -> None:
    one_of_each(1)
    for model in CORE:
        row = model._default_manager.earliest("pk")
        page = look_at(viewer_client, page_of(row)).replace("&#x27;", "'")
        assert str(row) in page
        assert 'name="action"' not in page
        assert page_of(row) in look_at(viewer_client, list_of(model))


def addresses(page: HistoryAdmin) -> Iterator[str]:
    """Yield all that the admin has for a model, save what leads to its index when asked for 1."""
    for pattern in page.get_urls():
        if pattern.name and not pattern.name.endswith("_history"):
            try:
                yield reverse(f"admin:{pattern.name}")
            except NoReverseMatch:
                yield reverse(f"admin:{pattern.name}", args=[1])


@pytest.mark.django_db
def test_staff_without_a_permission_find_every_page_and_operation_closed() -> None:
    client = Client()
    client.force_login(User.objects.create_user("new@acme.example", is_staff=True))
    for address in chain.from_iterable(map(addresses, ALL)):
        assert client.get(address).status_code == 403, address
        assert client.post(address, {"action": "retry"}).status_code == 403, address


def test_operations_need_the_permission_to_change(viewer_client: Client) -> None:
    request = RequestFactory().get("/")
    viewer = User.objects.get(email="viewer@acme.example")
    for page in ALL:
        request.user = viewer
        assert page.get_actions(request) == {}, page
        for codename in ("add", "change", "delete"):
            address = f"admin:{page.opts.app_label}_{page.opts.model_name}_{codename}"
            where = reverse(address, args=[] if codename == "add" else [1])
            assert viewer_client.post(where, {"post": "yes"}).status_code == 403, where
        request.user = User(is_superuser=True, is_active=True)
        assert not page.has_change_permission(request), page
        assert not page.has_delete_permission(request), page
        assert page.has_add_permission(request) == (page.opts.model_name == "installlink"), page
        offered = set(page.get_actions(request))
        own = set(page.actions or ()) if isinstance(page, OperatorAdmin) else set()
        assert offered == own, page


def test_looking_writes_nothing(operator_client: Client) -> None:
    one_of_each(1)
    operation = {"action": "retry", "_selected_action": "1", "scope": "logs", "confirmed": "yes"}
    for address in chain.from_iterable(map(addresses, ALL)):
        with CaptureQueriesContext(connection) as asked:
            operator_client.get(address, operation)
        flash_apart = r'(INSERT INTO|UPDATE|DELETE FROM) "(?!django_session)'
        assert [each for each in asked if re.match(flash_apart, each["sql"])] == [], address


def test_strangers_are_led_to_the_log_in(merchant_client: Client, client: Client) -> None:
    assert client.get(list_of(Message)).status_code == 302
    assert merchant_client.get(list_of(Message), follow=True).status_code == 403


def test_history_cannot_be_written_by_hand(operator_client: Client) -> None:
    one_of_each(1)
    for model in CORE:
        row = model._default_manager.earliest("pk")
        before = model._default_manager.values().get(pk=row.pk)
        operator_client.post(page_of(row), {field.name: "1" for field in model._meta.fields})
        same = model._default_manager.values().get(pk=row.pk)
        assert {**same, "mended": ""} == {**before, "mended": ""}
        for name in ("add/", f"{row.pk}/delete/"):
            assert operator_client.get(f"{list_of(model)}{name}").status_code == 403


def test_a_longer_list_takes_no_more_queries(operator_client: Client) -> None:
    def queries() -> list[int]:
        counts = []
        for model in CORE:
            with CaptureQueriesContext(connection) as asked:
                look_at(operator_client, list_of(model))
            counts.append(len(asked))
        return counts

    one_of_each(1)
    queries()  # the first page fills caches
    few = queries()
    for number in range(2, 8):
        one_of_each(number)
    assert queries() == few
    assert max(few) <= 10


@pytest.mark.parametrize("page", ALL, ids=str)
def test_what_makes_no_sense_is_answered_as_django_does(
    page: HistoryAdmin, operator: User, settings: Settings
) -> None:
    """Each page is asked a part of it, another one than its neighbours."""
    stock = "acmeco.middleware.RefuseUnreadable"  # a copy of the app has no such middleware
    settings.MIDDLEWARE = [each for each in configured.MIDDLEWARE if each != stock]
    client = Client()
    client.force_login(operator)
    fields = page.opts.concrete_fields
    times = [f"{each.name}__year" for each in fields if isinstance(each, models.DateField)]
    keys = [each.name for each in fields if each.primary_key or each.is_relation]
    chosen = [f"{name}{how}" for name in keys for how in ("", "__in", "__gt")]
    names = ("q", "p", "o", "_to_field", "state", "state__exact", *times, *chosen)
    step, at = size(1, usual=13), ALL.index(page)
    for name, value in islice(product(names, NONSENSE), at % step, None, step):
        answer = client.get(list_of(page.model), {name: value})
        assert answer.status_code in (200, 302, 400), (name, value)
    answer = client.get(
        list_of(page.model), {"q": "+2AA-"}, CONTENT_TYPE="text/html; charset=utf-7"
    )
    assert answer.status_code in (200, 400)  # half a surrogate pair; some pages read nothing
    for value in NONSENSE[at % (some := size(1, usual=3)) :: some]:
        if isinstance(page, OperatorAdmin):
            operation = {"action": page.actions[0], "_selected_action": value}  # type: ignore[index]
            for more in ({}, {"from_page": "yes"}):
                assert client.post(list_of(page.model), {**operation, **more}).status_code == 302
        assert client.get(page_of(page.model(pk=value))).status_code in (302, 404)


def test_what_postgresql_cannot_compare_with_is_no_key() -> None:
    assert [pages._is_key(text, of=Circuit) for text in ("a\0b", "a b")] == [False, True]


def test_no_list_sorts_or_counts_a_whole_table() -> None:
    for page in ALL:
        told = page.sortable_by, page.show_full_result_count, page.paginator
        assert told == ((), False, pages.CappedPaginator), page


def test_counting_stops_early(
    merchant: User, operator_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "CAP", 3)
    for number in range(4):
        message(merchant, about=f"order:{number}")
    assert "The newest 3 messages" in look_at(operator_client, list_of(Message))


def test_what_has_no_index_is_looked_for_among_the_newest_unless_the_list_is_short(
    merchant: User, operator_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "NEWEST", 1)
    old, new = delivered(merchant), delivered(merchant)
    found = assert_lists(operator_client, new, but=old, state__exact="delivered")
    assert "of the newest 1 only" in found
    for narrowed in ({"tenant": merchant.pk}, {"q": "merchant@"}):
        found = assert_lists(operator_client, new, old, state__exact="delivered", **narrowed)
        assert "of the newest 1 only" not in found


def test_dead_letters_are_found_however_old(
    merchant: User, operator_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "NEWEST", 1)
    old, other = dead_letter(merchant), delivery(merchant)
    for number in (2, 3):
        delivered(merchant, about=f"order:{number}")
        delivery(merchant, state=Delivery.State.PROCESSED)
    for each in (old, other):
        assert_lists(operator_client, each, state__exact="dead")


def test_a_list_narrowed_to_one_tenant_says_whose_it_is_and_lets_go_of_it(
    merchant: User, other_merchant: User, operator_client: Client
) -> None:
    mine, theirs = message(merchant), message(other_merchant)
    narrowed = {"tenant": merchant.pk, "state__exact": "waiting"}
    found = assert_lists(operator_client, mine, but=theirs, **narrowed)
    assert "By tenant" in found
    assert '<a href="?state__exact=waiting">All</a>' in found


def test_a_search_for_a_tenant_finds_nobody_where_tenants_cannot_be_searched(
    merchant: User, operator_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = message(merchant)
    assert_lists(operator_client, made, q=merchant.email)
    monkeypatch.setattr(type(admin.site.get_model_admin(User)), "search_fields", ())
    assert page_of(made) not in look_at(operator_client, list_of(Message), q=merchant.email)
    registry: dict[Any, Any] = admin.site._registry
    monkeypatch.delitem(registry, User)
    assert page_of(made) not in look_at(operator_client, list_of(Message), q=merchant.email)


def test_a_project_without_time_zones_sees_the_same(
    merchant: User, operator_client: Client, settings: Settings
) -> None:
    settings.USE_TZ = False
    made = message(merchant)
    delivery(merchant)
    for address in (page_of(made), page_of(made.group)):
        look_at(operator_client, address)
    for address in (list_of(Message), list_of(Delivery), list_of(MessageGroup), "/admin/"):
        assert "<time" in look_at(operator_client, address), address


def test_a_row_deep_in_a_traceback_is_shown_by_its_last_line() -> None:
    assert redaction.reason("Traceback\n  File x\nValueError: no\n\n") == "ValueError: no"
    assert redaction.reason("x" * 200).endswith("x…")
    assert len(redaction.reason("x" * 200)) == redaction.LONGEST_REASON
