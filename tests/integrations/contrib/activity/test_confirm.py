"""An error that only a header attributes is shown to nobody until Alloy's own log bears it out."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from integrations import conf, inbox
from integrations.contrib.activity.models import WorkflowFailure
from integrations.models import AlloyUser, Delivery, Message, MessageGroup
from integrations.outbox import relay
from tests.integrations.contrib.activity.steps import WORKFLOW, execution, logs
from tests.integrations.fake_alloy import FakeAlloy, Reply

pytestmark = pytest.mark.django_db(transaction=True)  # senders are threads


@pytest.fixture
def delivery(alloy_user: AlloyUser) -> Delivery:
    """A streamed error as the webhook view keeps it, processed."""
    told = {"workflowId": WORKFLOW, "executionId": f"{7:024x}", "error": "no order 118"}
    kept = Delivery(
        kind=Delivery.Kind.ERROR,
        environment=conf.environment(),
        hinted_user_id=alloy_user.user_id,
        digest="d",
        body=json.dumps(told).encode(),
        due_at=timezone.now(),
    )
    Delivery.objects.keep(kept)
    inbox.sweep(seconds=600)
    kept.refresh_from_db()
    return kept


def ask(alloy: FakeAlloy, *numbers: int) -> None:
    """Let Alloy's log hold these runs, and send what waits in the outbox."""
    user_id = AlloyUser.objects.get().user_id
    entries = [
        {
            "userId": user_id,
            "data": {"executionId": f"{number:024x}", "executionUuid": f"u{number}"},
        }
        for number in numbers
    ]
    others = {"userId": "another", "data": {"executionId": f"{7:024x}"}}
    lines = [execution(number, error="no order 118") for number in numbers]
    alloy.fail_always(f"/workflows/{WORKFLOW}/logs", Reply(body=logs(*lines)))
    alloy.fail_always("/logs", Reply(body={"notifications": [*entries, others]}))
    MessageGroup.objects.update(due_at=timezone.now())
    relay.drain(seconds=600)


def test_it_is_the_tenants_once_the_tenants_log_has_the_run(
    alloy: FakeAlloy, delivery: Delivery, alloy_user: AlloyUser
) -> None:
    assert (delivery.tenant, WorkflowFailure.objects.count()) == (None, 0)
    ask(alloy, 6, 7)
    relay.drain(seconds=600)
    delivery.refresh_from_db()
    assert delivery.tenant == alloy_user.tenant
    failure = WorkflowFailure.objects.get()
    assert (failure.tenant, failure.last_execution_id) == (alloy_user.tenant, "execution-6")


def test_until_then_it_is_nobodys_and_alloy_is_asked_again(
    alloy: FakeAlloy, delivery: Delivery
) -> None:
    ask(alloy, 6)
    assert not WorkflowFailure.objects.exists()
    assert Message.objects.get(kind="confirm_error").state == Message.State.WAITING
    ask(alloy, 7)
    assert WorkflowFailure.objects.count() == 1


def test_what_no_log_bears_out_is_a_dead_letter_in_the_end(
    alloy: FakeAlloy, delivery: Delivery
) -> None:
    Delivery.objects.update(received_at=timezone.now() - timedelta(hours=2))
    ask(alloy)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.tenant, WorkflowFailure.objects.count()) == ("dead", None, 0)
    assert f"has no run {7:024x}" in delivery.error
