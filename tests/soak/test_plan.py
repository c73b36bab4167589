from __future__ import annotations

import pytest

from bench.soak.plan import Alloy, Plan

PLAN = Plan(burst_rate=800, burst_seconds=60, rate=200, seconds=1800)


@pytest.mark.parametrize(
    ("second", "alloy", "since"),
    [
        (0, Alloy.UP, 0),
        (599, Alloy.UP, 599),
        (600, Alloy.DOWN, 0),
        (899, Alloy.DOWN, 299),
        (900, Alloy.UP, 0),
        (1200, Alloy.SLOW, 0),
        (1499, Alloy.SLOW, 299),
        (1500, Alloy.UP, 0),
        (1805, Alloy.UP, 305),
    ],
)
def test_alloy_is_down_and_then_slow_for_a_sixth_of_the_time_each(
    second: float, alloy: Alloy, since: float
) -> None:
    assert (PLAN.alloy_at(second), PLAN.seconds_in_this_state(second)) == (alloy, since)


def test_before_the_steady_load_alloy_is_up() -> None:
    assert PLAN.alloy_at(-30) is Alloy.UP


def test_no_webhook_belongs_to_both_phases() -> None:
    assert PLAN.bursting == range(48_000)
    assert PLAN.steady == range(48_000, 408_000)
