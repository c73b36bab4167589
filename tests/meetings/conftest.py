"""A merchant with meetings, a sandbox to copy them to, and a worker's turn."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import User
from meetings.models import Copy, Meeting
from meetings.services import meeting_save
from tests.integrations.contrib.connectivity.surroundings import at_sandbox, known_merchant, user_id
from tests.services.sandbox import Json, Sandbox

__all__ = ["at_sandbox", "known_merchant", "user_id"]

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def new_meeting(merchant: User, title: str = "Weekly", **fields: Any) -> Meeting:
    """Save a meeting as the form does, which also has it copied."""
    return meeting_save(meeting=Meeting(merchant=merchant, title=title, starts_at=NOON, **fields))


def change(meeting: Meeting, **fields: Any) -> None:
    """Change a meeting as the form does."""
    for name, value in fields.items():
        setattr(meeting, name, value)
    meeting_save(meeting=meeting)


def copy_at(meeting: Meeting, service: str) -> Copy:
    """Return what is known of a meeting's copy."""
    return meeting.copies.get(service=service)


@pytest.fixture
def pages(at_sandbox: Sandbox, user_id: str) -> Any:
    """Return a function that reads the Notion pages of a title, without those in the trash."""

    def read(title: str = "Weekly") -> list[Json]:
        found = at_sandbox.contents(user_id, "notion", "pages")
        return [page for page in found if page["title"] == title and not page["archived"]]

    return read
