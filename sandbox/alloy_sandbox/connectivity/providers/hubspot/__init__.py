"""HubSpot: contacts, created, searched and changed."""

from __future__ import annotations

from alloy_sandbox.connectivity.connector import Action, Connector
from alloy_sandbox.connectivity.providers.hubspot import bodies, contacts
from alloy_sandbox.connectivity.providers.hubspot.errors import failure, refuse

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
    furnish=contacts.furnish,
    contents=contacts.contents,
    actions=(
        Action(
            *("createContact", "Create a contact", "Contacts", "POST", CONTACTS),
            run=contacts.create_contact,
            body=bodies.ContactBody,
        ),
        Action(
            *("searchContacts", "Search contacts", "Contacts", "POST", f"{CONTACTS}/search"),
            run=contacts.search_contacts,
            body=bodies.ContactSearch,
        ),
        Action(
            *("getContact", "Retrieve a contact", "Contacts", "GET", CONTACT),
            run=contacts.get_contact,
        ),
        Action(
            *("updateContact", "Change a contact", "Contacts", "PATCH", CONTACT),
            run=contacts.update_contact,
            body=bodies.ContactBody,
        ),
    ),
)
