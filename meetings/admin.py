"""Meetings and their copies, to look at: they belong to the merchants."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import admin

from integrations.admin.pages import HistoryAdmin
from integrations.admin.rows import (
    BoundedChoices,
    ChosenRow,
    column,
    link,
    listed,
    moment,
    subjects,
)
from integrations.models import Message
from meetings.models import Copy, Meeting

subjects["meeting-copy"] = Copy

WRITTEN_BY = column("message_uid", lambda uid: listed(Message, "the message", q=uid), "written by")


@admin.register(Meeting)
class MeetingAdmin(HistoryAdmin):
    """A meeting; its notes stay with its merchant."""

    list_display = (
        *("title", column("merchant", link), column("starts_at", moment, "date")),
        column("changed_at", moment, "changed"),
    )
    list_select_related = ("merchant",)
    list_filter = (("merchant", ChosenRow),)
    search_fields = ("=calendar_uid", "merchant__email")
    search_help_text = "The calendar's id of the event, or the merchant's e-mail address."
    fields = (
        *("title", "merchant", "starts_at", "uid", "is_cancelled", "calendar_uid"),
        *("calendar_occurrence", "calendar_sequence", "calendar_stamp", "slack_channel"),
        *("to_drive", "to_hubspot", "created_at", "changed_at"),
    )

    def links(self, meeting: Meeting) -> Iterable[str]:
        """Link to the meeting's copies."""
        yield from super().links(meeting)
        yield listed(Copy, "Copies", meeting=meeting.pk)


@admin.register(Copy)
class CopyAdmin(HistoryAdmin):
    """A meeting at another service."""

    list_display = (
        *("__str__", column("meeting", link), "remote_id", WRITTEN_BY),
        column("written_at", moment, "written"),
    )
    list_select_related = ("meeting",)
    list_filter = (("meeting", ChosenRow), ("service", BoundedChoices))
    search_fields = ("=remote_id",)
    search_help_text = "The copy's id at the service."
    fields = (
        *("meeting", "service", "remote_id", "remote_title", "url", "connection_id"),
        *("written_at", "left_out", "is_denied", WRITTEN_BY),
    )
