"""Times as people say them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.templatetags.moments import ago


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


def test_no_time_is_nothing() -> None:
    assert ago(None) == ""
