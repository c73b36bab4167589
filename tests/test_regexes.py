"""No text from outside makes a regular expression read it more than a bounded number of times.

Python's engine backtracks. It stays linear where, after an unbounded repetition, one character
tells whether it goes on; and where a search that fails behind one cannot begin again inside it.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from re import _compiler, _constants, _parser  # type: ignore[attr-defined]
from typing import Any

import pytest

PACKAGES = ("accounts", "acmeco", "integrations", "meetings", "orders")
ROOT = Path(__file__).parent.parent
SIGNS = frozenset(map(chr, range(0x180))) | set("\u2028\u200d\ud800山😀")
MANY = 1000
SEARCHES = {"search", "sub", "subn", "split", "findall", "finditer"}
APPLIED = SEARCHES | {"match", "fullmatch"}
REPEATS = (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT)
Item = tuple[Any, Any]


class Reading:
    """What can be said of one pattern from its syntax tree."""

    def __init__(self, pattern: re.Pattern[str], *, searched: bool) -> None:
        self.state = _parser.parse(pattern.pattern, pattern.flags)
        self.items: list[Item] = list(self.state)
        self.searched = searched

    def faults(self) -> Iterator[str]:
        yield from self._walk(self.items, follow=frozenset(), must_follow=False)

    def _walk(self, items: list[Item], follow: frozenset[str], must_follow: bool) -> Iterator[str]:
        for at, (op, value) in enumerate(items):
            rest = items[at + 1 :]
            more = must_follow or any(not (op in REPEATS and value[0] == 0) for op, value in rest)
            after = self._first(rest) | (follow if self._may_be_empty(rest) else frozenset())
            if op in REPEATS:
                _, most, body = value
                if most > MANY:
                    yield from self._unbounded(list(body), after, more)
                again = self._first(list(body)) if most > 1 else frozenset()
                yield from self._walk(list(body), after | again, more)
            for branch in self._inside(op, value):
                yield from self._walk(branch, after, more)

    def _unbounded(self, body: list[Item], after: frozenset[str], more: bool) -> Iterator[str]:
        signs = self._first(body)
        if signs & after:
            yield "a repetition and what follows it can take the same character"
        again = self._first(self.items) & signs if more and self.searched else frozenset()
        if again and not self._begins_apart_from(again):
            yield "a search that fails behind a repetition can begin again inside it"

    def _begins_apart_from(self, signs: frozenset[str]) -> bool:
        op, value = self.items[0]
        if op is _constants.ASSERT_NOT and value[0] < 0:
            return signs <= self._first(list(value[1]))
        return op is _constants.AT and value in (_constants.AT_BEGINNING_STRING,)

    def _inside(self, op: Any, value: Any) -> list[list[Item]]:
        if op is _constants.SUBPATTERN:
            return [list(value[3])]
        if op is _constants.BRANCH:
            return [list(each) for each in value[1]]
        return [list(value)] if op is _constants.ATOMIC_GROUP else []

    def _first(self, items: list[Item]) -> frozenset[str]:
        found: frozenset[str] = frozenset()
        for item in items:
            found |= self._first_of(item)
            if not self._may_be_empty([item]):
                break
        return found

    def _first_of(self, item: Item) -> frozenset[str]:
        op, value = item
        if op in (_constants.AT, _constants.ASSERT, _constants.ASSERT_NOT):
            return frozenset()
        if op in REPEATS:
            return self._first(list(value[2]))
        if inside := self._inside(op, value):
            return frozenset().union(*map(self._first, inside))
        one = _compiler.compile(_parser.SubPattern(self.state.state, [item]))
        return frozenset(filter(one.fullmatch, SIGNS))

    def _may_be_empty(self, items: list[Item]) -> bool:
        return all(self._can_be_empty(*item) for item in items)

    def _can_be_empty(self, op: Any, value: Any) -> bool:
        if op in (_constants.AT, _constants.ASSERT, _constants.ASSERT_NOT):
            return True
        if op in REPEATS:
            return value[0] == 0 or self._may_be_empty(list(value[2]))
        return any(map(self._may_be_empty, self._inside(op, value)))


def patterns() -> Iterator[tuple[str, re.Pattern[str], bool]]:
    """Yield the product's patterns, each with its place and whether texts are searched for it."""
    paths = sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))
    sources = {path: path.read_text() for path in paths}
    searched = set(re.findall(rf"\b(\w+)\.(?:{'|'.join(SEARCHES)})\(", "\n".join(sources.values())))
    for path, source in sources.items():
        where = str(path.relative_to(ROOT))
        yield from inline(where, source)
        if "re.compile(" in source:
            module = importlib.import_module(".".join(Path(where).with_suffix("").parts))
            for name, value in vars(module).items():
                for pattern in compiled_in(value):
                    yield f"{where} {name}", pattern, value is not pattern or name in searched


def inline(where: str, source: str) -> Iterator[tuple[str, re.Pattern[str], bool]]:
    if not re.search(r"\bre\.", source):
        return
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="re"), attr=name),
                args=[ast.Constant(value=str(pattern)), *_],
            ) if name in APPLIED:
                yield f"{where}:{node.lineno}", re.compile(pattern), name in SEARCHES


def compiled_in(value: object) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, (tuple, list)):
        for each in value:
            yield from compiled_in(each)


def test_the_products_patterns_read_a_text_once() -> None:
    found = {
        where: list(Reading(pattern, searched=searched).faults())
        for where, pattern, searched in patterns()
    }
    assert len(found) > 50
    assert {where: faults for where, faults in found.items() if faults} == {}


@pytest.mark.parametrize(
    "pattern",
    [
        r"eyJ[\w-]+\.[\w-]+",
        r"(a+)+b",
        r"(a|a)*b",
        r"\w+\d+x",
        r".*secret",
        r"\s+$",
        r"(?:[^'\\]|.)*'",
        r"a{0,100000}a",
    ],
)
def test_a_pattern_that_reads_a_text_again_and_again_is_found(pattern: str) -> None:
    assert list(Reading(re.compile(pattern), searched=True).faults())


@pytest.mark.parametrize(
    ("pattern", "searched"),
    [
        (r"(?<![\w-])[\w-]+\.", True),
        (r"[\w-]+\.", False),
        (r"x[a-z]{16,}", True),
        (r"\d+(?:,\d+)*", True),
    ],
)
def test_a_pattern_that_reads_it_once_is_not(pattern: str, searched: bool) -> None:
    assert not list(Reading(re.compile(pattern), searched=searched).faults())
