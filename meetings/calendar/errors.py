"""Why a calendar file, or one event of it, is not taken. The messages are for the merchant."""

from __future__ import annotations


class NotACalendar(ValueError):
    """Nothing can be taken from this file."""


class UnknownEncoding(NotACalendar):
    """The file's letters cannot be told: it is not UTF-8 and names no other encoding."""


class LeftOut(ValueError):
    """One event cannot be taken; the others can."""
