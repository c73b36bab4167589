"""Errors: a calendar file, or one event of it, is not taken. The messages are for merchants."""

from __future__ import annotations


class NotACalendar(ValueError):
    """Nothing can be taken from this file."""


class LeftOut(ValueError):
    """One event cannot be taken; the others can."""
