"""Contacts, of which no two have the same e-mail address."""

from __future__ import annotations

import re

from alloy_sandbox.connectivity.errors import Json
from alloy_sandbox.connectivity.paging import place_of
from alloy_sandbox.connectivity.providers.hubspot.bodies import (
    ContactBody,
    ContactSearch,
    Properties,
)
from alloy_sandbox.connectivity.providers.hubspot.conditions import is_meant
from alloy_sandbox.connectivity.providers.hubspot.errors import hubspot_error
from alloy_sandbox.core.http import moment
from alloy_sandbox.core.models import Account, HubspotContact

# Stricter than mail itself: HubSpot takes plain ASCII only, and no underscore in a host's name.
ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
LONGEST_ID = 18
KNOWN = {
    *("email", "firstname", "lastname", "phone", "company", "jobtitle", "website", "city"),
    *("lifecyclestage", "hs_lead_status"),
}


def create_contact(account: Account, *, body: ContactBody) -> Json:
    """Create a contact; a 409 names the id of the one that has the address already."""
    _check(body.properties)
    email = _email(body.properties)
    if not email:
        raise hubspot_error(400, "Property values were not valid: email is required")
    _refuse_duplicate(account, email)
    contact = HubspotContact.objects.create(
        account=account, email=email, properties={**body.properties, "email": email}
    )
    return contact_json(contact)


def get_contact(account: Account, *, contact_id: str) -> Json:
    return contact_json(_find(account, contact_id))


def update_contact(account: Account, *, contact_id: str, body: ContactBody) -> Json:
    contact = _find(account, contact_id)
    _check(body.properties)
    email = _email(body.properties)
    if email and email != contact.email:
        _refuse_duplicate(account, email)
        contact.email = email
    contact.properties = {**contact.properties, **body.properties, "email": contact.email}
    contact.save()
    return contact_json(contact)


def search_contacts(account: Account, *, body: ContactSearch) -> Json:
    found = [each for each in account.hubspot_contacts.all() if is_meant(each, body)]
    start = place_of(body.after)
    end = start + body.limit
    answer: Json = {"total": len(found), "results": [contact_json(one) for one in found[start:end]]}
    return answer | ({"paging": {"next": {"after": str(end)}}} if end < len(found) else {})


def furnish(account: Account) -> None:
    """Put one contact into a new portal, so that a search finds something."""
    ada: Properties = {
        "email": "ada@lovelace.example",
        "firstname": "Ada",
        "lastname": "Lovelace",
    }
    create_contact(account, body=ContactBody(properties=ada))


def contents(account: Account) -> Json:
    return {"contacts": [contact_json(each) for each in account.hubspot_contacts.all()]}


def contact_json(contact: HubspotContact) -> Json:
    return {
        "id": str(contact.pk),
        "properties": {
            **contact.properties,
            "hs_object_id": str(contact.pk),
            "createdate": moment(contact.created_at),
            "lastmodifieddate": moment(contact.updated_at),
        },
        "createdAt": moment(contact.created_at),
        "updatedAt": moment(contact.updated_at),
        "archived": False,
    }


def _find(account: Account, contact_id: str) -> HubspotContact:
    key = int(contact_id) if contact_id.isdecimal() and len(contact_id) <= LONGEST_ID else 0
    contact = account.hubspot_contacts.filter(pk=key).first()
    if contact is None:
        raise hubspot_error(404)
    return contact


def _check(properties: Properties) -> None:
    for name in properties:
        if name not in KNOWN:
            raise hubspot_error(400, f'Property values were not valid: "{name}" does not exist')
    email = properties.get("email")
    if email and not ADDRESS.fullmatch(email):
        raise hubspot_error(
            400, f"Property values were not valid: Email address {email} is invalid"
        )


def _email(properties: Properties) -> str:
    return (properties.get("email") or "").lower()


def _refuse_duplicate(account: Account, email: str) -> None:
    known = account.hubspot_contacts.filter(email=email).first()
    if known is not None:
        raise hubspot_error(409, f"Contact already exists. Existing ID: {known.pk}")
