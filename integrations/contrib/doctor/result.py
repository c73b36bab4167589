"""The result of a check."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """The level of a result; `SKIPPED`: another check has to pass first, or it does not apply."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Result:
    """The result of one check: `detail` says what is, `hint` what to do; both for people."""

    state: State
    detail: str
    hint: str = ""
    name: str = ""


def ok(detail: str) -> Result:
    """Say that something is as it should be."""
    return Result(State.OK, detail)


def warning(detail: str, hint: str) -> Result:
    """Say that something works and will cause trouble."""
    return Result(State.WARNING, detail, hint)


def failed(detail: str, hint: str) -> Result:
    """Say that something does not work."""
    return Result(State.FAILED, detail, hint)


def skipped(detail: str) -> Result:
    """Say why something was not looked at."""
    return Result(State.SKIPPED, detail)
