"""From an event to the runs that it started, and from a run to the order it was about."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from integrations import correlation
from integrations.contrib.activity.following import have_latest_runs_read
from integrations.contrib.activity.models import EventRun, WorkflowFailure
from integrations.event_results import EventResult, event_results, request_results
from integrations.events import publish
from integrations.models import AlloyUser, IntegrationsSnapshot, Message
from orders.events import FulfillmentUpdated
from orders.models import Order
from tests.integrations.contrib.activity.steps import execution, logs, streamed
from tests.integrations.fake_alloy import FakeAlloy, Reply
from tests.integrations.outbox.steps import relay_once
from tests.integrations.pages.conftest import BIGCOMMERCE

pytestmark = pytest.mark.django_db

WORKFLOW = BIGCOMMERCE["workflows"][0]["workflowId"]  # type: ignore[index]
PACKED = {"orderId": "118", "status": "PACKED"}
NOT_FOUND = "Request failed with status code 404: no order '118'"


@pytest.fixture(autouse=True)
def _snapshot(alloy_user: AlloyUser) -> None:
    IntegrationsSnapshot.objects.create(
        alloy_user=alloy_user, data=[BIGCOMMERCE], fetched_at=timezone.now()
    )


def event(merchant: User, **data: str) -> Message:
    """Return a message that Alloy has just taken."""
    with transaction.atomic():
        told = FulfillmentUpdated(**{**PACKED, **data})
        message = publish(told, tenant=merchant, subject="order:1")
    relay_once()
    message.refresh_from_db()
    assert message.state == Message.State.DELIVERED
    return message


def read(alloy: FakeAlloy, merchant: User, *executions: dict[str, Any]) -> None:
    """Have the runs read, of which Alloy's log has these."""
    alloy.fail_always("/logs", Reply(body=logs(*executions)))
    cache.clear()  # as if the seconds between two reads had passed
    request_results(merchant)
    relay_once()


def results(message: Message) -> list[EventResult]:
    return event_results([message.uid]).get(message.uid, [])


def test_a_run_is_known_by_what_it_was_given(alloy: FakeAlloy, merchant: User) -> None:
    message, other = event(merchant), event(merchant, status="SHIPPED")
    read(alloy, merchant, execution(1, data=PACKED))
    (found,) = results(message)
    assert (found.app, found.state) == ("BigCommerce", "succeeded")
    assert results(other) == []


