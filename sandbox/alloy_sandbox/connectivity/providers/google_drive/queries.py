"""The query `q` of a list: terms such as `name = 'a' and trashed = false`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from alloy_sandbox.connectivity.providers.google_drive.errors import google_error
from alloy_sandbox.core.models import DriveFile

Condition = Callable[[DriveFile], bool]

TERM = re.compile(
    r"(?:(?P<field>name|mimeType) (?P<is>=|!=|contains) '(?P<text>(?:[^'\\]|\\.)*)'"
    r"|trashed = (?P<trashed>true|false)"
    r"|'(?P<parent>[\w-]+)' in parents)"
    r"(?: and (?=.)|$)"
)


def conditions(query: str) -> list[Condition]:
    """Return what a file has to meet; raises Google's error for what is no query."""
    return [_condition(term) for term in _terms(query.strip())]


def _terms(query: str) -> Iterator[re.Match[str]]:
    """Read one term after the other; what is no term is an error of Google's."""
    place = 0
    while place < len(query):
        term = TERM.match(query, place)
        if term is None:
            raise google_error(400, "Invalid Value", location="q")
        yield term
        place = term.end()


def _condition(term: re.Match[str]) -> Condition:
    if term["trashed"]:
        return lambda file: file.trashed is (term["trashed"] == "true")
    if term["parent"]:
        return lambda file: term["parent"] in file.parents
    field = "name" if term["field"] == "name" else "mime_type"
    text = re.sub(r"\\(.)", r"\1", term["text"])
    comparisons: dict[str, Callable[[str], bool]] = {
        "=": lambda value: value == text,
        "!=": lambda value: value != text,
        "contains": lambda value: text.lower() in value.lower(),
    }
    compare = comparisons[term["is"]]
    return lambda file: compare(getattr(file, field))
