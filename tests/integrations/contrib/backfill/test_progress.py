from __future__ import annotations

import io

import pytest

from integrations.contrib.backfill.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock() -> list[float]:
    """What time it is; a test moves it on."""
    return [0.0]


def test_it_shows_counts_rate_and_time_left(clock: list[float]) -> None:
    progress = Progress(Terminal(), clock=lambda: clock[0])
    progress.start("Creating", total=10_000)
    clock[0] = 10.0
    progress.advance(2_500)
    assert progress.line() == (
        "Creating [######..................] 2,500 of 10,000, 250/s, 30 s left"
    )


def test_it_is_drawn_over_itself_and_cleared(clock: list[float]) -> None:
    terminal = Terminal()
    progress = Progress(terminal, clock=lambda: clock[0])
    progress.start("Creating", total=2)
    progress.advance(1)
    progress.clear()
    first, second = terminal.getvalue().split("\r")[1:]
    assert "1 of 2" in first
    assert second == "\x1b[K"


def test_it_draws_a_few_times_a_second_at_most(clock: list[float]) -> None:
    terminal = Terminal()
    progress = Progress(terminal, clock=lambda: clock[0])
    progress.start("Creating", total=1000)
    for _ in range(500):
        progress.advance(1)
    assert terminal.getvalue().count("\r") == 1


def test_nothing_is_written_where_nobody_watches() -> None:
    log = io.StringIO()
    progress = Progress(log)
    progress.start("Creating", total=1)
    progress.advance(1)
    progress.clear()
    assert log.getvalue() == ""
