"""Forms: a meeting, and a calendar file to import."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from meetings.attendees import NotAnAttendee, attendees_in
from meetings.calendar.errors import NotACalendar
from meetings.calendar.file import CalendarFile, read_calendar
from meetings.calendar.words import MOST_PEOPLE
from meetings.models import Meeting

LARGEST_FILE = 1024 * 1024


class MeetingForm(forms.ModelForm):  # type: ignore[type-arg]
    """A meeting. Attendees are checked line by line and written in one way."""

    class Meta:
        model = Meeting
        fields = (
            *("title", "starts_at", "attendees", "notes", "is_cancelled"),
            *("slack_channel", "to_drive", "to_hubspot"),
        )
        widgets = {  # noqa: RUF012 -- Django reads this shape
            "starts_at": forms.DateTimeInput(
                format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}
            ),
            "attendees": forms.Textarea(attrs={"rows": 4}),
            "notes": forms.Textarea(attrs={"rows": 14, "spellcheck": "true"}),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        zone = timezone.get_current_timezone_name()
        self.fields["starts_at"].help_text = _("In the time zone %(zone)s.") % {"zone": zone}

    def clean_attendees(self) -> str:
        """Return the attendees, one a line, each once; name the line that cannot be one."""
        try:
            people = attendees_in(self.cleaned_data["attendees"])
        except NotAnAttendee as error:
            raise forms.ValidationError(
                _(
                    "“%(line)s” is neither a name nor an e-mail address."
                    " Write one person a line, such as: Ada Lovelace <ada@example.com>"
                ),
                params={"line": str(error)},
            ) from error
        if len(people) > MOST_PEOPLE:
            raise forms.ValidationError(
                _("A meeting has at most %(most)d attendees here.") % {"most": MOST_PEOPLE}
            )
        return "\n".join(str(person) for person in people)


class NewMeetingForm(MeetingForm):
    """A meeting that is not there yet. `key` is this form's own, so that it makes one meeting only.

    Without a key, whoever sends the same content twice means the same meeting.
    """

    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["key"].initial = uuid.uuid4().hex

    def clean_key(self) -> str:
        """Return the key, or the content in its place."""
        fields = {name: self.data.get(name) for name in self.Meta.fields}
        return self.cleaned_data["key"] or repr(fields)

    def describes(self, meeting: Meeting) -> bool:
        """Say whether a meeting is as this form has it."""
        return all(getattr(meeting, name) == self.cleaned_data[name] for name in self.Meta.fields)

    def offer_another(self, meeting: Meeting) -> None:
        """Say that this form has made a meeting before; with a new key it may make another one."""
        self.data = dict(self.data.items()) | {"key": uuid.uuid4().hex}
        self.add_error(
            None,
            format_html(
                _(
                    "You saved this form before, and it became <a href='{}'>{}</a>. What you wrote"
                    " now is not in it. Save once more to make another meeting of it."
                ),
                reverse("meetings:detail", args=[meeting.pk]),
                meeting.title,
            ),
        )


class CalendarForm(forms.Form):
    """A calendar file. It is read while the form is checked; `calendar` is what it holds."""

    file = forms.FileField(
        label=gettext_lazy("Calendar file"),
        help_text=gettext_lazy(
            "A file that ends in .ics, at most 1 MB: calendars call this “export”."
        ),
        widget=forms.FileInput(attrs={"accept": ".ics,text/calendar"}),
        error_messages={
            "required": gettext_lazy("Choose a file."),
            "empty": gettext_lazy("This file is empty."),
        },
    )
    calendar: CalendarFile

    def clean_file(self) -> bytes:
        """Return the file's bytes, unless there are too many."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(_("This file is larger than 1 MB. Export fewer events."))
        return bytes(file.read())

    def clean(self) -> None:
        """Read the calendar; say what is wrong with a file that nothing can be taken from."""
        content = self.cleaned_data.get("file")
        if content is None:
            return
        try:
            self.calendar = read_calendar(content, now=timezone.now())
        except NotACalendar as error:
            self.add_error("file", str(error))
