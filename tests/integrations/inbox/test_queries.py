"""What a webhook costs the database: it is the busiest path there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from integrations.inbox import process
from integrations.models import AlloyUser
from tests.integrations.inbox.steps import ORDER, Sender, url_of

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_webhook_is_kept_with_one_look_for_its_tenant_one_for_itself_and_one_insert(
    sender: Sender, alloy_user: AlloyUser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(5) as asked:
        sender.post(url_of("orders", f"userId={alloy_user.user_id}"), ORDER)

    verbs = [query["sql"].split()[0] for query in asked.captured_queries]
    assert verbs == ["SELECT", "SELECT", "BEGIN", "INSERT", "COMMIT"]


def test_to_look_for_work_is_to_look_into_the_index_of_what_waits(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(1) as asked:
        assert process.sweep(seconds=1) == 0

    assert 'ORDER BY "integrations_delivery"."due_at"' in asked.captured_queries[0]["sql"]
