"""Messages, groups and attempts: found, linked, retried, discarded."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from integrations.admin import outbox
from integrations.models import AlloyUser, Attempt, Message, MessageGroup
from tests.integrations.admin.rows import dead_letter, delivered, delivery, message
from tests.integrations.admin.steps import act, list_of, look_at, page_of

if TYPE_CHECKING:
    from django.test import Client

    from accounts.models import User


def test_a_dead_letter_is_retried_from_its_page(merchant: User, operator_client: Client) -> None:
    dead = dead_letter(merchant)
    assert 'value="Retry"' in look_at(operator_client, page_of(dead))
    page = act(operator_client, "retry", dead, from_page="yes")
    dead.refresh_from_db()
    assert dead.state == Message.State.WAITING
    assert "1 dead letter will be sent again." in page
    assert "View message" in page  # back on the message's page
    assert LogEntry.objects.get(object_id=dead.pk).change_message == "Retried."


def test_many_are_retried_at_once_and_what_is_too_old_is_discarded(
    merchant: User, operator_client: Client
) -> None:
    too_old = dead_letter(merchant, about="order:1")
    delivered(merchant, about="order:1")
    others = [dead_letter(merchant, about=f"order:{number}") for number in (2, 3)]
    page = act(operator_client, "retry", too_old, *others)
    assert "2 dead letters will be sent again." in page
    assert "1 dead letter discarded instead: newer news" in page
    too_old.refresh_from_db()
    assert too_old.state == Message.State.DISCARDED


def test_dead_letters_of_one_group_are_put_back_oldest_first(
    merchant: User, operator_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = dead_letter(merchant), dead_letter(merchant)
    retried: list[int] = []

    def note(*, message: Message) -> bool:
        retried.append(message.sequence)
        return True

    monkeypatch.setattr(outbox, "retry", note)
    act(operator_client, "retry", second, first)
    assert retried == [1, 2]


def test_what_is_no_dead_letter_is_left_alone(merchant: User, operator_client: Client) -> None:
    sent = delivered(merchant)
    assert "None of these is a dead letter." in act(operator_client, "retry", sent)
    sent.refresh_from_db()
    assert sent.state == Message.State.DELIVERED


def test_more_than_fit_in_one_request_are_announced(
    merchant: User, operator_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox.MessageAdmin, "at_once", 1)
    dead = [dead_letter(merchant, about=f"order:{number}") for number in (1, 2)]
    page = act(operator_client, "retry", *dead)
    assert "For the rest, do it again." in page
    assert Message.objects.filter(state=Message.State.DEAD).count() == 1


def test_discarding_asks_first(merchant: User, operator_client: Client) -> None:
    dead = dead_letter(merchant)
    question = act(operator_client, "discard", dead, from_page="yes")
    assert "Alloy will never be told" in question
    dead.refresh_from_db()
    assert dead.state == Message.State.DEAD
    assert "1 message discarded." in act(
        operator_client, "discard", dead, from_page="yes", confirmed="yes"
    )
    dead.refresh_from_db()
    assert dead.state == Message.State.DISCARDED


@pytest.mark.parametrize("action", ["retry", "discard"])
def test_who_may_only_look_can_neither_retry_nor_discard(
    action: str, merchant: User, viewer_client: Client
) -> None:
    dead = dead_letter(merchant)
    assert 'value="Retry"' not in look_at(viewer_client, page_of(dead))
    act(viewer_client, action, dead, confirmed="yes")
    dead.refresh_from_db()
    assert dead.state == Message.State.DEAD


def test_a_message_shows_payload_error_and_attempts_as_text(
    merchant: User, operator_client: Client
) -> None:
    dead = dead_letter(merchant, error="<script>alert(1)</script> bearer sandbox_secret")
    page = look_at(operator_client, page_of(dead))
    assert "&quot;orderId&quot;: &quot;7&quot;" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "sandbox_secret" not in page
    assert "Refused for good" in page


def test_only_the_latest_attempts_are_on_a_messages_page(
    merchant: User, operator_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "LATEST_ATTEMPTS", 1)
    tried = message(merchant, attempts_made=2)
    for number in (1, 2):
        Attempt.objects.create(message=tried, number=number)
    page = look_at(operator_client, page_of(tried))
    assert "Attempt 2" in page
    assert "Attempt 1" not in page


@pytest.mark.parametrize("by", ["number", "uid", "group", "tenant"])
def test_a_message_is_found(
    by: str, merchant: User, other_merchant: User, operator_client: Client
) -> None:
    other = message(other_merchant)
    wanted = message(merchant)
    term = {
        "number": str(wanted.pk),
        "uid": str(wanted.uid),
        "group": wanted.group.key,
        "tenant": merchant.email,
    }[by]
    found = look_at(operator_client, list_of(Message), q=term)
    assert page_of(wanted) in found
    assert page_of(other) not in found


@pytest.mark.parametrize("term", ["9" * 30, "²", "%", "0x1"])
def test_a_strange_search_finds_nothing(term: str, merchant: User, operator_client: Client) -> None:
    made = message(merchant)
    assert page_of(made) not in look_at(operator_client, list_of(Message), q=term)


def test_a_message_leads_to_group_subject_and_tenant(
    merchant: User, operator_client: Client
) -> None:
    made = message(merchant)
    page = look_at(operator_client, page_of(made))
    assert page_of(made.group) in page
    assert page_of(merchant) in page


def test_a_provisioning_message_leads_to_the_alloy_user(
    merchant: User, operator_client: Client
) -> None:
    alloy_user = AlloyUser.objects.get(tenant=merchant)
    provisioning = Message.objects.get(kind="provision", tenant=merchant)
    assert page_of(alloy_user) in look_at(operator_client, page_of(provisioning))


def test_a_failing_group_says_why_and_is_tried_now(merchant: User, operator_client: Client) -> None:
    stuck = message(merchant, last_error="503: down")
    later = timezone.now() + timedelta(minutes=9)
    MessageGroup.objects.filter(pk=stuck.group_id).update(due_at=later, failures=4)
    assert "503: down" in look_at(operator_client, list_of(MessageGroup), state="failing")
    assert "1 group will be tried now." in act(operator_client, "try_now", stuck.group)
    stuck.group.refresh_from_db()
    assert stuck.group.due_at is not None
    assert stuck.group.due_at < later


def test_groups_are_found_by_what_they_are_doing(merchant: User, operator_client: Client) -> None:
    waiting = message(merchant, about="order:1").group
    failing = message(merchant, about="order:2").group
    MessageGroup.objects.filter(pk=failing.pk).update(failures=1)
    assert page_of(waiting) in look_at(operator_client, list_of(MessageGroup), state="waiting")
    found = look_at(operator_client, list_of(MessageGroup), state="failing")
    assert page_of(failing) in found
    assert page_of(waiting) not in found


def test_the_first_page_says_what_is_stuck(merchant: User, operator_client: Client) -> None:
    dead_letter(merchant)
    delivery(merchant)
    page = look_at(operator_client, "/admin/")
    assert "<b>1</b>" in page
    assert "dead letter</a>, given up" in page
    assert "dead letter of the inbox</a>" in page
    assert "All is well" not in page


def test_the_first_page_says_so_when_nothing_is_stuck(operator_client: Client) -> None:
    assert "All is well" in look_at(operator_client, "/admin/")
