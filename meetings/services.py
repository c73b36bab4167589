"""Writes: meetings, and what is known of their copies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_OID, uuid5

from django.utils import timezone

from integrations import database
from integrations.contrib.connectivity.selectors import connected
from integrations.events import group_key
from integrations.outbox import enqueue
from integrations.tenants.erasure import keep_tenant
from meetings.models import Copy, Meeting

if TYPE_CHECKING:
    from integrations.contrib.connectivity.models import Connection

Service = Copy.Service

MESSAGE_KIND = "meeting_copy"


@database.atomic()
def meeting_save(*, meeting: Meeting) -> Meeting:
    """Save a meeting, new or changed, and have it copied to wherever it is wanted."""
    keep_tenant(meeting.merchant)
    meeting.save()
    meeting_copy(meeting=meeting)
    return meeting


@database.atomic()
def meeting_create(*, meeting: Meeting, key: str) -> tuple[Meeting, bool]:
    """Save a new meeting, once for each key of its merchant's; return it, and whether it is new.

    A form that is sent twice, however close together, has one key and becomes one meeting.
    """
    keep_tenant(meeting.merchant)
    meeting.uid = uuid5(NAMESPACE_OID, f"{meeting.merchant.pk}:{key}")
    made_before = Meeting.objects.filter(merchant=meeting.merchant, uid=meeting.uid).first()
    if made_before is not None:
        return made_before, False
    return meeting_save(meeting=meeting), True


@database.atomic()
def meeting_copy(*, meeting: Meeting) -> bool:
    """Have a meeting copied to every service it is wanted at; say whether any is connected.

    Where none is, the copy waits for the merchant to connect an account.
    """
    keep_tenant(meeting.merchant)
    there = connected(meeting.merchant)
    copies = [_copy_at(meeting, service) for service in services_wanted(meeting)]
    reachable = [copy for copy in copies if copy.service in there]
    for copy in reachable:
        copy_renew(copy=copy)
    return bool(reachable)


@database.atomic()
def meeting_delete(*, meeting: Meeting) -> None:
    """Delete a meeting here; its copies stay where they are."""
    keep_tenant(meeting.merchant)
    meeting.delete()


def services_wanted(meeting: Meeting) -> list[Copy.Service]:
    """Return where the merchant wants the meeting: in Notion always, elsewhere where chosen."""
    wanted = {
        Service.NOTION: True,
        Service.SLACK: bool(meeting.slack_channel),
        Service.DRIVE: meeting.to_drive,
        Service.HUBSPOT: meeting.to_hubspot,
    }
    return [service for service, is_wanted in wanted.items() if is_wanted]


def copy_renew(*, copy: Copy) -> None:
    """Write one copy again once the transaction commits; each copy has a group of its own."""
    message = enqueue(
        group_key=group_key(tenant=copy.meeting.merchant, subject=copy.subject),
        tenant=copy.meeting.merchant,
        kind=MESSAGE_KIND,
        name=f"Meeting to {copy.get_service_display()}",
        payload={"copy": copy.pk},
    )
    _update(copy, message_uid=message.uid)


def copy_will_be_called(*, copy: Copy, title: str) -> None:
    """Write down the title that the next call gives the copy."""
    _update(copy, remote_title=title)


def copy_is_at(*, copy: Copy, connection: Connection, remote_id: str, url: str) -> None:
    """Remember where the copy is, at once: what follows may fail, and must not make another."""
    is_web = url.startswith(("https://", "http://"))
    _update(copy, connection_id=connection.pk, remote_id=remote_id, url=url if is_web else "")


def copy_is_written(*, copy: Copy, digest: str, left_out: list[str]) -> None:
    """Write down that the copy holds the content with this digest, without what was left out."""
    now = timezone.now()
    _update(copy, digest=digest, left_out=left_out, written_at=now, is_denied=False)


def copy_is_refused(*, copy: Copy, is_denied: bool) -> None:
    """Write down whether it was the account that the service refused, or what it was sent."""
    _update(copy, is_denied=is_denied)


def _update(copy: Copy, **fields: Any) -> None:
    """Change a copy, if it is still there: its meeting may have been deleted meanwhile."""
    for name, value in fields.items():
        setattr(copy, name, value)
    Copy.objects.filter(pk=copy.pk).update(**fields)


def _copy_at(meeting: Meeting, service: Copy.Service) -> Copy:
    copy, _ = Copy.objects.get_or_create(meeting=meeting, service=service)
    copy.meeting = meeting
    return copy
