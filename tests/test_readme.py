"""What the README says of the code is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
LINKS = sorted(set(re.findall(r"\]\((?!https?:|#)([^)#]+)", README)))
LENGTHS = re.findall(r"\]\(([^)]+\.py)\) \((\d+)\)", README)


@pytest.mark.parametrize("path", LINKS)
def test_what_is_linked_is_there(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize(("path", "said"), LENGTHS)
def test_a_stop_of_the_hour_is_about_as_long_as_it_says(path: str, said: str) -> None:
    lines = len((ROOT / path).read_text().splitlines())
    assert abs(lines - int(said)) <= 0.15 * lines
