from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from integrations.backoff import full_jitter
from integrations.models import MessageGroup
from integrations.outbox.relay import Relay
from tests.integrations.conftest import make_ready
from tests.integrations.fake_alloy import FakeAlloy, Reply
from tests.integrations.outbox.steps import let_waits_end, outcomes, tell, wait_of


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


def waits_of(group: MessageGroup, *, rounds: int) -> list[float]:
    """Relay so often; return how many seconds the group waits each time."""
    waits = []
    for _ in range(rounds):
        Relay(senders=1).drain(seconds=600)  # the waits as they are
        waits.append(wait_of(group).total_seconds())
        let_waits_end()
    return waits


@pytest.mark.usefixtures("_time_stands_still")
@pytest.mark.django_db
def test_waits_grow_with_the_failures_in_a_row_and_while_a_tenant_has_no_alloy_user(
    alloy: FakeAlloy, merchant: User, other_merchant: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.uniform", lambda low, high: high)
    make_ready(merchant)
    alloy.fail_always("/run/event", Reply(500))
    alloy.fail_always("/users", Reply(422, {"message": "Not a user name"}))
    assert waits_of(tell(merchant).group, rounds=3) == [1, 2, 4]
    event = tell(other_merchant)
    assert waits_of(event.group, rounds=4) == [1, 2, 4, 8]
    assert set(outcomes(event)) == {"temporary"}
