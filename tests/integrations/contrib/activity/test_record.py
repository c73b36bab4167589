from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from integrations.contrib.activity.models import WorkflowFailure
from integrations.contrib.activity.record import StreamedError, digest_of
from integrations.models import Message
from tests.integrations.contrib.activity.steps import WORKFLOW, streamed

pytestmark = pytest.mark.django_db


def test_many_equal_errors_are_one_line_with_a_count(merchant: User) -> None:
    for number in range(12):
        streamed(merchant, f"Request failed with status code 404: no order '{number}'")
    failure = WorkflowFailure.objects.get()
    assert failure.count == 12
    assert failure.message.endswith("no order '11'")
    assert failure.block == "bigcommerce"


def test_many_errors_ask_one_question_while_it_waits(merchant: User) -> None:
    for number in range(5):
        streamed(merchant, f"no order {number}")
    assert Message.objects.filter(kind="explain_failure").count() == 1


@pytest.mark.postgresql
def test_another_error_workflow_or_merchant_is_another_line(
    merchant: User, other_merchant: User
) -> None:
    streamed(merchant, "no order 1")
    streamed(merchant, "no access")
    streamed(merchant, "no order 1", workflow="another")
    streamed(other_merchant, "no order 1")
    assert list(WorkflowFailure.objects.values_list("count", flat=True)) == [1, 1, 1, 1]


@pytest.mark.postgresql
def test_a_new_error_opens_a_resolved_line_again(merchant: User) -> None:
    failure = streamed(merchant)
    WorkflowFailure.objects.update(resolved_at=timezone.now() - timedelta(minutes=1))
    failure.subjects.create(subject="of the last time")
    again = streamed(merchant)
    assert (again.pk, again.resolved_at, again.count) == (failure.pk, None, 2)
    assert not again.subjects.exists()


def test_an_error_that_comes_late_does_not_open_what_a_later_run_made_good(merchant: User) -> None:
    streamed(merchant)
    resolved_at = timezone.now()
    WorkflowFailure.objects.update(resolved_at=resolved_at)
    late = streamed(merchant, at=resolved_at - timedelta(minutes=1), execution="the late one")
    assert (late.resolved_at, late.count) == (resolved_at, 2)
    assert late.last_execution_id != "the late one"


def test_a_time_in_the_future_counts_as_now(merchant: User) -> None:
    failure = streamed(merchant, at=timezone.now() + timedelta(days=300))
    assert failure.last_seen_at <= timezone.now()


@pytest.mark.parametrize("time", ["yesterday", "", None, 12, "2026-11-20T10:00:00"])
def test_a_time_that_makes_no_sense_refuses_no_error(time: object) -> None:
    body = {"workflowId": "w", "executionId": "e", "error": "no", "createdAt": time}
    assert StreamedError.model_validate(body).error == "no"


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00"])
def test_a_time_outside_the_calendar_counts_as_none(time: str) -> None:
    body = {"workflowId": "w", "executionId": "e", "error": "no", "createdAt": time}
    assert StreamedError.model_validate(body).created_at is None


@pytest.mark.parametrize(
    ("told", "error"), [(None, ""), ({"message": "no access"}, "no access"), (["no"], '["no"]')]
)
def test_an_error_in_whatever_form_is_taken_in(told: object, error: str) -> None:
    body = {"workflowId": "w", "executionId": "e", "error": told, "blockType": None}
    streamed = StreamedError.model_validate(body)
    assert (streamed.error, streamed.block_type) == (error, "")


@pytest.mark.postgresql
def test_what_a_database_cannot_hold_is_taken_out(merchant: User) -> None:
    failure = streamed(merchant, "no\0 order", workflow="w\0")
    assert failure.workflow_id == "w"
    assert "\0" not in failure.message


def test_secrets_in_an_error_are_masked(merchant: User) -> None:
    failure = streamed(merchant, "refused: Authorization: Bearer abc.def")
    assert "abc.def" not in failure.message


@given(st.lists(st.integers(0, 10**12), min_size=2, max_size=2), st.uuids(), st.uuids())
def test_errors_that_differ_in_ids_and_numbers_are_equal(
    numbers: list[int], one: object, other: object
) -> None:
    texts = [f"no order {numbers[0]} in run {one}", f"no order {numbers[1]} in run {other}"]
    assert digest_of(WORKFLOW, "b", texts[0]) == digest_of(WORKFLOW, "b", texts[1])


def test_errors_that_differ_in_words_are_not() -> None:
    assert digest_of(WORKFLOW, "b", "no order 1") != digest_of(WORKFLOW, "b", "no access 1")
