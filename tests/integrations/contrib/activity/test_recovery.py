from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from integrations import conf
from integrations.contrib.activity.models import WorkflowFailure
from integrations.contrib.activity.recovery import look_for_recoveries
from integrations.contrib.activity.selectors import failures_about, open_failures
from integrations.models import AlloyUser, Circuit, IntegrationsSnapshot, Message
from integrations.pages.receivers import installations_finished
from tests.integrations.contrib.activity.steps import WORKFLOW, execution, logs, streamed
from tests.integrations.deliveries import installation
from tests.integrations.fake_alloy import FakeAlloy, Reply
from tests.integrations.outbox.steps import relay_once
from tests.integrations.pages.conftest import BIGCOMMERCE

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
NO_ORDER = "Request failed with status code 404: no order '118'"


def test_a_later_run_that_succeeds_resolves_it(alloy: FakeAlloy, merchant: User) -> None:
    streamed(merchant, at=timezone.now() - MINUTE)
    alloy.fail_always("/logs", Reply(body=logs(execution(2))))
    assert look_for_recoveries() == 1
    assert not open_failures(merchant).exists()


def test_an_earlier_success_or_a_later_failure_resolves_nothing(
    alloy: FakeAlloy, merchant: User
) -> None:
    streamed(merchant, at=timezone.now() - MINUTE)
    lines = logs(execution(2, error="no"), execution(1, ago=2 * MINUTE))
    alloy.fail_always("/logs", Reply(body=lines))
    look_for_recoveries()
    assert open_failures(merchant).count() == 1


def test_one_call_a_workflow_however_many_kinds_of_errors(alloy: FakeAlloy, merchant: User) -> None:
    for text in ("no order", "no access", "no answer"):
        streamed(merchant, text)
    alloy.fail_always("/logs", Reply(body=logs()))
    look_for_recoveries()
    assert len(alloy.calls) == 1


def test_a_merchant_who_is_not_at_alloy_yet_holds_up_nobody(
    alloy: FakeAlloy, merchant: User, other_merchant: User
) -> None:
    streamed(other_merchant, at=timezone.now() - MINUTE)
    streamed(merchant, at=timezone.now() - MINUTE)
    AlloyUser.objects.filter(tenant=other_merchant).update(user_id="")
    alloy.fail_always("/logs", Reply(body=logs(execution(2))))
    assert look_for_recoveries() == 2
    assert not open_failures(merchant).exists()


def test_the_longest_unread_come_first_and_not_more_than_the_limit(
    alloy: FakeAlloy, merchant: User
) -> None:
    for number in range(3):
        streamed(merchant, workflow=f"workflow-{number}")
    alloy.fail_always("/logs", Reply(body=logs()))
    look_for_recoveries(limit=2)
    look_for_recoveries(limit=2)
    read = {call.path.split("/")[-2] for call in alloy.calls}
    assert read == {f"workflow-{number}" for number in range(3)}


def test_alloy_is_left_alone_while_it_is_down(alloy: FakeAlloy, merchant: User) -> None:
    streamed(merchant)
    until = timezone.now() + MINUTE
    Circuit.objects.create(environment=conf.environment(), failures=9, open_until=until)
    assert look_for_recoveries() == 0
    assert alloy.calls == []


def test_after_a_call_that_fails_no_more_are_made(alloy: FakeAlloy, merchant: User) -> None:
    for number in range(3):
        streamed(merchant, workflow=f"workflow-{number}")
    alloy.fail_always("/logs", Reply(503))
    look_for_recoveries()
    assert len(alloy.calls) == 1


def test_what_fails_in_a_workflow_that_is_gone_is_resolved(
    alloy: FakeAlloy, merchant: User
) -> None:
    streamed(merchant)
    alloy.fail_always("/logs", Reply(404, {"message": "Workflow not found"}))
    look_for_recoveries()
    assert not open_failures(merchant).exists()


def test_a_run_says_which_order_it_was_about(alloy: FakeAlloy, merchant: User) -> None:
    streamed(merchant, NO_ORDER, execution="execution-9")
    lines = logs(
        execution(9, error=NO_ORDER),
        execution(8, error=NO_ORDER.replace("118", "77"), data={"id": 77}),
        execution(7, error="something else", data={"orderId": "5"}),
    )
    alloy.fail_always(f"/{WORKFLOW}/logs", Reply(body=lines))
    relay_once()
    assert {each.subject for each in WorkflowFailure.objects.get().subjects.all()} == {"118", "77"}
    (problem,) = failures_about(merchant, "118")
    assert (problem.detail, problem.count) == (NO_ORDER, 1)
    assert failures_about(merchant, "5") == []


def test_a_stranger_never_sees_it(merchant: User, other_merchant: User) -> None:
    streamed(merchant).subjects.create(subject="118")
    assert failures_about(other_merchant, "118") == []


def test_a_copy_of_the_integrations_that_another_release_wrote_breaks_nothing(
    merchant: User,
) -> None:
    streamed(merchant).subjects.create(subject="118")
    alloy_user = AlloyUser.objects.get(tenant=merchant)
    IntegrationsSnapshot.objects.create(alloy_user=alloy_user, data=[{"of": "another shape"}])
    (problem,) = failures_about(merchant, "118")
    assert (problem.url, problem.workflow) == ("", "")


@pytest.mark.parametrize("data", [{}, {"orderId": ""}, {"orderId": True}, {"orderId": ["1"]}])
def test_a_run_that_does_not_say_what_it_was_about_is_about_nothing(
    alloy: FakeAlloy, merchant: User, data: dict[str, object]
) -> None:
    streamed(merchant, NO_ORDER)
    alloy.fail_always("/logs", Reply(body=logs(execution(1, error=NO_ORDER, data=data))))
    relay_once()
    assert not WorkflowFailure.objects.get().subjects.exists()


def test_while_alloy_is_down_the_question_waits(alloy: FakeAlloy, merchant: User) -> None:
    streamed(merchant, NO_ORDER)
    alloy.fail_always("/logs", Reply(503))
    relay_once()
    assert Message.objects.get(kind="explain_failure").state == Message.State.WAITING


@pytest.mark.parametrize("times", [1, 2])
def test_an_account_that_is_connected_again_is_no_longer_refused(
    alloy_user: AlloyUser, merchant: User, times: int
) -> None:
    """Alloy says the same once more when the same account is connected a second time."""
    IntegrationsSnapshot.objects.create(alloy_user=alloy_user, data=[BIGCOMMERCE])
    app = {"integrationId": BIGCOMMERCE["integrationId"]}
    if times > 1:
        finished = installation(alloy_user, **app)
    streamed(merchant, "Request failed with status code 403", at=timezone.now())
    other = streamed(merchant, NO_ORDER, at=timezone.now())
    if times == 1:
        finished = installation(alloy_user, **app)
    finished.delivery.times_received = times
    installations_finished([finished])
    assert list(open_failures(merchant)) == [other]
