"""What is stuck and why, and what an operator does about it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from accounts.models import User
from integrations import conf
from integrations.admin import outbox
from integrations.models import (
    AlloyUser,
    Attempt,
    Circuit,
    Delivery,
    IntegrationsSnapshot,
    Message,
    MessageGroup,
)
from integrations.tenants.unprovisioned import provision_now
from tests.integrations.admin.rows import dead_letter, delivered, delivery, message
from tests.integrations.admin.steps import act, assert_lists, list_of, look_at, page_of
from tests.integrations.fake_alloy import FakeAlloy

State = Message.State


def state_of(made: Message | Delivery) -> str:
    made.refresh_from_db()
    return made.state


# The first page


def test_the_first_page_says_what_is_stuck_and_leads_there(
    merchant: User, operator_client: Client
) -> None:
    assert "All is well" in look_at(operator_client, "/admin/")
    stuck, letter, poison = message(merchant), dead_letter(merchant, about="a"), delivery(merchant)
    MessageGroup.objects.filter(pk=stuck.group_id).update(failures=1)
    page = look_at(operator_client, "/admin/")
    assert "All is well" not in page
    panel = page.partition("alloy-operations")[2].partition("</ul>")[0]
    linked = [unescape(each) for each in re.findall(r'href="([^"]+)"', panel)]
    shown = "".join(look_at(operator_client, each) for each in linked)
    assert "" not in linked
    for row in (stuck, stuck.group, letter, poison):
        assert page_of(row) in shown


# The outbox


def test_a_dead_letter_is_retried_from_its_page_and_that_is_in_its_history(
    merchant: User, operator_client: Client
) -> None:
    dead = dead_letter(merchant)
    assert 'value="Retry"' in look_at(operator_client, page_of(dead))
    page = act(operator_client, "retry", dead, from_page="yes")
    assert state_of(dead) == State.WAITING
    assert "1 message will be sent again." in page
    assert "View message" in page  # back on the message's page
    assert LogEntry.objects.get(object_id=dead.pk).change_message == "Retry: will be sent again."


def test_many_are_retried_at_once_and_what_is_too_old_is_discarded(
    merchant: User, operator_client: Client
) -> None:
    too_old = dead_letter(merchant, about="order:1")
    delivered(merchant, about="order:1")
    others = [dead_letter(merchant, about=f"order:{number}") for number in (2, 3)]
    page = act(operator_client, "retry", too_old, *others)
    assert "2 messages will be sent again." in page
    assert "1 message discarded instead: a newer message" in page
    assert state_of(too_old) == State.DISCARDED


def test_dead_letters_of_one_group_are_put_back_oldest_first(
    merchant: User, operator_client: Client
) -> None:
    first, second = dead_letter(merchant), dead_letter(merchant)
    act(operator_client, "retry", second, first)
    history = LogEntry.objects.order_by("pk").values_list("object_id", flat=True)
    assert list(history) == [str(first.pk), str(second.pk)]


def test_what_is_no_dead_letter_is_left_alone(merchant: User, operator_client: Client) -> None:
    sent = delivered(merchant)
    for action in ("retry", "discard"):
        assert "nothing to do" in act(operator_client, action, sent, confirmed="yes")
        assert state_of(sent) == State.DELIVERED


def test_more_than_fit_in_one_request_are_announced(
    merchant: User, operator_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox.MessageAdmin, "at_once", 1)
    dead = [dead_letter(merchant, about=f"order:{number}") for number in (1, 2)]
    assert "For the rest, do it again." in act(operator_client, "retry", *dead)
    assert Message.objects.filter(state=State.DEAD).count() == 1


def test_discarding_asks_first(merchant: User, operator_client: Client) -> None:
    dead = dead_letter(merchant)
    question = act(operator_client, "discard", dead, from_page="yes")
    assert "Alloy will never be told" in question
    assert state_of(dead) == State.DEAD
    done = act(operator_client, "discard", dead, from_page="yes", confirmed="yes")
    assert "1 message discarded." in done
    assert state_of(dead) == State.DISCARDED


def test_who_may_only_look_changes_nothing(merchant: User, viewer_client: Client) -> None:
    dead, poison = dead_letter(merchant), delivery(merchant)
    for action, row in (("retry", dead), ("discard", dead), ("replay", poison)):
        act(viewer_client, action, row, confirmed="yes")
        assert state_of(row) == "dead"
    assert "<textarea" not in look_at(viewer_client, page_of(poison))
    assert viewer_client.post(page_of(poison), {"mended": "{}"}).status_code == 403


def test_a_message_shows_payload_error_and_latest_attempts_as_text_without_secrets(
    merchant: User, operator_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "LATEST_ATTEMPTS", 1)
    dead = dead_letter(merchant, error="<script>alert(1)</script> bearer sandbox_secret")
    Message.objects.filter(pk=dead.pk).update(attempts_made=2)
    Attempt.objects.create(message=dead, number=2, outcome=Attempt.Outcome.REFUSED)
    page = look_at(operator_client, page_of(dead))
    assert "&quot;orderId&quot;: &quot;7&quot;" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "sandbox_secret" not in page
    assert "Refused for good" in page
    assert ("Attempt 1" in page, "Attempt 2" in page) == (False, True)


def test_a_message_is_found_by_number_uid_group_and_tenant_and_by_nothing_strange(
    merchant: User, other_merchant: User, operator_client: Client
) -> None:
    other, wanted = message(other_merchant), message(merchant)
    for term in (wanted.pk, wanted.uid, wanted.group.key, merchant.email):
        assert_lists(operator_client, wanted, but=other, q=term)
    for strange in ("9" * 30, "²", "%", "0x1"):
        assert page_of(wanted) not in look_at(operator_client, list_of(Message), q=strange)


def test_a_message_leads_to_its_group_its_subject_and_its_tenant(
    merchant: User, operator_client: Client
) -> None:
    made = Message.objects.get(kind="provision", tenant=merchant)
    page = look_at(operator_client, page_of(made))
    for row in (made.group, merchant, AlloyUser.objects.get(tenant=merchant)):
        assert page_of(row) in page
    for narrowed in (f"?group={made.group_id}", f"?tenant={merchant.pk}"):
        assert f"{list_of(Message)}{narrowed}" in page


def test_a_failing_group_says_why_and_is_tried_now(merchant: User, operator_client: Client) -> None:
    stuck, fine = message(merchant, last_error="503: down"), message(merchant, about="order:2")
    later = timezone.now() + timedelta(minutes=9)
    MessageGroup.objects.filter(pk=stuck.group_id).update(due_at=later, failures=4)
    assert "503: down" in assert_lists(
        operator_client, stuck.group, but=fine.group, state="failing"
    )
    assert_lists(operator_client, fine.group, state="waiting")
    assert "1 message group will be tried now." in act(operator_client, "try_now", stuck.group)
    stuck.group.refresh_from_db()
    assert stuck.group.due_at is not None
    assert stuck.group.due_at < later


# The inbox


def test_a_delivery_shows_its_body_and_traceback_as_text_and_cuts_a_huge_one(
    merchant: User, operator_client: Client
) -> None:
    page = look_at(operator_client, page_of(delivery(merchant)))
    assert "&quot;note&quot;: &quot;&lt;b&gt;bold&lt;/b&gt;&quot;" in page
    assert "ValueError: no &lt;i&gt;such&lt;/i&gt; currency" in page
    assert "ValueError: no &lt;i&gt;such" in look_at(operator_client, list_of(Delivery))
    assert "not { json" in look_at(operator_client, page_of(delivery(merchant, body=b"not { json")))
    page = look_at(operator_client, page_of(delivery(merchant, body=b"x" * 300_000)))
    assert "the first 100,000 of 300,000 characters" in page
    assert len(page) < 200_000


def test_deliveries_are_replayed(merchant: User, operator_client: Client) -> None:
    poison = [delivery(merchant) for _ in range(3)]
    page = act(operator_client, "replay", poison[0], from_page="yes")
    assert "1 delivery will be processed again." in page
    assert "View delivery" in page
    assert "2 deliveries will be processed again." in act(operator_client, "replay", *poison)
    assert state_of(poison[0]) == Delivery.State.WAITING
    assert (poison[0].attempts_made, poison[0].due_at is None) == (0, False)


def test_the_body_of_a_dead_letter_and_of_no_other_is_mended_beside_what_came(
    merchant: User, operator_client: Client
) -> None:
    poison = delivery(merchant, body=b"not { json")
    assert "<textarea" in look_at(operator_client, page_of(poison))
    operator_client.post(page_of(poison), {"mended": '{"id": 7}', "state": "processed"})
    assert state_of(poison) == Delivery.State.DEAD
    assert (poison.content, bytes(poison.body)) == (b'{"id": 7}', b"not { json")
    for state in ("waiting", "processed"):
        fine = delivery(merchant, state=state)
        assert "<textarea" not in look_at(operator_client, page_of(fine))
        assert operator_client.post(page_of(fine), {"mended": "{}"}).status_code == 403


def test_a_delivery_that_names_nobody_has_a_page(operator_client: Client) -> None:
    nobodys = delivery(None, hinted_user_id="6749ddb3c68f4d9bbed27c4d")
    assert "6749ddb3c68f4d9bbed27c4d" in look_at(operator_client, page_of(nobodys))


# Alloy users, what Alloy said of them, and whether Alloy is called at all


def missing(merchant: User) -> tuple[AlloyUser, Message]:
    """Return the merchant's Alloy user, not made yet, and the message that is to make it."""
    alloy_user = AlloyUser.objects.get(tenant=merchant)
    return alloy_user, Message.objects.get(kind="provision", tenant=merchant)


