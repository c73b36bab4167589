"""Each check of `make chaos` is shown records that are in order, and records doctored in one way.

Live proof on a product that is broken on purpose: `python -m bench.chaos --prove`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.chaos import audit
from bench.chaos.audit import Acceptance, Change, Records, all_hold, verdict

MUG, LAMP = ("merchant", "100"), ("merchant", "101")
FIRST, SECOND, OTHER = (
    Change("first", MUG, "PICKING"),
    Change("second", MUG, "SHIPPED", unanswered=1),
    Change("other", LAMP, "PACKED"),
)


def accepted(*changes: Change) -> list[Acceptance]:
    return [Acceptance(change.uid, change.order, change.status) for change in changes]


IN_ORDER = Records(
    changes=[FIRST, OTHER, SECOND],
    acceptances=accepted(FIRST, SECOND, SECOND, OTHER),
    store={MUG: "SHIPPED", LAMP: "PACKED"},
    orders=[(MUG, "SHIPPED"), (LAMP, "PACKED")],
    confirmed=[(MUG, "SHIPPED"), (LAMP, "PACKED")],
    taken_in=[MUG, LAMP],
    left_over={"events still waiting": 0},
)


def failing(records: Records) -> dict[str, float]:
    """Return the checks that found something, with their figures."""
    return {row.name: row.value for row in verdict(records) if not row.holds}


def test_books_that_are_in_order_pass_with_the_repeat_that_a_lost_answer_explains() -> None:
    assert all_hold(verdict(IN_ORDER))
    assert audit.duplicates(IN_ORDER) == 1


@pytest.mark.parametrize(
    ("doctored", "found"),
    [
        (replace(IN_ORDER, acceptances=accepted(FIRST, SECOND)), {"events lost": 1}),
        (
            replace(IN_ORDER, changes=[FIRST, SECOND]),
            {
                "events sent of changes never committed": 1,
                "changes confirmed to a client, then gone": 1,
            },
        ),
        (replace(IN_ORDER, acceptances=accepted(SECOND, FIRST, OTHER)), {"events out of order": 2}),
        (
            replace(IN_ORDER, acceptances=accepted(FIRST, SECOND, OTHER, OTHER)),
            {"duplicates that no lost answer explains": 1},
        ),
        (
            replace(IN_ORDER, acceptances=accepted(FIRST, SECOND, SECOND, SECOND, OTHER)),
            {"duplicates that no lost answer explains": 1, "duplicates": 2},
        ),
        (
            replace(IN_ORDER, store={**IN_ORDER.store, ("merchant", "102"): "Pending"}),
            {"orders lost": 1},
        ),
        (replace(IN_ORDER, taken_in=[MUG, LAMP, ("merchant", "102")]), {"orders lost": 1}),
        (replace(IN_ORDER, orders=[*IN_ORDER.orders, (MUG, "SHIPPED")]), {"orders made twice": 1}),
        (
            replace(IN_ORDER, orders=[*IN_ORDER.orders, (("merchant", "100-again"), "RECEIVED")]),
            {"orders made twice": 1},
        ),
        (
            replace(IN_ORDER, store={**IN_ORDER.store, MUG: "PICKING"}),
            {"orders whose status differs in the store": 1},
        ),
        (replace(IN_ORDER, left_over={"events still waiting": 3}), {"events still waiting": 3}),
    ],
)
def test_books_doctored_in_one_way_fail_the_check_that_is_for_it(
    doctored: Records, found: dict[str, float]
) -> None:
    assert failing(doctored) == found


@given(st.lists(st.integers(0, 4), min_size=1, max_size=12))
def test_only_steps_of_none_or_one_forward_are_in_order(sequence: list[int]) -> None:
    changes = [Change(str(number), MUG, str(number)) for number in range(5)]
    records = replace(
        IN_ORDER, changes=changes, acceptances=accepted(*(changes[place] for place in sequence))
    )
    steps = [now - before for before, now in zip([-1, *sequence], sequence, strict=False)]
    is_right = sequence[0] == 0 and all(step in (0, 1) for step in steps)

    assert (audit.out_of_order(records) == 0) == is_right


@pytest.mark.parametrize("check", [audit.out_of_order, audit.lost_events])
def test_orders_do_not_mix(check: Callable[[Records], int]) -> None:
    assert check(replace(IN_ORDER, acceptances=accepted(OTHER, FIRST, SECOND))) == 0
