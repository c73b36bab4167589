from __future__ import annotations

from collections import Counter

import pytest

from bench.chaos import plan
from bench.chaos.plan import Plan


def test_the_same_seed_makes_the_same_plan_and_another_another() -> None:
    assert plan.full(7).kills() == plan.full(7).kills() != plan.full(8).kills()
    assert plan.small(7).statuses() == plan.small(7).statuses() != plan.small(8).statuses()


def test_the_full_run_is_as_large_as_it_is_said_to_be() -> None:
    full = plan.full(1)
    kills = Counter(kill.part.partition("-")[0] for kill in full.kills())
    ways = Counter(kill.how for kill in full.kills())

    assert (full.orders, full.changes) == (10_000, 30_000)
    assert kills["worker"] >= 20
    assert kills["redis"] == 5
    assert (ways["immediate stop"], ways["all connections"]) == (5, 5)


def test_kills_are_spread_over_the_whole_load() -> None:
    moments = [kill.at for kill in plan.full(1).kills()]

    assert moments == sorted(moments)
    assert max(b - a for a, b in zip([0.0, *moments], [*moments, 1.0], strict=True)) < 0.1


@pytest.mark.parametrize(("orders", "changes"), [(10, 30), (10, 31), (7, 7), (3, 15)])
def test_every_change_gives_its_order_a_status_it_never_had(orders: int, changes: int) -> None:
    statuses = Plan(seed=1, orders=orders, changes=changes).statuses()

    assert len(statuses) == orders
    assert sum(map(len, statuses)) == changes
    assert all(len(set(of_one)) == len(of_one) > 0 for of_one in statuses)


def test_more_changes_than_there_are_statuses_are_refused() -> None:
    with pytest.raises(ValueError, match="between 1 and 5"):
        Plan(seed=1, orders=10, changes=51)
