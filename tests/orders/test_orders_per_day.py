"""The chart of orders per day on the home page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.template import Context, Template
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from orders.models import Order
from orders.templatetags import orders_per_day as module

pytestmark = pytest.mark.django_db


def arrived(merchant: User, *days_ago: int, to_fulfil: bool = True) -> None:
    for number, days in enumerate(days_ago):
        order = Order.objects.create(
            merchant=merchant, external_id=f"{merchant.pk}-{days}-{number}", to_fulfil=to_fulfil
        )
        received_at = timezone.now() - timedelta(days=days)
        Order.objects.filter(pk=order.pk).update(received_at=received_at)


def chart_for(merchant: User, rf: Any) -> Any:
    request = rf.get("/")
    request.user = merchant
    return module.orders_per_day(Context({"request": request}))


def test_the_merchants_own_orders_are_counted_by_day_in_one_query(
    merchant: User, other_merchant: User, rf: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    arrived(merchant, 30, 2, 0, 0)
    arrived(merchant, 1, to_fulfil=False)
    arrived(other_merchant, 0)
    with django_assert_num_queries(1):
        chart = chart_for(merchant, rf)
    assert list(chart.series[0].values) == [0] * 11 + [1, 0, 2]
    assert chart.note == "3 orders in 14 days"


def test_days_that_were_not_counted_to_their_end_are_left_out(
    merchant: User, rf: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrived(merchant, 9, 3, 3, 1, 0)
    monkeypatch.setattr(module, "COUNTED", 3)
    assert list(chart_for(merchant, rf).series[0].values) == [0, 1, 1]


def test_without_orders_there_is_nothing(merchant: User, rf: Any) -> None:
    assert chart_for(merchant, rf) is None
    request = rf.get("/")
    request.user = merchant
    page = Template("{% include 'home/orders_per_day.html' %}").render(
        Context({"request": request})
    )
    assert "<svg" not in page
