"""HubSpot: contacts, created, searched and changed. No two have the same e-mail address."""

from __future__ import annotations

import re
import secrets
import uuid
from collections.abc import Callable
from typing import Literal

from pydantic import BaseModel, Field

from alloy_sandbox.connectivity.service import (
    Camel,
    Refusal,
    Service,
    action,
    of_kind,
    one_page,
)
from alloy_sandbox.core.api import Json, moment
from alloy_sandbox.core.models import Account, Item

CONTACTS = "/crm/v3/objects/contacts"
# Stricter than mail itself: HubSpot takes plain ASCII only, and no underscore in a host's name.
ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
KNOWN = {
    *("email", "firstname", "lastname", "phone", "company", "jobtitle", "website", "city"),
    *("lifecyclestage", "hs_lead_status"),
}
WRONG = "Property values were not valid: "

Properties = dict[str, str | None]


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


class HubSpot(Service):
    wording = "Invalid input JSON on {where}: {problem}"

    @action("createContact", "Create a contact", "Contacts", f"POST {CONTACTS}")
    def create_contact(self, account: Account, *, body: ContactBody) -> Json:
        """Create a contact; a 409 names the id of the one that has the address already."""
        email = checked_email(account, body.properties)
        if not email:
            raise Refusal(400, f"{WRONG}email is required")
        contact = Item.objects.create(
            item_id=str(10**10 + secrets.randbelow(10**10)),
            account=account,
            kind="contact",
            title=email,
            data={**body.properties, "email": email},
        )
        return contact_json(contact)

    @action("searchContacts", "Search contacts", "Contacts", f"POST {CONTACTS}/search")
    def search_contacts(self, account: Account, *, body: ContactSearch) -> Json:
        contacts = of_kind(account, "contact").order_by("created_at")
        found = [each for each in contacts if is_meant(each, body)]
        page, after = one_page(found, body.after, body.limit)
        answer: Json = {"total": len(found), "results": [contact_json(each) for each in page]}
        return answer | ({"paging": {"next": {"after": after}}} if after else {})

    @action("getContact", "Retrieve a contact", "Contacts", f"GET {CONTACTS}/{{contact_id}}")
    def get_contact(self, account: Account, *, contact_id: str) -> Json:
        return contact_json(find_contact(account, contact_id))

    @action("updateContact", "Change a contact", "Contacts", f"PATCH {CONTACTS}/{{contact_id}}")
    def update_contact(self, account: Account, *, contact_id: str, body: ContactBody) -> Json:
        contact = find_contact(account, contact_id)
        contact.title = checked_email(account, body.properties, contact) or contact.title
        contact.data = {**contact.data, **body.properties, "email": contact.title}
        contact.save()
        return contact_json(contact)

    def error_body(self, status: int, message: str, reason: str, **more: str) -> Json:
        told = {"correlationId": str(uuid.uuid4()), "category": reason}
        return {"status": "error", "message": message, **told}

    def furnish(self, account: Account) -> None:
        """Put one contact into a new portal, so that a search finds something."""
        ada = {"email": "ada@lovelace.example", "firstname": "Ada", "lastname": "Lovelace"}
        self.create_contact(account, body=ContactBody.model_validate({"properties": ada}))

    def contents(self, account: Account) -> Json:
        return {"contacts": [contact_json(each) for each in of_kind(account, "contact")]}

    def shown(self, account: Account) -> list[Json]:
        return [
            {
                "title": each.title,
                "details": f"Id {each.pk}",
                "text": "\n".join(f"{name}: {value}" for name, value in each.data.items()),
            }
            for each in of_kind(account, "contact")
        ]


def find_contact(account: Account, contact_id: str) -> Item:
    contact = account.items.filter(kind="contact", pk=contact_id).first()
    if contact is None:
        raise Refusal(404)
    return contact


def checked_email(account: Account, properties: Properties, of: Item | None = None) -> str:
    """Return the address among the properties, "" for none.

    Raises `Refusal` for an unknown property, for what is no address, and for another's.
    """
    for name in properties:
        if name not in KNOWN:
            raise Refusal(400, f'{WRONG}"{name}" does not exist')
    email = (properties.get("email") or "").lower()
    if email and not ADDRESS.fullmatch(email):
        raise Refusal(400, f"{WRONG}Email address {email} is invalid")
    known = account.items.filter(kind="contact", title=email).first()
    if email and known and known != of:
        raise Refusal(409, f"Contact already exists. Existing ID: {known.pk}")
    return email


def contact_json(contact: Item) -> Json:
    created, updated = moment(contact.created_at), moment(contact.edited_at)
    own = {"hs_object_id": contact.pk, "createdate": created, "lastmodifieddate": updated}
    return {
        "id": contact.pk,
        "properties": {**contact.data, **own},
        "createdAt": created,
        "updatedAt": updated,
        "archived": False,
    }


def is_meant(contact: Item, search: ContactSearch) -> bool:
    """Say whether the words are in the contact, and all filters of one of the groups hold."""
    values: Properties = {**contact.data, "hs_object_id": contact.pk}
    if search.query.lower() not in " ".join(filter(None, values.values())).lower():
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
