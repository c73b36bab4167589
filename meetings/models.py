"""Meetings with their notes, and the copies of them at other services."""

from __future__ import annotations

import hashlib
import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from meetings.attendees import Attendee, attendees_in


class Meeting(models.Model):
    """A meeting of a merchant. `uid` is what tells its copies from pages of the same title."""

    merchant = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="meetings"
    )
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(_("title"), max_length=200)
    starts_at = models.DateTimeField(_("date"))
    attendees = models.TextField(
        _("attendees"),
        blank=True,
        max_length=20_000,
        help_text=_("One a line: Ada Lovelace &lt;ada@example.com&gt;"),
    )
    notes = models.TextField(
        _("notes"),
        blank=True,
        max_length=200_000,
        help_text=_("Markdown: # heading, - list, **bold**."),
    )
    is_cancelled = models.BooleanField(_("This meeting is cancelled"), default=False)
    calendar_uid = models.CharField(
        max_length=255, blank=True, editable=False, help_text="Of the calendar it came from."
    )
    calendar_occurrence = models.CharField(
        max_length=20,
        blank=True,
        editable=False,
        help_text="Which date of a series this is: when it was first meant to be.",
    )
    calendar_sequence = models.PositiveIntegerField(
        default=0, editable=False, help_text="The version of the event: its SEQUENCE."
    )
    calendar_stamp = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When that version was written: DTSTAMP."
    )
    slack_channel = models.CharField(
        _("Slack channel"),
        max_length=80,
        blank=True,
        help_text=_("Such as #meetings: gets a summary. Leave it empty for none."),
    )
    to_drive = models.BooleanField(_("Save the notes as a file in Google Drive"), default=False)
    to_hubspot = models.BooleanField(_("Add the attendees to HubSpot's contacts"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("merchant", "calendar_uid", "calendar_occurrence"),
                condition=~models.Q(calendar_uid=""),
                name="one_meeting_per_calendar_event",
            ),
        )
        indexes = (
            models.Index(fields=("merchant", "-starts_at", "-id"), name="meetings_newest_first"),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def heading(self) -> str:
        """The title, which says so when the meeting is cancelled."""
        return self.title if not self.is_cancelled else gettext("Cancelled: %s") % self.title

    @property
    def people(self) -> list[Attendee]:
        """The attendees, each with name and e-mail address, where they are known."""
        return attendees_in(self.attendees)

    @property
    def digest(self) -> str:
        """A digest of all that is copied: equal for equal content."""
        content = (self.heading, self.starts_at.isoformat(), self.attendees, self.notes)
        return hashlib.sha256(repr(content).encode(errors="replace")).hexdigest()[:32]


class Copy(models.Model):
    """One meeting at one service: what it is there, and which of its contents was written last."""

    class Service(models.TextChoices):
        """The connectors that meetings are copied to, by Alloy's ids."""

        NOTION = "notion", "Notion"
        SLACK = "slack", "Slack"
        DRIVE = "googleDrive", "Google Drive"
        HUBSPOT = "hubspot", "HubSpot"

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="copies")
    service = models.CharField(max_length=20, choices=Service.choices)
    connection_id = models.BigIntegerField(
        null=True, blank=True, help_text="The account it was written to."
    )
    remote_id = models.CharField("id there", max_length=255, blank=True)
    remote_title = models.CharField(
        max_length=255, blank=True, help_text="The title it was last written, or tried, with."
    )
    url = models.URLField(max_length=2048, blank=True)
    digest = models.CharField(max_length=32, blank=True, help_text="Of what was written last.")
    left_out = models.JSONField(
        default=list, blank=True, help_text="Sentences: what of it the copy does not hold."
    )
    is_denied = models.BooleanField(
        default=False, help_text="The service refused the account, not what it was sent."
    )
    written_at = models.DateTimeField(null=True, blank=True)
    message_uid = models.UUIDField(
        null=True, blank=True, help_text="The outbox message that writes it."
    )

    class Meta:
        verbose_name_plural = "copies"
        constraints = (
            models.UniqueConstraint(fields=("meeting", "service"), name="one_copy_per_service"),
        )

    def __str__(self) -> str:
        return f"{self.meeting} at {self.get_service_display()}"

    @property
    def subject(self) -> str:
        """The subject of the messages about this copy, and so their message group."""
        return f"meeting-copy:{self.pk}"
