"""Meetings and their copies, to look at: they belong to the merchants."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import admin

from integrations.admin import BoundedChoices, ChosenRow, HistoryAdmin, link, listed, moment
from integrations.models import Message
from meetings.models import Copy, Meeting


class OfMerchant(ChosenRow):
    title = parameter_name = "merchant"


class OfMeeting(ChosenRow):
    title = parameter_name = "meeting"


@admin.register(Meeting)
class MeetingAdmin(HistoryAdmin):
    """A meeting; its notes stay with its merchant."""

    list_display = ("title", "merchant_link", "starts", "changed")
    list_select_related = ("merchant",)
    list_filter = (OfMerchant,)
    search_fields = ("=calendar_uid", "merchant__email")
    search_help_text = "The calendar's id of the event, or the merchant's e-mail address."
    fields = (
        "title",
        "merchant",
        "starts_at",
        "uid",
        "is_cancelled",
        "calendar_uid",
        "calendar_occurrence",
        "calendar_sequence",
        "calendar_stamp",
        "slack_channel",
        "to_drive",
        "to_hubspot",
        "created_at",
        "changed_at",
    )

    @admin.display(description="merchant")
    def merchant_link(self, meeting: Meeting) -> str:
        return link(meeting.merchant)

    @admin.display(description="date")
    def starts(self, meeting: Meeting) -> str:
        return moment(meeting.starts_at)

    @admin.display(description="changed")
    def changed(self, meeting: Meeting) -> str:
        return moment(meeting.changed_at)

    def links(self, meeting: Meeting) -> Iterable[str]:
        """Link to the meeting's copies."""
        yield listed(Copy, "Copies", meeting=meeting.pk)


@admin.register(Copy)
class CopyAdmin(HistoryAdmin):
    """A meeting at another service."""

    list_display = ("__str__", "meeting_link", "remote_id", "message_link", "written")
    list_select_related = ("meeting",)
    list_filter = (OfMeeting, ("service", BoundedChoices))
    search_fields = ("=remote_id",)
    search_help_text = "The copy's id at the service."
    fields = (
        "meeting",
        "service",
        "remote_id",
        "remote_title",
        "url",
        "connection_id",
        "written_at",
        "left_out",
        "is_denied",
        "message_link",
    )

    @admin.display(description="meeting")
    def meeting_link(self, copy: Copy) -> str:
        return link(copy.meeting)

    @admin.display(description="written by")
    def message_link(self, copy: Copy) -> str:
        if copy.message_uid is None:
            return "-"
        return listed(Message, "the message", q=copy.message_uid)

    @admin.display(description="written")
    def written(self, copy: Copy) -> str:
        return moment(copy.written_at)
