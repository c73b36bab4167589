"""Deliveries: shown as they came, and replayed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from integrations.models import Delivery
from tests.integrations.admin.rows import delivery
from tests.integrations.admin.steps import act, list_of, look_at, page_of

if TYPE_CHECKING:
    from django.test import Client

    from accounts.models import User


def test_a_delivery_shows_body_and_traceback_as_text(
    merchant: User, operator_client: Client
) -> None:
    page = look_at(operator_client, page_of(delivery(merchant)))
    assert "&quot;note&quot;: &quot;&lt;b&gt;bold&lt;/b&gt;&quot;" in page
    assert "ValueError: no &lt;i&gt;such&lt;/i&gt; currency" in page


def test_a_body_that_is_not_json_is_shown_as_it_came(
    merchant: User, operator_client: Client
) -> None:
    assert "not { json" in look_at(operator_client, page_of(delivery(merchant, body=b"not { json")))


def test_a_huge_body_is_cut_and_says_so(merchant: User, operator_client: Client) -> None:
    page = look_at(operator_client, page_of(delivery(merchant, body=b"x" * 300_000)))
    assert "the first 100,000 of 300,000 characters" in page
    assert len(page) < 200_000


def test_a_delivery_is_replayed_from_its_page(merchant: User, operator_client: Client) -> None:
    poison = delivery(merchant)
    page = act(operator_client, "replay", poison, from_page="yes")
    poison.refresh_from_db()
    assert poison.state == Delivery.State.WAITING
    assert poison.attempts_made == 0
    assert poison.due_at is not None
    assert "1 delivery will be processed again." in page
    assert "View delivery" in page


def test_many_deliveries_are_replayed_at_once(merchant: User, operator_client: Client) -> None:
    poison = [delivery(merchant) for _ in range(3)]
    assert "3 deliveries will be processed again." in act(operator_client, "replay", *poison)


def test_who_may_only_look_cannot_replay(merchant: User, viewer_client: Client) -> None:
    poison = delivery(merchant)
    assert 'value="Replay"' not in look_at(viewer_client, page_of(poison))
    act(viewer_client, "replay", poison)
    poison.refresh_from_db()
    assert poison.state == Delivery.State.DEAD


def test_the_list_shows_the_reason_and_can_be_narrowed_to_dead_letters(
    merchant: User, operator_client: Client
) -> None:
    fine = delivery(merchant, state=Delivery.State.PROCESSED, error="")
    poison = delivery(merchant)
    found = look_at(operator_client, list_of(Delivery), state__exact="dead")
    assert page_of(poison) in found
    assert page_of(fine) not in found
    assert "ValueError: no &lt;i&gt;such&lt;/i&gt; currency" in found


def test_the_body_of_a_dead_letter_is_mended_beside_what_came(
    merchant: User, operator_client: Client, viewer_client: Client
) -> None:
    poison = delivery(merchant, body=b"not { json")
    assert "<textarea" not in look_at(viewer_client, page_of(poison))
    assert viewer_client.post(page_of(poison), {"mended": "{}"}).status_code == 403
    assert "<textarea" in look_at(operator_client, page_of(poison))
    operator_client.post(page_of(poison), {"mended": '{"id": 7}', "state": "processed"})
    poison.refresh_from_db()
    assert (poison.content, bytes(poison.body), poison.state) == (
        b'{"id": 7}',
        b"not { json",
        Delivery.State.DEAD,
    )


@pytest.mark.parametrize("state", ["waiting", "processed"])
def test_only_dead_letters_can_be_mended(
    state: str, merchant: User, operator_client: Client
) -> None:
    fine = delivery(merchant, state=state)
    assert "<textarea" not in look_at(operator_client, page_of(fine))
    assert operator_client.post(page_of(fine), {"mended": "{}"}).status_code == 403