def test_an_alloy_user_is_found_by_tenant_and_by_readiness(
    merchant: User, other_merchant: User, operator_client: Client
) -> None:
    mine, _ = missing(merchant)
    theirs, _ = missing(other_merchant)
    AlloyUser.objects.filter(pk=theirs.pk).update(user_id="abc")
    for query in ({"q": merchant.name}, {"tenant": merchant.pk}, {"ready": "no"}):
        assert_lists(operator_client, mine, but=theirs, **query)


def test_provisioning_that_backs_off_is_made_due(merchant: User, operator_client: Client) -> None:
    alloy_user, made = missing(merchant)
    later = timezone.now() + timedelta(minutes=9)
    MessageGroup.objects.filter(pk=made.group_id).update(due_at=later, failures=5)
    page = act(operator_client, "provision", alloy_user, from_page="yes")
    assert "1 alloy user will be created" in page
    made.group.refresh_from_db()
    assert made.group.due_at is not None
    assert made.group.due_at < later


def test_provisioning_that_was_given_up_is_begun_again(merchant: User) -> None:
    alloy_user, made = missing(merchant)
    Message.objects.filter(pk=made.pk).update(state=State.DEAD)
    assert provision_now(alloy_user=alloy_user)
    assert state_of(made) == State.WAITING
    Message.objects.filter(pk=made.pk).update(state=State.DISCARDED)
    assert provision_now(alloy_user=alloy_user)
    assert Message.objects.filter(kind="provision", state=State.WAITING).count() == 1


