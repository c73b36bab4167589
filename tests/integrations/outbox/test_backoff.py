from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from integrations.backoff import full_jitter
from integrations.models import MessageGroup
from tests.integrations.fake_alloy import FakeAlloy, Reply
from tests.integrations.outbox.steps import let_waits_end, outcomes, relay_once, tell, wait_of


def longest(_low: float, high: float) -> float:
    """Throw the dice so that every wait is the longest."""
    return high


@given(failures=st.integers(1, 10_000), cap=st.floats(0.001, 1e6), base=st.floats(0.001, 100))
def test_a_wait_lies_between_nothing_and_the_doubled_base_or_the_cap(
    failures: int, cap: float, base: float
) -> None:
    wait = full_jitter(failures, cap=cap, base=base)
    longest = min(cap, base * 2.0 ** (failures - 1)) if failures <= 32 else cap
    assert timedelta() <= wait <= timedelta(seconds=longest)


def test_waits_are_spread_over_the_whole_range() -> None:
    waits = [full_jitter(7, cap=600).total_seconds() for _ in range(1000)]
    assert min(waits) < 8 < 56 < max(waits) <= 64


@pytest.mark.usefixtures("_time_stands_still")
@pytest.mark.django_db
def test_waits_grow_with_the_failures_in_a_row(
    alloy: FakeAlloy, merchant: User, group: MessageGroup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.uniform", longest)
    alloy.fail("/run/event", Reply(500), Reply(500), Reply(500))
    tell(merchant)
    waits = []
    for _ in range(3):
        relay_once()
        waits.append(wait_of(group).total_seconds())
        let_waits_end()
    assert waits == [1, 2, 4]


@pytest.mark.usefixtures("_time_stands_still")
@pytest.mark.django_db
def test_a_tenant_without_alloy_user_is_polled_at_ever_more_rarely(
    alloy: FakeAlloy, other_merchant: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.uniform", longest)
    alloy.fail_always("/users", Reply(422, {"message": "Not a user name"}))
    event = tell(other_merchant)
    waits = []
    for _ in range(4):
        relay_once()
        waits.append(wait_of(event.group).total_seconds())
        let_waits_end()
    assert waits == [1, 2, 4, 8]
    assert set(outcomes(event)) == {"temporary"}
