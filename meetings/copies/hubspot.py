"""The attendees as HubSpot contacts. Those that are there already are left as they are."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from integrations.alloy import ProviderBusy, ProviderDenied, ProviderError
from integrations.contrib.connectivity.connector import ConnectorClient
from meetings.attendees import Attendee
from meetings.models import Copy
from meetings.services import copy_is_at

AT_ONCE = 100
TOO_MANY_REQUESTS = 429
CONFLICT = 409


def write(client: ConnectorClient, copy: Copy) -> list[str]:
    """Create the contacts that are missing; return who could not be added, and why.

    An address that HubSpot refuses keeps nobody else back, nor does one that it cannot add right
    now: the others are added first, and that one is tried again with the next attempt.
    """
    people = {person.email: person for person in copy.meeting.people if person.email}
    missing = [people[email] for email in sorted(people.keys() - _known(client, list(people)))]
    left_out = _create_all(client, missing)
    copy_is_at(copy=copy, connection=client.connection, remote_id="", url="")
    nameless = [person.name for person in copy.meeting.people if not person.email]
    return left_out + [
        _("%(name)s was not added: there is no e-mail address.") % {"name": name}
        for name in nameless
    ]


def _known(client: ConnectorClient, emails: list[str]) -> set[str]:
    """Return which of the addresses HubSpot has; none where it refuses to search for one of them.

    Creating a contact that exists does no harm.
    """
    known: set[str] = set()
    for first in range(0, len(emails), AT_ONCE):
        some = emails[first : first + AT_ONCE]
        wanted = {"propertyName": "email", "operator": "IN", "values": some}
        body = {"filterGroups": [{"filters": [wanted]}], "limit": AT_ONCE, "properties": ["email"]}
        try:
            found = client.execute("searchContacts", body=body)
        except ProviderDenied:
            raise
        except ProviderError:
            continue
        known |= {str(each["properties"]["email"]).lower() for each in found["results"]}
    return known


def _create_all(client: ConnectorClient, people: Iterable[Attendee]) -> list[str]:
    refused: list[str] = []
    busy: ProviderBusy | None = None
    for person in people:
        try:
            _create(client, person)
        except ProviderDenied:
            raise
        except ProviderBusy as error:
            if error.status == TOO_MANY_REQUESTS:
                raise
            busy = busy or error
        except ProviderError as error:
            reason = error.detail or _("HubSpot refused it")
            said = _("%(email)s was not added: %(reason)s")
            refused.append(said % {"email": person.email, "reason": reason})
    if busy:
        raise busy
    return refused


def _create(client: ConnectorClient, person: Attendee) -> None:
    properties = {
        "email": person.email,
        "firstname": person.first_name,
        "lastname": person.last_name,
    }
    try:
        client.execute("createContact", body={"properties": properties})
    except (ProviderBusy, ProviderError) as error:
        exists = error.status == CONFLICT and "already exists" in error.detail.lower()
        if not exists:  # otherwise somebody added the same contact this moment: just as well
            raise
