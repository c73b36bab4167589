"""Charts: columns of time, and bars and lines that stay within their frame."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.template.loader import render_to_string
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from integrations.charts import DAY, HOUR, SIZE, Chart, Series, columns, shown, tally

NOON = datetime(2026, 11, 20, 12, 34, tzinfo=UTC)
figures = st.one_of(st.none(), st.integers(0, 10**9), st.floats(0, 1e6))


def chart(*series: Series, lines: bool = False, unit: str = "") -> Chart:
    begins = columns(NOON, length=DAY, count=len(series[0].values))
    return Chart("c", "Orders", begins, DAY, series, lines=lines, unit=unit)


@given(st.lists(st.tuples(figures, figures), min_size=1, max_size=60), st.booleans())
def test_whatever_the_figures_are_they_stay_within_the_frame(
    pairs: list[tuple[float | None, float | None]], lines: bool
) -> None:
    first, second = zip(*pairs, strict=True)
    drawn = chart(Series("a", first), Series("b", second, "bad"), lines=lines)
    for bar in drawn.bars:
        assert 0 <= bar.x <= bar.x + bar.width <= SIZE
        assert -0.02 <= bar.y <= bar.y + bar.height <= SIZE + 0.02
    for path in drawn.paths:
        assert all(0 <= float(each) <= SIZE for each in re.findall(r"[\d.]+(?:e-?\d+)?", path.d))
    assert len(drawn.rows) == len(pairs)


def test_a_line_is_broken_where_nothing_is_known() -> None:
    (path,) = chart(Series("a", [1, None, 1, 2]), lines=True).paths
    assert path.d == "M6.25 50h12.5M62.5 50L87.5 0"


@pytest.mark.parametrize(
    ("highest", "scale"),
    [
        (0, ["2", "1", "0"]),
        (3, ["4", "2", "0"]),
        (5, ["6", "3", "0"]),
        (700, ["1,000", "500", "0"]),
    ],
)
def test_the_scale_is_made_of_figures_that_read_well(highest: int, scale: list[str]) -> None:
    assert chart(Series("a", [highest])).scale == scale


def test_days_begin_at_midnight_where_the_reader_is_also_when_the_clocks_change() -> None:
    with timezone.override(ZoneInfo("Europe/Berlin")):
        days = columns(datetime(2026, 10, 26, 0, 30, tzinfo=UTC), length=DAY, count=3)
    assert [each.isoformat() for each in days] == [
        "2026-10-24T00:00:00+02:00",
        "2026-10-25T00:00:00+02:00",
        "2026-10-26T00:00:00+01:00",
    ]


def test_what_was_before_the_first_column_is_left_out() -> None:
    hours = columns(NOON, length=HOUR, count=2)
    moments = [NOON, NOON - HOUR, NOON - 2 * HOUR, NOON + timedelta(minutes=1)]
    assert tally(moments, hours) == [1, 2]


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        *((0, "0"), (3.0, "3"), (0.1234, "0.12"), (12.34, "12.3"), (1234.5, "1,234")),
        (1e6, "1,000,000"),
    ],
)
def test_figures_are_rounded_to_what_can_be_told_apart(figure: float, text: str) -> None:
    assert shown(figure) == text


def test_a_drawing_has_a_name_its_figures_as_a_table_and_no_style_in_any_language() -> None:
    drawn = chart(Series("Succeeded", [1.5, 2]), Series("Failed", [0, None], "bad"), unit="s")
    with translation.override("de"):
        html = render_to_string("integrations/_chart.html", {"chart": drawn})
    assert 'role="img" aria-labelledby="c-title c-text"' in html
    assert html.count("<tr>") == 3
    assert "style=" not in html
    assert re.findall(r'<rect class="chart-bar [^>]* height="([^"]+)"', html)[-1] == "100"
    assert "1,50\N{NO-BREAK SPACE}s" in html
