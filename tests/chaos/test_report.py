from __future__ import annotations

from bench.chaos.report import Row, all_hold, grid, table


def test_a_figure_above_its_limit_fails_the_whole_report() -> None:
    fine, informing, off = Row("a", 3, limit=3), Row("b", 99), Row("c", 1, limit=0)

    assert all_hold([fine, informing])
    assert not all_hold([fine, informing, off])
    assert off.cells == ("1", "0", "FAILED")


def test_a_table_is_markdown_with_aligned_columns() -> None:
    assert grid(("name", "n"), [("long name", "1"), ("x", "1,000")], numbers={1}).splitlines() == [
        "| name      |     n |",
        "| --------- | ----: |",
        "| long name |     1 |",
        "| x         | 1,000 |",
    ]


def test_a_table_of_facts_has_no_columns_for_limits() -> None:
    assert table("facts", [Row("time", 1234, unit=" s")]).splitlines()[-1] == "| time  | 1,234 s |"