def test_another_keys_alloy_user_is_never_made_with_this_key(
    merchant: User, operator_client: Client
) -> None:
    alloy_user, _ = missing(merchant)
    AlloyUser.objects.filter(pk=alloy_user.pk).update(environment="another")
    assert "belong to another key" in act(operator_client, "provision", alloy_user)


def test_a_snapshot_is_read_anew_or_says_why_not(
    merchant: User,
    other_merchant: User,
    provisioned: Callable[[User], AlloyUser],
    alloy: FakeAlloy,
    operator_client: Client,
) -> None:
    owners = (provisioned(merchant), provisioned(other_merchant))
    AlloyUser.objects.filter(pk=owners[1].pk).update(user_id="")
    there, not_there = (IntegrationsSnapshot.objects.create(alloy_user=each) for each in owners)
    page = act(operator_client, "refresh", there, not_there)
    there.refresh_from_db()
    assert there.fetched_at is not None
    assert "read again." in page
    assert "not read: see the last failure" in page


def test_an_open_circuit_is_closed_and_work_goes_on(
    merchant: User, operator_client: Client
) -> None:
    until = timezone.now() + timedelta(seconds=30)
    MessageGroup.objects.update(resume_at=timezone.now(), due_at=until)  # Alloy was down
    circuit = Circuit.objects.create(
        environment=conf.environment(), failures=9, openings=3, open_until=until
    )
    assert "9 calls in a row failed" in look_at(operator_client, "/admin/")
    assert "Open: Alloy is not called" in look_at(operator_client, page_of(circuit))
    Circuit.objects.update(open_until=timezone.now())
    assert "Half-open" in look_at(operator_client, page_of(circuit))
    page = act(operator_client, "close", circuit, from_page="yes")
    circuit.refresh_from_db()
    assert (circuit.failures, circuit.openings, circuit.open_until) == (0, 0, None)
    assert "Closed: Alloy is called" in page
    assert MessageGroup.objects.due().exists()
