from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench import report
from bench.plot import plot
from bench.report import Goal, Plot, finish

PAGE = """# Figures

<!-- rates: written by a command -->

of last year

<!-- rates: end -->

What was learned.
"""


@pytest.fixture
def docs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(report, "DOCS", tmp_path)
    (tmp_path / "benchmarks.md").write_text(PAGE)
    return tmp_path


def test_a_bench_writes_its_own_section_and_leaves_what_people_wrote(docs: Path) -> None:
    drawn = Plot("curve", {"ours": [(1, 2), (2, 3)]}, x="calls", y="events")
    finish("rates", Namespace(write=True), "first", "", "second", plots=[drawn])
    assert (docs / "benchmarks.md").read_text() == PAGE.replace(
        "of last year", "first\n\nsecond\n\n![events over calls](curve.svg)"
    )
    assert (docs / "curve.svg").exists()


def test_a_bench_that_is_not_told_to_write_only_prints(
    docs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    finish("rates", Namespace(write=False), "a table")
    assert (docs / "benchmarks.md").read_text() == PAGE
    assert "a table" in capsys.readouterr().out


@pytest.mark.usefixtures("docs")
def test_a_section_that_the_page_does_not_have_is_named() -> None:
    with pytest.raises(SystemExit, match="no section 'idle'"):
        finish("idle", Namespace(write=True), "a table")


@pytest.mark.parametrize(
    ("goal", "cells"),
    [
        (Goal("rate", 0.94, least=0.94), ("at least 0.94", "0.94", "reached")),
        (Goal("rate", 0.93, least=0.94), ("at least 0.94", "0.93", "**not reached**")),
        (Goal("lost", 0, most=0), ("at most 0", "0", "reached")),
        (Goal("p50", 5.5, most=5, unit=" ms"), ("at most 5 ms", "5.50 ms", "**not reached**")),
        (Goal("best peer", None, least=1), ("at least 1", "not measured", "")),
    ],
)
def test_a_goal_says_what_was_wanted_and_whether_it_was_reached(
    goal: Goal, cells: tuple[str, str, str]
) -> None:
    assert goal.cells == (goal.what, *cells)


def test_the_names_of_lines_that_end_at_one_place_do_not_cover_each_other(tmp_path: Path) -> None:
    line = [(1.0, 5.0), (2.0, 9.0)]
    plot(tmp_path / "it.svg", {"one": line, "other": line, "<none>": []}, x="x", y="y")
    drawn = ElementTree.parse(tmp_path / "it.svg").getroot()  # noqa: S314 -- our own file
    places = {text.text: float(text.get("y", 0)) for text in drawn.iter() if text.text}
    assert abs(places["one"] - places["other"]) >= 13
