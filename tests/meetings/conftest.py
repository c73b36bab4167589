"""Mia, a merchant with meetings, and what became of them at the services of a real sandbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import User
from integrations import conf
from integrations.contrib.connectivity.connector import ConnectorClient
from integrations.contrib.connectivity.models import Connection
from meetings.models import Copy, Meeting
from meetings.services import meeting_copy, meeting_save
from tests.integrations.contrib.connectivity import surroundings
from tests.integrations.contrib.connectivity.surroundings import at_sandbox, known_merchant, user_id
from tests.integrations.outbox.steps import relay_until_quiet
from tests.services.sandbox import Json, Sandbox

__all__ = ["at_sandbox", "known_merchant", "user_id"]

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def new_meeting(merchant: User, title: str = "Weekly", **fields: Any) -> Meeting:
    """Save a meeting as the form does, and leave its copies to be made."""
    return meeting_save(meeting=Meeting(merchant=merchant, title=title, starts_at=NOON, **fields))


def change(meeting: Meeting, **fields: Any) -> None:
    """Change a meeting as the form does, and leave its copies to be made."""
    for name, value in fields.items():
        setattr(meeting, name, value)
    meeting_save(meeting=meeting)


def copy_at(meeting: Meeting, service: str) -> Copy:
    """Return what is known of a meeting's copy."""
    return meeting.copies.get(service=service)


@pytest.fixture
def connection(merchant: User) -> Connection:
    """A Notion account that nobody has to be asked about."""
    return Connection.objects.create(
        tenant=merchant,
        environment=conf.environment(),
        connector="notion",
        name="Notion",
        credential_id="67a37f29e0aa276e50d7253a",
        last_error="notion refused post-page: Why",
    )


@dataclass(frozen=True)
class Mia:
    """A merchant who writes meetings and reads what became of them elsewhere."""

    merchant: User
    sandbox: Sandbox
    user_id: str

    def connects(self, *services: str, account: str = "") -> None:
        """Connect an account at each service."""
        for service in services:
            surroundings.connect(self.merchant, service, sandbox=self.sandbox, account=account)

    def saves(self, title: str = "Weekly", **fields: Any) -> Meeting:
        """Save a meeting, and have it copied."""
        meeting = new_meeting(self.merchant, title, **fields)
        relay_until_quiet()
        return meeting

    def changes(self, meeting: Meeting, **fields: Any) -> None:
        """Change a meeting, and have the change copied."""
        change(meeting, **fields)
        relay_until_quiet()

    def syncs(self, meeting: Meeting) -> None:
        """Have a meeting copied that did not change."""
        meeting_copy(meeting=meeting)
        relay_until_quiet()

    def acts_at(self, service: str, action: str, **parts: Any) -> Any:
        """Do something at the service by hand."""
        return ConnectorClient(service, self.merchant).execute(action, **parts)

    def contents(self, service: str, kind: str) -> list[Json]:
        """Return what is kept at the service."""
        return self.sandbox.contents(self.user_id, service, kind)

    def pages(self, title: str = "Weekly") -> list[Json]:
        """Return the Notion pages of a title, without those in the trash."""
        found = self.contents("notion", "pages")
        return [page for page in found if page["title"] == title and not page["archived"]]

    def page_lines(self) -> list[str]:
        """Return what the only page of the meeting says below its mark and its date."""
        (page,) = self.pages()
        return str(page["text"]).splitlines()[2:]

    def calls_of(self, action: str) -> int:
        """Return how many calls of an action reached the sandbox."""
        return sum(action in call["path"] for call in self.sandbox.requests())


@pytest.fixture
def mia(known_merchant: User, at_sandbox: Sandbox, user_id: str) -> Mia:
    """A merchant whom Alloy knows, without an account anywhere."""
    return Mia(known_merchant, at_sandbox, user_id)


@pytest.fixture
def mia_at_notion(mia: Mia) -> Mia:
    """A merchant who has connected Notion."""
    mia.connects("notion", account="Acme HQ")
    return mia
