"""Queries about meetings. A merchant's queries start from the merchant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from meetings.models import Copy, Meeting

if TYPE_CHECKING:
    from accounts.models import User

PAGE_SIZE = 25
EXPORTED_AT_ONCE = 500
EXPORTED = (
    *("uid", "title", "starts_at", "is_cancelled", "attendees", "notes"),
    *("created_at", "changed_at"),
)


@dataclass(frozen=True)
class Page:
    """One page of meetings, the latest first; the next one begins below `next_before`."""

    meetings: list[Meeting]
    next_before: int | None


def meetings_of(merchant: User) -> QuerySet[Meeting]:
    """Return the merchant's meetings, the latest first."""
    return merchant.meetings.order_by("-starts_at", "-id")


def meeting_page(merchant: User, *, before: int | None = None) -> Page:
    """Return a page by key, not by offset: the meetings that come after the one with this id."""
    meetings = meetings_of(merchant)
    last = meetings.filter(pk=before).first() if before is not None else None
    if last is not None:
        earlier = meetings.filter(starts_at=last.starts_at, pk__lt=last.pk)
        meetings = (meetings.filter(starts_at__lt=last.starts_at) | earlier).order_by(
            "-starts_at", "-id"
        )
    found = list(meetings[: PAGE_SIZE + 1])
    more = len(found) > PAGE_SIZE
    return Page(found[:PAGE_SIZE], next_before=found[PAGE_SIZE - 1].pk if more else None)


def export_meetings(merchant: User) -> Iterable[Mapping[str, Any]]:
    """Return the merchant's meetings, oldest first, as plain rows, read lazily."""
    rows: QuerySet[Any, Mapping[str, Any]] = meetings_of(merchant).order_by("pk").values(*EXPORTED)
    return rows.iterator(chunk_size=EXPORTED_AT_ONCE)


def export_copies(merchant: User) -> Iterable[Mapping[str, Any]]:
    """Return where the merchant's meetings were copied to, as plain rows."""
    return (
        Copy.objects.filter(meeting__merchant=merchant)
        .order_by("pk")
        .values("meeting__uid", "service", "remote_id", "url", "written_at")
        .iterator(chunk_size=EXPORTED_AT_ONCE)
    )
