"""Alloy users, their snapshots, and the circuit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from integrations import conf
from integrations.admin.services import provision_now
from integrations.models import AlloyUser, Circuit, IntegrationsSnapshot, Message, MessageGroup
from tests.integrations.admin.steps import act, list_of, look_at, page_of

if TYPE_CHECKING:
    from django.test import Client

    from accounts.models import User
    from tests.integrations.fake_alloy import FakeAlloy


def missing(merchant: User) -> tuple[AlloyUser, Message]:
    """The merchant's Alloy user, not made yet, and the message that is to make it."""
    alloy_user = AlloyUser.objects.get(tenant=merchant)
    return alloy_user, Message.objects.get(kind="provision", tenant=merchant)


def test_an_alloy_user_is_found_by_tenant_and_by_readiness(
    merchant: User, other_merchant: User, operator_client: Client
) -> None:
    mine, _ = missing(merchant)
    theirs, _ = missing(other_merchant)
    AlloyUser.objects.filter(pk=theirs.pk).update(user_id="abc")
    for query in ({"q": merchant.name}, {"tenant": merchant.pk}, {"ready": "no"}):
        found = look_at(operator_client, list_of(AlloyUser), **query)
        assert page_of(mine) in found
        assert page_of(theirs) not in found


def test_provisioning_that_backs_off_is_made_due(merchant: User, operator_client: Client) -> None:
    alloy_user, message = missing(merchant)
    later = timezone.now() + timedelta(minutes=9)
    MessageGroup.objects.filter(pk=message.group_id).update(due_at=later, failures=5)
    assert "Asked Alloy for 1" in act(operator_client, "provision", alloy_user, from_page="yes")
    message.group.refresh_from_db()
    assert message.group.due_at is not None
    assert message.group.due_at < later


def test_provisioning_that_was_given_up_is_retried(merchant: User, operator_client: Client) -> None:
    alloy_user, message = missing(merchant)
    Message.objects.filter(pk=message.pk).update(state=Message.State.DEAD)
    act(operator_client, "provision", alloy_user)
    message.refresh_from_db()
    assert message.state == Message.State.WAITING


def test_provisioning_that_was_discarded_is_asked_for_anew(merchant: User) -> None:
    alloy_user, message = missing(merchant)
    Message.objects.filter(pk=message.pk).update(state=Message.State.DISCARDED)
    assert provision_now(alloy_user=alloy_user)
    assert Message.objects.filter(kind="provision", state=Message.State.WAITING).count() == 1


def test_another_keys_alloy_user_is_never_made_with_this_key(merchant: User) -> None:
    alloy_user, _ = missing(merchant)
    alloy_user.environment = "another"
    assert not provision_now(alloy_user=alloy_user)


def test_a_snapshot_is_read_anew(
    merchant: User,
    provisioned: Callable[[User], AlloyUser],
    alloy: FakeAlloy,
    operator_client: Client,
) -> None:
    alloy_user = provisioned(merchant)
    snapshot = IntegrationsSnapshot.objects.create(alloy_user=alloy_user)
    assert "was read anew" in act(operator_client, "refresh", snapshot, from_page="yes")
    snapshot.refresh_from_db()
    assert snapshot.fetched_at is not None


def test_a_snapshot_that_cannot_be_read_says_why(merchant: User, operator_client: Client) -> None:
    alloy_user, _ = missing(merchant)
    snapshot = IntegrationsSnapshot.objects.create(alloy_user=alloy_user)
    assert "does not exist at Alloy yet" in act(operator_client, "refresh", snapshot)


def test_an_open_circuit_is_closed_and_work_goes_on(
    operator_client: Client, operator: User
) -> None:
    until = timezone.now() + timedelta(seconds=30)
    circuit = Circuit.objects.create(
        environment=conf.environment(), failures=9, openings=3, open_until=until
    )
    assert "9 calls in a row failed" in look_at(operator_client, "/admin/")
    page = act(operator_client, "close", circuit, from_page="yes")
    circuit.refresh_from_db()
    assert (circuit.failures, circuit.openings, circuit.open_until) == (0, 0, None)
    assert "Closed: Alloy is called" in page


def test_who_may_only_look_cannot_close_the_circuit(viewer_client: Client) -> None:
    until = timezone.now() + timedelta(seconds=30)
    circuit = Circuit.objects.create(environment="here", failures=9, open_until=until)
    act(viewer_client, "close", circuit)
    circuit.refresh_from_db()
    assert circuit.failures == 9
