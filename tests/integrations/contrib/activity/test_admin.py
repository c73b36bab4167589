from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from integrations.contrib.activity.models import WorkflowFailure
from tests.integrations.admin.steps import act, list_of, look_at, page_of
from tests.integrations.contrib.activity.steps import WORKFLOW, streamed


def test_a_failure_is_shown_with_workflow_block_execution_and_user(
    merchant: User, operator_client: Client
) -> None:
    failure = streamed(merchant, "refused <b>", execution="execution-7")
    failure.subjects.create(subject="118")
    html = look_at(operator_client, page_of(failure))
    for shown in (WORKFLOW, "bigcommerce", "execution-7", merchant.email, "refused &lt;b&gt;"):
        assert shown in html
    assert "118" in html


@pytest.mark.parametrize(
    "query", [{"q": WORKFLOW}, {"q": "execution-7"}, {"q": "merchant@"}, {"state": "open"}]
)
def test_a_failure_is_found(
    merchant: User, other_merchant: User, operator_client: Client, query: dict[str, str]
) -> None:
    mine = streamed(merchant, execution="execution-7")
    other = streamed(other_merchant, workflow="another")
    WorkflowFailure.objects.filter(pk=other.pk).update(resolved_at=timezone.now())
    html = look_at(operator_client, list_of(WorkflowFailure), **query)
    assert page_of(mine) in html
    assert page_of(other) not in html


def test_a_failure_is_marked_as_resolved_by_hand(
    merchant: User, operator_client: Client, viewer_client: Client
) -> None:
    failure = streamed(merchant)
    act(viewer_client, "resolve", failure)
    assert WorkflowFailure.objects.get().resolved_at is None
    page = act(operator_client, "resolve", failure, from_page="yes")
    assert "1 workflow failure resolved." in page
    assert WorkflowFailure.objects.get().resolved_at is not None
