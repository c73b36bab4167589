"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How bad it is; `SKIPPED` where something else has to be cured first, or it does not apply."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Finding:
    """One line of the result: `detail` says what is, `cure` what to do; both for people."""

    state: State
    detail: str
    cure: str = ""
    name: str = ""


def ok(detail: str) -> Finding:
    """Say that something is as it should be."""
    return Finding(State.OK, detail)


def warning(detail: str, cure: str) -> Finding:
    """Say that something works and will cause trouble."""
    return Finding(State.WARNING, detail, cure)


def failed(detail: str, cure: str) -> Finding:
    """Say that something does not work."""
    return Finding(State.FAILED, detail, cure)


def skipped(detail: str) -> Finding:
    """Say why something was not looked at."""
    return Finding(State.SKIPPED, detail)
