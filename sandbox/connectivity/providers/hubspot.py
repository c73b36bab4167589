"""HubSpot: contacts, of which no two have the same e-mail address."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from sandbox.connectivity.connector import Action, Connector
from sandbox.connectivity.errors import Json, ProviderError
from sandbox.connectivity.paging import place_of
from sandbox.core.http import moment
from sandbox.core.models import Account, HubspotContact

Properties = dict[str, str | None]

ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
KNOWN = {
    *("email", "firstname", "lastname", "phone", "company", "jobtitle", "website", "city"),
    *("lifecyclestage", "hs_lead_status"),
}
OWN = {"hs_object_id", "createdate", "lastmodifieddate"}
CATEGORIES = {
    400: ("VALIDATION_ERROR", "The request is not valid"),
    401: ("INVALID_AUTHENTICATION", "Authentication credentials not found"),
    403: ("MISSING_SCOPES", "This app has not been granted all required scopes"),
    404: ("OBJECT_NOT_FOUND", "resource not found"),
    409: ("CONFLICT", "Conflict"),
    429: ("RATE_LIMITS", "You have reached your ten_secondly_rolling limit."),
}


class Camel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


class ContactBody(BaseModel):
    """`properties`: {"email", "firstname", "lastname", "company", ...}."""

    properties: Properties


class Filter(Camel):
    property_name: str
    operator: Literal["EQ", "NEQ", "CONTAINS_TOKEN", "HAS_PROPERTY", "NOT_HAS_PROPERTY", "IN"]
    value: str = ""
    values: list[str] = Field(default_factory=list)


class FilterGroup(BaseModel):
    filters: list[Filter]


class ContactSearch(Camel):
    """A contact is found when all filters of any one group say so, and `query` is in it."""

    filter_groups: list[FilterGroup] = Field(default_factory=list, max_length=5)
    query: str = ""
    properties: list[str] = Field(default_factory=list)
    limit: int = Field(10, ge=1, le=200)
    after: str = ""


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
    found = [each for each in account.hubspot_contacts.all() if _is_meant(each, body)]
    start = place_of(body.after)
    end = start + body.limit
    answer: Json = {"total": len(found), "results": [contact_json(one) for one in found[start:end]]}
    return answer | ({"paging": {"next": {"after": str(end)}}} if end < len(found) else {})


def furnish(account: Account) -> None:
    """Put one contact into a new portal, so that a search finds something."""
    known = {"email": "ada@lovelace.example", "firstname": "Ada", "lastname": "Lovelace"}
    create_contact(account, body=ContactBody(properties=dict(known)))


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


def hubspot_error(status: int, message: str = "") -> ProviderError:
    """Return HubSpot's error with this status: its usual message, unless another one is given."""
    category, usual = CATEGORIES.get(status, ("INTERNAL_ERROR", "internal error"))
    message = message or usual
    body = {
        "status": "error",
        "message": message,
        "correlationId": str(uuid.uuid4()),
        "category": category,
    }
    return ProviderError(status, message, body)


def failure(status: int) -> ProviderError:
    return hubspot_error(status)


def refuse(error: ValidationError) -> ProviderError:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return hubspot_error(400, f"Invalid input JSON on {where}: {first['msg']}")


def _find(account: Account, contact_id: str) -> HubspotContact:
    contacts = account.hubspot_contacts
    found = contacts.filter(pk=int(contact_id[:18])).first() if contact_id.isdecimal() else None
    if found is None:
        raise hubspot_error(404)
    return found


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


def _is_meant(contact: HubspotContact, search: ContactSearch) -> bool:
    values = {**contact.properties, "hs_object_id": str(contact.pk)}
    if search.query and search.query.lower() not in " ".join(filter(None, values.values())).lower():
        return False
    groups = search.filter_groups
    return not groups or any(all(_holds(values, one) for one in each.filters) for each in groups)


def _holds(values: Properties, wanted: Filter) -> bool:
    value = (values.get(wanted.property_name) or "").lower()
    limit = wanted.value.lower()
    holds: dict[str, Callable[[], bool]] = {
        "EQ": lambda: value == limit,
        "NEQ": lambda: value != limit,
        "CONTAINS_TOKEN": lambda: limit.strip("*") in value,
        "HAS_PROPERTY": lambda: bool(value),
        "NOT_HAS_PROPERTY": lambda: not value,
        "IN": lambda: value in {each.lower() for each in wanted.values},
    }
    return holds[wanted.operator]()


CONTACTS = "/crm/v3/objects/contacts"
CONTACT = f"{CONTACTS}/{{contact_id}}"

CONNECTOR = Connector(
    id="hubspot",
    name="HubSpot",
    categories=("crm", "marketing"),
    icon="hubspot",
    permissions=("Read the contacts of the portal", "Create contacts and change them"),
    accounts=("Acme Sales", "Acme Europe Sales", "Developer test account"),
    refuse=refuse,
    failure=failure,
    furnish=furnish,
    contents=contents,
    actions=(
        Action(
            *("createContact", "Create a contact", "Contacts", "POST", CONTACTS),
            run=create_contact,
            body=ContactBody,
        ),
        Action(
            *("searchContacts", "Search contacts", "Contacts", "POST", f"{CONTACTS}/search"),
            run=search_contacts,
            body=ContactSearch,
        ),
        Action(
            *("getContact", "Retrieve a contact", "Contacts", "GET", CONTACT),
            run=get_contact,
        ),
        Action(
            *("updateContact", "Change a contact", "Contacts", "PATCH", CONTACT),
            run=update_contact,
            body=ContactBody,
        ),
    ),
)