def test_a_run_that_is_over_is_added_to_the_trace_of_its_event_once(
    alloy: FakeAlloy, merchant: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    traced: list[str] = []
    monkeypatch.setattr(correlation, "is_tracing", lambda: True)
    monkeypatch.setattr(correlation, "trace_run", lambda trace, *_, **__: traced.append(trace))
    message = event(merchant)
    for _ in range(2):
        read(alloy, merchant, execution(1, data=PACKED))
    assert traced == [message.correlation_id]


@pytest.mark.parametrize("wrapped", [{"body": PACKED}, {**PACKED, "more": 1}, {"data": PACKED}])
def test_it_does_not_matter_how_the_log_wraps_what_was_given(
    alloy: FakeAlloy, merchant: User, wrapped: dict[str, Any]
) -> None:
    message = event(merchant)
    read(alloy, merchant, execution(1, data=wrapped))
    assert len(results(message)) == 1


def test_of_two_events_alike_each_gets_its_own_run(alloy: FakeAlloy, merchant: User) -> None:
    first, second = event(merchant), event(merchant)
    minute_ago = timezone.now() - timedelta(minutes=1)
    Message.objects.filter(pk=first.pk).update(settled_at=minute_ago)
    runs = [execution(2, data=PACKED), execution(1, ago=timedelta(minutes=1), data=PACKED)]
    read(alloy, merchant, *runs)
    assert [len(results(each)) for each in (first, second)] == [1, 1]


def test_a_failed_run_is_said_in_plain_words_and_leads_to_the_run(
    alloy: FakeAlloy, merchant: User, merchant_client: Client
) -> None:
    message = event(merchant)
    read(alloy, merchant, execution(1, error=NOT_FOUND, data=PACKED))
    (found,) = results(message)
    assert found.state == "failed"
    assert "BigCommerce could not find" in found.words
    order = Order.objects.create(merchant=merchant, external_id="118")
    html = merchant_client.get(found.url.partition("#")[0]).content.decode()
    assert f'id="{found.url.partition("#")[2]}"' in html
    assert f'href="/orders/{order.pk}/">Order 118</a>' in html


def test_a_failed_run_of_which_no_error_was_streamed_is_a_failure_all_the_same(
    alloy: FakeAlloy, merchant: User, merchant_client: Client
) -> None:
    event(merchant)
    failed = execution(1, error=NOT_FOUND, data=PACKED)
    for _ in range(2):
        read(alloy, merchant, failed)
    assert WorkflowFailure.objects.get().subjects.get().subject == "118"
    assert WorkflowFailure.objects.get().count == 1
    assert "Needs attention" in merchant_client.get("/integrations/").content.decode()


@pytest.mark.parametrize(
    ("block", "said", "refused"),
    [
        ("bigcommerce", "BigCommerce refuses our access.", True),
        ("", "BigCommerce refuses our access.", True),
        ("slack", "Slack refuses our access.", True),
        ("streamData", "A step between Alloy and us failed.", False),
    ],
)
def test_what_refuses_us_is_named_and_wherever_it_says_so_connecting_again_is_the_button(
    merchant: User, merchant_client: Client, block: str, said: str, refused: bool
) -> None:
    failure = streamed(merchant, "answered 401: the access token was revoked")
    WorkflowFailure.objects.filter(pk=failure.pk).update(block=block)
    html = merchant_client.get("/integrations/").content.decode()
    assert said in html
    assert ("Connect again" in html) == refused
    assert ("See what happened" in html) != refused


def test_what_no_error_was_streamed_about_is_asked_for_once(
    alloy: FakeAlloy, merchant: User, merchant_client: Client
) -> None:
    error = {
        **{"workflowId": WORKFLOW, "block": "bigcommerce", "message": NOT_FOUND},
        "errorOccurredAt": (timezone.now() + timedelta(seconds=1)).isoformat(),
    }
    alloy.fail_always("/errors", Reply(body={"data": [error]}))
    alloy.fail_always("/logs", Reply(body=logs(execution(1, error="Failed"))))
    for _ in range(2):
        merchant_client.get(f"/integrations/{BIGCOMMERCE['integrationId']}/")
    assert len(alloy.calls_to("/errors")) == 1
    (failure,) = WorkflowFailure.objects.all()
    assert (failure.block, failure.message, failure.count) == ("bigcommerce", NOT_FOUND, 1)


def test_an_error_that_is_streamed_after_it_was_read_is_one_failure_not_two(
    alloy: FakeAlloy, merchant: User
) -> None:
    event(merchant)
    read(alloy, merchant, execution(1, error=NOT_FOUND, data=PACKED))
    streamed(merchant, NOT_FOUND)
    assert WorkflowFailure.objects.get().block == "bigcommerce"


def test_a_streamed_error_turns_the_line_red_though_nobody_waits(
    alloy: FakeAlloy, merchant: User
) -> None:
    message = event(merchant)
    alloy.fail_always("/logs", Reply(body=logs(execution(1, error=NOT_FOUND, data=PACKED))))
    streamed(merchant, NOT_FOUND)
    relay_once()
    assert [each.state for each in results(message)] == ["failed"]


def test_a_run_that_was_run_again_is_followed_under_its_new_id(
    alloy: FakeAlloy, merchant: User, merchant_client: Client
) -> None:
    message = event(merchant)
    read(alloy, merchant, execution(1, error=NOT_FOUND, data=PACKED))
    Message.objects.update(settled_at=timezone.now() - timedelta(hours=1))
    html = merchant_client.get(results(message)[0].url.partition("#")[0]).content.decode()
    shown = re.search(r'name="execution" value="([^"]+)"', html)
    assert shown
    again = {"message": "success", "executionUuid": "execution-2"}
    alloy.fail_always("/rerun/execution-1", Reply(body=again))
    page = f"/integrations/{BIGCOMMERCE['integrationId']}/rerun/"
    merchant_client.post(page, {"workflow": WORKFLOW, "execution": shown[1]})
    assert [each.state for each in results(message)] == ["running"]
    read(alloy, merchant, execution(2, data=PACKED), execution(1, error=NOT_FOUND, data=PACKED))
    assert [each.state for each in results(message)] == ["succeeded"]


def test_however_many_ask_the_log_is_read_once(alloy: FakeAlloy, merchant: User) -> None:
    event(merchant)
    for number in range(5):
        if number == 3:
            cache.clear()
        request_results(merchant)
    assert Message.objects.filter(kind="read_runs").count() == 1


def test_maintenance_reads_what_nobody_waits_for_until_it_is_known(
    alloy: FakeAlloy, merchant: User
) -> None:
    event(merchant)
    alloy.fail_always("/logs", Reply(body=logs(execution(1, data=PACKED))))
    have_latest_runs_read()
    relay_once()
    assert EventRun.objects.count() == 1
    have_latest_runs_read()
    assert Message.objects.filter(kind="read_runs").count() == 1


def test_a_stranger_with_the_same_order_number_learns_nothing(
    alloy: FakeAlloy, merchant: User, other_merchant: User
) -> None:
    theirs = publish_of(other_merchant)
    event(merchant)
    read(alloy, merchant, execution(1, data=PACKED))
    assert results(theirs) == []


def publish_of(merchant: User) -> Message:
    with transaction.atomic():
        message = publish(FulfillmentUpdated(**PACKED), tenant=merchant, subject="order:1")
    Message.objects.filter(pk=message.pk).update(
        state=Message.State.DELIVERED, settled_at=timezone.now()
    )
    return message
