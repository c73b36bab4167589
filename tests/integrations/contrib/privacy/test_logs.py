from __future__ import annotations

import pytest

from accounts.models import User
from integrations.contrib.activity.models import Rerun, WorkflowFailure
from integrations.contrib.privacy.selectors import export_of, progress_of
from integrations.contrib.privacy.services import Requester, logs_erase
from integrations.models import AlloyUser, Delivery, IntegrationsSnapshot, Message
from tests.integrations.admin import rows
from tests.integrations.contrib.activity.steps import streamed
from tests.integrations.fake_alloy import FakeAlloy, Reply
from tests.integrations.outbox.steps import relay_once, relay_until_quiet

pytestmark = pytest.mark.django_db


def test_only_the_logs_go(alloy: FakeAlloy, merchant: User) -> None:
    order = rows.delivery(merchant)
    streamed(merchant)
    logs_erase(tenant=merchant, requested_by=Requester.MERCHANT)
    assert list(Delivery.objects.all()) == [order]
    assert not WorkflowFailure.objects.exists()
    relay_until_quiet()
    assert [call.method for call in alloy.calls if call.path.endswith("/logs")] == ["DELETE"]
    merchant.refresh_from_db()


def test_asking_twice_while_it_is_under_way_asks_alloy_once(merchant: User) -> None:
    once = logs_erase(tenant=merchant, requested_by=Requester.MERCHANT)
    twice = logs_erase(tenant=merchant, requested_by=Requester.MERCHANT)
    assert once == twice
    assert Message.objects.filter(kind="erase_logs").count() == 1


def test_a_tenant_without_an_alloy_user_can_ask_as_well(
    alloy_user: AlloyUser, merchant: User
) -> None:
    alloy_user.delete()
    logs_erase(tenant=merchant, requested_by=Requester.MERCHANT)
    relay_until_quiet()
    (progress,) = progress_of(merchant)
    assert progress.finished_at is not None


def test_asking_again_later_erases_again(alloy: FakeAlloy, merchant: User) -> None:
    for _ in range(2):
        logs_erase(tenant=merchant, requested_by=Requester.MERCHANT)
        relay_until_quiet()
    assert len(alloy.calls_to("/logs")) == 2


def test_the_merchant_sees_how_far_it_is_and_what_is_in_the_way(
    alloy: FakeAlloy, merchant: User
) -> None:
    alloy.fail("/logs", Reply(409, {"message": "A workflow is running"}))
    logs_erase(tenant=merchant, requested_by=Requester.MERCHANT)
    relay_once()
    (progress,) = progress_of(merchant)
    assert "A workflow is running" in progress.problem
    relay_until_quiet()
    (progress,) = progress_of(merchant)
    assert (progress.finished_at is None, progress.problem) == (False, "")


def test_the_export_holds_what_is_the_merchants_and_nothing_else(
    merchant: User, other_merchant: User
) -> None:
    rows.dead_letter(merchant)
    rows.delivery(merchant)
    rows.delivery(other_merchant, body=b'{"secret": "of the other"}')
    export = {name: list(section) for name, section in export_of(merchant).items()}
    assert (len(export["deliveries"]), len(export["attempts"])) == (1, 1)
    assert "of the other" not in str(export)


def test_the_export_leaves_out_nothing_that_is_about_the_merchant(
    alloy_user: AlloyUser, merchant: User
) -> None:
    logs_erase(tenant=merchant, requested_by=Requester.MERCHANT)
    streamed(merchant).subjects.create(subject="118")
    mine = {"tenant": merchant, "environment": alloy_user.environment}
    Rerun.objects.create(**mine, execution_id="execution-1")
    IntegrationsSnapshot.objects.create(alloy_user=alloy_user, data=[{"app": "BigCommerce"}])
    export = {name: list(section) for name, section in export_of(merchant).items()}
    assert export["failure_subjects"][0]["subject"] == "118"
    assert export["reruns"][0]["execution_id"] == "execution-1"
    assert export["integrations"][0]["data"] == [{"app": "BigCommerce"}]
    assert export["erasures"][0]["scope"] == "logs"
