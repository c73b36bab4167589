from __future__ import annotations

import math

import pytest

from bench.soak.figures import Figure, growth, percentile, table, times


@pytest.mark.parametrize(
    ("share", "value"), [(1, 1), (50, 50), (95, 95), (99, 99), (99.5, 100), (100, 100)]
)
def test_a_percentile_is_a_value_that_was_seen(share: float, value: float) -> None:
    assert percentile(range(100, 0, -1), share) == value


def test_the_percentile_of_few_values_is_the_slowest() -> None:
    assert percentile([3.0, 9.0], 99) == 9.0


def test_there_is_no_percentile_of_nothing() -> None:
    assert math.isnan(percentile([], 99))


@pytest.mark.parametrize(
    ("figure", "cells", "fails"),
    [
        (Figure("n", 7), ("n", "7", "", ""), False),
        (Figure("n", 0, most=0), ("n", "0", "0", "ok"), False),
        (Figure("n", 1, most=0), ("n", "1", "0", "OFF"), True),
        (Figure("n", 5.1, " %", most=5), ("n", "5.1 %", "at most 5 %", "OFF"), True),
        (Figure("n", 9, least=8), ("n", "9", "at least 8", "ok"), False),
        (Figure("n", 7, least=8), ("n", "7", "at least 8", "OFF"), True),
        (
            Figure("n", 51, " ms", most=50, wished=True),
            ("n", "51 ms", "at most 50 ms (wished)", "missed"),
            False,
        ),
    ],
)
def test_what_must_hold_fails_a_run_and_a_wish_is_only_marked(
    figure: Figure, cells: tuple[str, ...], fails: bool
) -> None:
    assert (figure.cells, figure.fails) == (cells, fails)


def test_what_could_not_be_measured_does_not_hold() -> None:
    unknown = Figure("n", math.nan, most=5)

    assert unknown.fails
    assert unknown.cells == ("n", "not measured", "at most 5", "OFF")


def test_wished_percentiles_come_with_others_in_order() -> None:
    rows = times("page", [10.0, 20.0], wished={95: 15.0}, also=(50,))

    assert table("t", rows).splitlines()[2:] == [
        "| page, p50 |  10 ms |                        |        |",
        "| page, p95 |  20 ms | at most 15 ms (wished) | missed |",
    ]


def test_growth_is_from_after_the_warm_up_to_the_end() -> None:
    warming_up, first, middle, last = (5.0, 15.0, 50.0, 95.0)
    series = [(warming_up, 1), (first, 100), (middle, 900), (last, 110), (101.0, 999)]

    grown = growth([(second, {"web 1": rss}) for second, rss in series], seconds=100)

    assert grown == {"web 1": pytest.approx(10.0)}


def test_one_odd_sample_is_no_growth() -> None:
    sizes = [100, 100, 100, 100, 500, 100]
    seconds = [11.0, 12.0, 13.0, 91.0, 92.0, 93.0]

    series = [(second, {"web 1": size}) for second, size in zip(seconds, sizes, strict=True)]

    assert growth(series, seconds=100) == {"web 1": 0.0}


def test_a_process_that_died_or_came_later_has_no_growth_to_show() -> None:
    grown = growth([(15.0, {"web 1": 100}), (95.0, {"web 2": 100})], seconds=100)

    assert grown.keys() == {"web 1", "web 2"}
    assert all(math.isnan(each) for each in grown.values())
