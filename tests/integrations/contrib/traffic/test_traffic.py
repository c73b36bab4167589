"""What operators see of the last day: samples, percentiles, and the page with the charts."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from integrations import conf
from integrations.contrib.traffic.histogram import BOUNDS, added, histogram, percentile
from integrations.contrib.traffic.models import Sample
from integrations.contrib.traffic.sampling import take_sample
from integrations.models import Delivery, Message, MessageGroup

PAGE = "/admin/alloy_traffic/sample/"
MINUTE = timedelta(minutes=1)


@given(st.lists(st.lists(st.floats(0, 10**6), max_size=50), min_size=1, max_size=5))
def test_histograms_add_up_and_their_percentiles_rise(groups: list[list[float]]) -> None:
    counts = added(histogram(group) for group in groups)
    assert sum(counts) == sum(len(group) for group in groups)
    found = [percentile(counts, share) for share in (0.5, 0.95, 1)]
    if not sum(counts):
        assert found == [None] * 3
    else:
        rising = [0, *(each for each in found if each is not None), BOUNDS[-1]]
        assert len(rising) == 5
        assert rising == sorted(rising)


@pytest.mark.parametrize(
    ("seconds", "median", "most"),
    [([0.3] * 10, 0.35, 0.485), ([0.3] * 90 + [8.0] * 10, 0.367, 7.5), ([10**9], 46_800, 82_440)],
)
def test_a_percentile_is_read_from_the_buckets(
    seconds: list[float], median: float, most: float
) -> None:
    counts = histogram(seconds)
    assert percentile(counts, 0.5) == pytest.approx(median, abs=0.01)
    assert percentile(counts, 0.95) == pytest.approx(most, abs=0.01)


def message(state: str, *, settled_at: datetime | None, took: float = 1.0, **group: Any) -> None:
    number = Message.objects.count() + 1
    queue = MessageGroup.objects.create(
        **{"environment": conf.environment(), **group}, key=f"order:{number}"
    )
    made = Message.objects.create(
        group=queue, sequence=1, kind="event", state=state, settled_at=settled_at
    )
    begun = (settled_at or timezone.now()) - timedelta(seconds=took)
    Message.objects.filter(pk=made.pk).update(created_at=begun)


def delivery(kind: str, *, processed_at: datetime) -> None:
    made = Delivery.objects.create(
        kind=kind,
        environment=conf.environment(),
        digest=f"{Delivery.objects.count()}",
        body=b"",
        state=Delivery.State.PROCESSED,
        processed_at=processed_at,
    )
    Delivery.objects.filter(pk=made.pk).update(received_at=processed_at - timedelta(seconds=3))


@pytest.mark.django_db
class TestSampling:
    def test_a_sample_has_what_was_settled_in_its_minute_in_this_environment(self) -> None:
        end = timezone.now().replace(second=0, microsecond=0)
        Sample.objects.create(
            environment=conf.environment(),
            ends_at=end - MINUTE,
            waiting=0,
            delivered=0,
            received=0,
            sent_within=histogram([]),
            received_within=histogram([]),
        )
        within, before = end - timedelta(seconds=30), end - timedelta(minutes=2)
        message("delivered", settled_at=within, took=0.3)
        message("delivered", settled_at=before)
        message("discarded", settled_at=within)
        message("delivered", settled_at=within, environment="another")
        message("waiting", settled_at=None)
        delivery("orders", processed_at=within)
        delivery("errors", processed_at=within)
        take_sample()
        sample = Sample.objects.latest("ends_at")
        assert (sample.ends_at, sample.waiting) == (end, 1)
        assert (sample.delivered, sample.received) == (1, 1)
        assert sample.sent_within == histogram([0.3])
        assert sample.received_within == histogram([3.0])

    def test_whoever_keeps_house_too_takes_no_second_sample_and_old_ones_go(self) -> None:
        take_sample()
        Sample.objects.create(
            environment=conf.environment(),
            ends_at=timezone.now() - timedelta(days=8),
            waiting=0,
            delivered=0,
            received=0,
            sent_within=[],
            received_within=[],
        )
        take_sample()
        Sample.objects.filter(ends_at__gt=timezone.now() - MINUTE).update(
            ends_at=timezone.now() - 5 * MINUTE
        )
        take_sample()
        assert Sample.objects.count() == 2


@pytest.mark.django_db
class TestThePage:
    def test_it_draws_four_charts_each_with_its_table_in_few_queries(
        self, operator_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        now = timezone.now()
        Sample.objects.bulk_create(
            Sample(
                environment=conf.environment(),
                ends_at=now - number * MINUTE,
                waiting=number,
                delivered=10,
                received=2,
                sent_within=histogram([0.3, 0.4, 8.0]),
                received_within=histogram([1.5]),
            )
            for number in range(120)
        )
        with django_assert_max_num_queries(8):
            html = operator_client.get(PAGE).content.decode()
        titles = ("Queue depth", "Throughput", "Delivery latency", "Time to the merchant")
        assert re.findall(r"<h2>([^<]+)</h2>", html) == list(titles)
        assert html.count("<table") == 4
        assert "style=" not in html.partition('id="content-main"')[2]

    def test_it_stands_without_a_sample_and_is_linked_from_the_front_page(
        self, operator_client: Client
    ) -> None:
        assert operator_client.get(PAGE).status_code == 200
        assert PAGE in operator_client.get("/admin/").content.decode()

    def test_it_is_for_operators_with_the_permission(
        self, merchant: User, merchant_client: Client
    ) -> None:
        type(merchant).objects.filter(pk=merchant.pk).update(is_staff=True)
        assert merchant_client.get(PAGE).status_code == 403
