"""Every page of the room: it renders, it asks few questions, and nobody rewrites history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.contrib import admin
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from integrations.admin import filters, history
from integrations.models import (
    AlloyUser,
    Attempt,
    Circuit,
    Delivery,
    IntegrationsSnapshot,
    Message,
    MessageGroup,
)
from tests.integrations.admin.rows import dead_letter, delivered, delivery, message
from tests.integrations.admin.steps import list_of, look_at, page_of

if TYPE_CHECKING:
    from django.test import Client

    from accounts.models import User

ALL = (AlloyUser, Attempt, Circuit, Delivery, IntegrationsSnapshot, MessageGroup, Message)


@pytest.fixture
def one_of_each(merchant: User) -> None:
    """A row in every table."""
    dead_letter(merchant)
    delivery(merchant)
    Circuit.objects.create(environment="here", failures=5)
    IntegrationsSnapshot.objects.create(alloy_user=AlloyUser.objects.get(tenant=merchant))


@pytest.mark.parametrize("model", ALL)
@pytest.mark.usefixtures("one_of_each")
def test_every_list_and_page_can_be_looked_at(
    model: type[models.Model], viewer_client: Client
) -> None:
    row = model._default_manager.earliest("pk")
    assert str(row) in look_at(viewer_client, page_of(row)).replace("&#x27;", "'")
    assert page_of(row) in look_at(viewer_client, list_of(model))


@pytest.mark.parametrize("model", ALL)
@pytest.mark.usefixtures("one_of_each")
def test_nobody_can_add_change_or_delete_by_hand(
    model: type[models.Model], operator_client: Client
) -> None:
    row = model._default_manager.earliest("pk")
    before = model._default_manager.values().get(pk=row.pk)
    assert operator_client.get(f"{list_of(model)}add/").status_code == 403
    operator_client.post(page_of(row), {field.name: "1" for field in model._meta.fields})
    same = model._default_manager.values().get(pk=row.pk)
    assert {**same, "mended": ""} == {**before, "mended": ""}
    assert operator_client.get(page_of(row).replace("change", "delete")).status_code == 403
    assert "delete_selected" not in look_at(operator_client, list_of(model))


@pytest.mark.parametrize("model", ALL)
def test_a_longer_list_takes_no_more_queries(
    model: type[models.Model], operator_client: Client, merchant: User
) -> None:
    def rows(number: int) -> None:
        owner = type(merchant).objects.create_user(f"owner{number}@acme.example")
        dead_letter(owner, about=f"order:{number}")
        message(owner, about=f"order:{number}")
        delivery(owner)
        Circuit.objects.create(environment=f"environment {number}")
        IntegrationsSnapshot.objects.create(alloy_user=AlloyUser.objects.get(tenant=owner))

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            look_at(operator_client, list_of(model))
        return len(asked)

    rows(1)
    queries()  # the first page fills caches
    few = queries()
    for number in range(2, 12):
        rows(number)
    assert queries() == few <= 10


@pytest.mark.parametrize("model", ALL)
def test_no_column_can_be_sorted_by_that_may_lack_an_index(model: type[models.Model]) -> None:
    model_admin = admin.site.get_model_admin(model)
    assert tuple(model_admin.sortable_by or ()) == ()
    assert tuple(model_admin.ordering or ()) == ("-pk",)
    assert model_admin.show_full_result_count is False


def test_counting_stops_early(
    merchant: User, operator_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "CAP", 3)
    for number in range(4):
        message(merchant, about=f"order:{number}")
    assert "The newest 3 messages" in look_at(operator_client, list_of(Message))


def test_an_unindexed_value_is_looked_for_among_the_newest_only(
    merchant: User, operator_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filters, "NEWEST", 1)
    old, new = delivered(merchant), delivered(merchant)
    found = look_at(operator_client, list_of(Message), state__exact="delivered")
    assert page_of(new) in found
    assert page_of(old) not in found
    assert "of the newest 1 only" in found


def test_dead_letters_are_found_however_old(
    merchant: User, operator_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filters, "NEWEST", 1)
    old = dead_letter(merchant)
    delivered(merchant, about="order:2")
    delivered(merchant, about="order:3")
    assert page_of(old) in look_at(operator_client, list_of(Message), state__exact="dead")


def test_a_list_narrowed_to_one_tenant_is_searched_whole_and_says_whose_it_is(
    merchant: User, other_merchant: User, operator_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filters, "NEWEST", 1)
    mine, theirs = delivered(merchant), delivered(other_merchant)
    found = look_at(operator_client, list_of(Message), tenant=merchant.pk, state__exact="delivered")
    assert page_of(mine) in found
    assert page_of(theirs) not in found
    assert "By tenant" in found


def test_a_tenant_that_makes_no_sense_is_no_server_error(operator_client: Client) -> None:
    response = operator_client.get(list_of(Message), {"tenant": "nonsense"})
    assert response.status_code == 302


def test_a_stranger_to_the_admin_sees_nothing(merchant_client: Client, client: Client) -> None:
    assert client.get(list_of(Message)).status_code == 302
    assert merchant_client.get(list_of(Message), follow=True).status_code == 403
