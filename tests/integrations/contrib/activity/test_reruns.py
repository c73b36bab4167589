"""Running an execution again, where Alloy says little or nothing of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from integrations.alloy import AlloyError, Workflow
from integrations.contrib.activity.models import Rerun
from integrations.contrib.activity.reruns import execution_rerun
from integrations.models import AlloyUser
from tests.integrations.contrib.activity.steps import execution, logs
from tests.integrations.fake_alloy import FakeAlloy, Reply
from tests.integrations.pages.conftest import BIGCOMMERCE, alloy_user, integrations

__all__ = ["alloy_user", "integrations"]

pytestmark = pytest.mark.django_db

WORKFLOW = Workflow(workflow_id="w1", installed=True)


def run_again(alloy_user: AlloyUser) -> bool:
    return execution_rerun(alloy_user=alloy_user, workflow=WORKFLOW, execution_id="e1")


def test_what_ran_again_without_a_name_of_its_own_is_not_run_once_more(
    alloy: FakeAlloy, alloy_user: AlloyUser
) -> None:
    alloy.fail_always("/rerun/e1", Reply(body={"message": "success"}))
    assert run_again(alloy_user)
    Rerun.objects.update(asked_at=timezone.now() - timedelta(minutes=2))
    assert not run_again(alloy_user)
    assert len(alloy.calls_to("/rerun/e1")) == 1


def test_a_lost_answer_counts_as_a_rerun_for_a_while_only(
    alloy: FakeAlloy, alloy_user: AlloyUser
) -> None:
    alloy.fail("/rerun/e1", Reply(502))
    with pytest.raises(AlloyError):
        run_again(alloy_user)
    assert [each.execution_id for each in Rerun.objects.that_count()] == ["e1"]
    Rerun.objects.update(asked_at=timezone.now() - timedelta(minutes=2))
    assert not Rerun.objects.that_count().exists()


def test_the_button_comes_back_when_nobody_knows_whether_it_ran(
    alloy: FakeAlloy, alloy_user: AlloyUser, merchant: User, merchant_client: Client
) -> None:
    alloy.fail_always("/logs", Reply(body=logs(execution(1, error="no"))))
    rerun = Rerun.objects.create(
        tenant=merchant, environment=alloy_user.environment, execution_id="execution-1"
    )
    page = f"/integrations/{BIGCOMMERCE['integrationId']}/"
    assert b'id="rerun-' not in merchant_client.get(page).content
    Rerun.objects.filter(pk=rerun.pk).update(asked_at=timezone.now() - timedelta(minutes=2))
    assert b'id="rerun-' in merchant_client.get(page).content
