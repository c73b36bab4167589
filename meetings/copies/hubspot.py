"""The attendees as HubSpot contacts. Those that are there already are left as they are."""

from __future__ import annotations

from integrations.public import ConnectorClient, ProviderError
from meetings.attendees import Attendee
from meetings.models import Copy
from meetings.services import copy_is_at

AT_ONCE = 100


def write(client: ConnectorClient, copy: Copy) -> None:
    """Create the contacts that are missing, so that a try that broke off goes on where it was."""
    people = {person.email: person for person in copy.meeting.people if person.email}
    for email in sorted(people.keys() - _known(client, list(people))):
        _create(client, people[email])
    copy_is_at(copy=copy, connection=client.connection, remote_id="", url="")


def _known(client: ConnectorClient, emails: list[str]) -> set[str]:
    known: set[str] = set()
    for first in range(0, len(emails), AT_ONCE):
        some = emails[first : first + AT_ONCE]
        wanted = {"propertyName": "email", "operator": "IN", "values": some}
        body = {"filterGroups": [{"filters": [wanted]}], "limit": AT_ONCE, "properties": ["email"]}
        found = client.execute("searchContacts", body=body)
        known |= {str(each["properties"]["email"]).lower() for each in found["results"]}
    return known


def _create(client: ConnectorClient, person: Attendee) -> None:
    properties = {
        "email": person.email,
        "firstname": person.first_name,
        "lastname": person.last_name,
    }
    try:
        client.execute("createContact", body={"properties": properties})
    except ProviderError as error:
        if error.status != 409:  # somebody added the same contact this moment: just as well
            raise
