from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from integrations.outbox.backoff import full_jitter


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
