"""Times as people say them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from integrations.templatetags.moments import ago, exactly, until


@pytest.mark.parametrize(
    ("away", "words"),
    [
        (timedelta(minutes=-3), "3\xa0minutes ago"),
        (timedelta(days=2, minutes=1), "in 2\xa0days"),
        (timedelta(days=-2, minutes=-1), "2\xa0days ago"),
    ],
)
def test_a_time_is_said_relative_and_shown_exactly(away: timedelta, words: str) -> None:
    moment = timezone.now() + away
    html = ago(moment)
    assert html.endswith(f"data-ago>{words}</time>")
    assert f'datetime="{moment.isoformat(timespec="seconds")}"' in html
    assert f"{moment:%Y}, {moment:%H:%M:%S} UTC" in html


def test_no_time_is_nothing_and_an_exact_one_names_its_zone() -> None:
    assert ago(None) == ""
    assert exactly(datetime(2026, 5, 1, 14, 3, 9, tzinfo=UTC)) == "1 May 2026, 14:03:09 UTC"


def test_what_is_due_already_happens_now_and_not_in_the_past() -> None:
    assert ">now<" in until(timezone.now() - timedelta(minutes=2))
    assert ">in 2\xa0minutes<" in until(timezone.now() + timedelta(minutes=2, seconds=1))
