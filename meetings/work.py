"""Answers a signal of `integrations`: what is done with the services that get meetings."""

from __future__ import annotations

from typing import Any

from django.db.models import Max
from django.dispatch import receiver
from django.urls import reverse
from django.utils.translation import gettext as _

from integrations import signals
from integrations.pages.catalogue import Work
from meetings.models import Copy

Service = Copy.Service


@receiver(signals.work_wanted)
def work_with_services(tenant: Any, latest: bool, **_kwargs: Any) -> list[Work]:
    """Return what is read and written at each service."""
    url = reverse("meetings:list")
    written = _last_written(tenant) if latest else {}
    return [
        Work(service, _("Meetings"), reads, writes, url, last_written_at=written.get(service))
        for service, (reads, writes) in _at_each_service().items()
    ]


def _at_each_service() -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    return {
        Service.NOTION: (
            (_("Pages with a meeting's title, to find the one we made"),),
            (_("A page for each meeting, with its notes and attendees"),),
        ),
        Service.SLACK: (
            (_("The names of your channels"),),
            (_("A message for each meeting that you share"),),
        ),
        Service.DRIVE: (
            (_("Files that we made ourselves"),),
            (_("A document for each meeting, with its notes"),),
        ),
        Service.HUBSPOT: (
            (_("Contacts with an attendee's e-mail address"),),
            (_("The attendees of your meetings, as contacts"),),
        ),
    }


def _last_written(tenant: Any) -> dict[str, Any]:
    copies = Copy.objects.filter(meeting__merchant=tenant, written_at__isnull=False)
    return dict(copies.order_by().values_list("service").annotate(Max("written_at")))
