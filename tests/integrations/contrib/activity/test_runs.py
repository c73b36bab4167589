"""What a workflow did lately: pages, filters, the chart, and polls."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.core.cache import cache

from integrations.alloy import Execution
from integrations.contrib.activity.chart import chart_of
from integrations.contrib.activity.payloads import LONGEST_JSON
from integrations.contrib.activity.selectors import open_failures
from tests.integrations.contrib.activity.steps import execution, logs, streamed
from tests.integrations.fake_alloy import Call, FakeAlloy, Reply
from tests.integrations.pages.conftest import BIGCOMMERCE, alloy_user, integrations
from tests.pages import HTMX, poll

if TYPE_CHECKING:
    from django.test import Client

    from accounts.models import User

ID = BIGCOMMERCE["integrationId"]
PAGE = f"/integrations/{ID}/"
ACTIVITY = f"{PAGE}activity/"
PAYLOAD = f"{ACTIVITY}run/?run=execution-1"
SPARKLINE = f"{PAGE}sparkline/"

__all__ = ["alloy_user", "integrations"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("alloy_user")]


def keep(alloy: FakeAlloy, count: int) -> None:
    """Have Alloy keep so many executions, and answer the page that is asked for."""
    kept = [execution(number, ago=timedelta(minutes=number)) for number in range(count)]

    def answer(call: Call) -> Reply:
        page, limit = int(call.query["page"][0]), int(call.query["limit"][0])
        return Reply(body=logs(*kept[page * limit : (page + 1) * limit]))

    alloy.fail_always("/logs", answer)


def shown(html: str) -> list[str]:
    return re.findall(r"Run execution-(\d+)", html)


@pytest.mark.parametrize(
    ("page", "first", "last", "more"),
    [("0", 0, 9, True), ("1", 10, 19, True), ("2", 20, 29, True), ("3", 30, 34, False)],
)
def test_every_run_is_on_one_page(
    alloy: FakeAlloy, merchant_client: Client, page: str, first: int, last: int, more: bool
) -> None:
    keep(alloy, 35)
    html = merchant_client.get(PAGE, {"page": page}).content.decode()
    assert shown(html) == [str(number) for number in range(first, last + 1)]
    assert (">Older<" in html) == more
    assert (">Newer<" in html) == (page != "0")
    assert len(alloy.calls_to("/logs")) == 1


@pytest.mark.parametrize("page", ["-1", "x", "9" * 40, "1.5", "٣"])
def test_a_page_that_makes_no_sense_breaks_nothing(
    alloy: FakeAlloy, merchant_client: Client, page: str
) -> None:
    keep(alloy, 1)
    assert merchant_client.get(PAGE, {"page": page}).status_code == 200


def test_failures_are_asked_for_at_alloy(alloy: FakeAlloy, merchant_client: Client) -> None:
    keep(alloy, 0)
    html = merchant_client.get(PAGE, {"show": "failures"}).content.decode()
    assert alloy.calls_to("/logs")[0].query["error"] == ["true"]
    assert "No failures" in html


def test_a_poll_is_answered_only_when_something_changed(
    alloy: FakeAlloy, merchant_client: Client
) -> None:
    alloy.fail_always("/logs", Reply(body=logs(execution(1))))
    html = merchant_client.get(PAGE).content.decode()
    activity = html[html.index('id="activity"') :]
    assert "hx-swap-oob" in activity
    assert poll(merchant_client, activity).status_code == 204
    alloy.fail_always("/logs", Reply(body=logs()))
    assert poll(merchant_client, activity).status_code == 200


def test_while_alloy_cannot_be_read_the_page_says_so_and_shows_the_rest(
    alloy: FakeAlloy, merchant_client: Client
) -> None:
    alloy.fail_always("/logs", Reply(503))
    html = merchant_client.get(PAGE).content.decode()
    assert "be read right now" in html
    assert "Order status sync" in html


def test_a_run_that_succeeds_closes_what_failed_before(
    alloy: FakeAlloy, merchant: User, merchant_client: Client
) -> None:
    past = datetime.now(UTC) - timedelta(minutes=1)
    streamed(merchant, at=past)
    assert b"Something went wrong" in merchant_client.get(PAGE).content
    alloy.fail_always("/logs", Reply(body=logs(execution(1))))
    merchant_client.get(PAGE)
    assert not open_failures(merchant).exists()


def test_what_went_in_and_came_out_is_escaped_and_bounded(
    alloy: FakeAlloy, merchant_client: Client
) -> None:
    long = execution(1, data={"note": "<script>alert(1)</script>", "long": "x" * 50_000})
    alloy.fail_always("/logs", Reply(body=logs(long)))
    html = merchant_client.get(PAGE).content.decode()
    assert "alert(1)" not in html, "what nobody has opened is not sent"
    for headers in (HTMX, {}):
        html = merchant_client.get(PAYLOAD, headers=headers).content.decode()
        assert "&lt;script&gt;alert(1)" in html
        assert f"the first {LONGEST_JSON:,} of" in html
        assert len(html) < 60_000


def test_a_run_is_found_although_newer_ones_have_pushed_it_down(
    alloy: FakeAlloy, merchant_client: Client
) -> None:
    keep(alloy, 35)
    html = merchant_client.get(PAYLOAD.replace("-1", "-33"), headers=HTMX).content.decode()
    assert "Gave back" in html


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(503), "be read right now"),
        (Reply(body=logs(execution(2))), "no longer keeps this run"),
    ],
)
def test_a_run_that_cannot_be_shown_says_why(
    alloy: FakeAlloy, merchant_client: Client, reply: Reply, said: str
) -> None:
    alloy.fail_always("/logs", reply)
    assert said in merchant_client.get(PAYLOAD, headers=HTMX).content.decode()


def test_what_fails_is_on_the_card_as_well(
    alloy: FakeAlloy, merchant: User, merchant_client: Client
) -> None:
    streamed(merchant)
    html = merchant_client.get("/integrations/").content.decode()
    assert "could not find what was asked for" in html
    assert "See what happened" in html


def test_a_sparkline_is_read_once_and_then_drawn_from_what_is_kept_as_json(
    alloy: FakeAlloy, merchant_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: dict[str, str] = {}
    monkeypatch.setattr(cache, "set", lambda key, value, _: kept.update({key: json.dumps(value)}))
    monkeypatch.setattr(cache, "get", lambda key: json.loads(kept[key]) if key in kept else None)
    assert SPARKLINE in merchant_client.get("/integrations/").content.decode()
    keep(alloy, 3)
    first = merchant_client.get(SPARKLINE, headers=HTMX).content.decode()
    read = len(alloy.calls_to("/logs"))
    assert merchant_client.get(SPARKLINE, headers=HTMX).content.decode() == first
    assert len(alloy.calls_to("/logs")) == read
    assert 'aria-label="Runs per hour: ' in first
    assert "runs in all" in first


def test_where_nothing_ran_or_alloy_is_away_the_card_says_that_it_has_no_runs_to_show(
    alloy: FakeAlloy, merchant_client: Client
) -> None:
    for reply in (Reply(503), Reply(body=logs())):
        alloy.fail_always("/logs", reply)
        assert "No runs to show" in merchant_client.get(SPARKLINE, headers=HTMX).content.decode()


def runs(*ago: timedelta, failed: bool = False) -> list[Execution]:
    """Runs that began so long ago."""
    now = datetime.now(UTC)
    error = "no" if failed else ""
    return [
        Execution.model_validate({"executionId": "e", "startedAt": now - each, "error": error})
        for each in ago
    ]


def test_the_chart_of_a_few_days_has_a_column_a_day() -> None:
    days = [timedelta(days=day) for day in range(4)]
    chart = chart_of([*runs(*days), *runs(timedelta(days=2), failed=True)], are_all=True)
    assert chart is not None
    assert chart.title == "Runs per day"
    assert chart.note == "5 runs in all"
    succeeded, failed = (list(each.values) for each in chart.series)
    assert succeeded == [0] * 10 + [1, 1, 1, 1]
    assert failed == [0] * 11 + [1, 0, 0]


def test_the_chart_of_a_busy_day_has_a_column_an_hour_and_says_what_it_leaves_out() -> None:
    chart = chart_of(runs(*[timedelta(minutes=5 * each) for each in range(30)]), are_all=False)
    assert chart is not None
    assert chart.title == "Runs per hour"
    assert chart.note == "the last 30 runs"
    assert 3 <= len(chart.begins) <= 4, "of the hours before nothing is known"
    assert sum(value or 0 for value in chart.series[0].values) == 30


def test_there_is_no_chart_of_nothing() -> None:
    assert chart_of([], are_all=True) is None
