"""HubSpot: contacts, each address once."""

from __future__ import annotations

import pytest

from tests.conftest import Json, Sandbox
from tests.connectivity.conftest import Connection, connect

GRACE = {"email": "Grace@Hopper.example", "firstname": "Grace", "lastname": "Hopper"}


@pytest.fixture
def hubspot(sandbox: Sandbox, user_id: str) -> Connection:
    return connect(sandbox, user_id, "hubspot", "Acme Sales")


def grace(hubspot: Connection) -> Json:
    made: Json = hubspot.do("createContact", {"properties": GRACE})
    return made


def by_email(email: str, operator: str = "EQ") -> Json:
    wanted = {"propertyName": "email", "operator": operator, "value": email}
    return {"filterGroups": [{"filters": [wanted]}]}


def test_a_contact_is_created_and_retrieved(hubspot: Connection) -> None:
    made = grace(hubspot)
    assert made["properties"]["email"] == "grace@hopper.example"
    assert hubspot.do("getContact", path={"contact_id": made["id"]}) == made


def test_a_duplicate_is_a_conflict_that_names_the_existing_contact(hubspot: Connection) -> None:
    made = grace(hubspot)
    again = {"properties": {"email": "grace@hopper.example"}}
    status, error = hubspot.refused("createContact", again)
    assert (status, error["category"]) == (409, "CONFLICT")
    assert error["message"] == f"Contact already exists. Existing ID: {made['id']}"


def test_a_contact_is_found_by_its_address_whatever_its_case(hubspot: Connection) -> None:
    made = grace(hubspot)
    found = hubspot.do("searchContacts", by_email("GRACE@hopper.example"))
    assert (found["total"], found["results"]) == (1, [made])
    assert hubspot.do("searchContacts", by_email("nobody@hopper.example"))["total"] == 0
    assert hubspot.do("searchContacts", {"query": "hopper"})["total"] == 1


def test_search_comes_in_pages(hubspot: Connection) -> None:
    grace(hubspot)
    first = hubspot.do("searchContacts", {"limit": 1})
    second = hubspot.do("searchContacts", {"limit": 1, "after": first["paging"]["next"]["after"]})
    assert first["total"] == second["total"] == 2
    assert first["results"] != second["results"]
    assert "paging" not in second


def test_a_contact_is_changed_and_keeps_the_rest(hubspot: Connection) -> None:
    made = grace(hubspot)
    changes = {"properties": {"company": "Acme"}}
    changed = hubspot.do("updateContact", changes, path={"contact_id": made["id"]})
    assert changed["properties"]["firstname"] == "Grace"
    assert changed["properties"]["company"] == "Acme"


def test_an_address_cannot_be_changed_to_that_of_another(hubspot: Connection) -> None:
    where = {"contact_id": grace(hubspot)["id"]}
    changes = {"properties": {"email": "ada@lovelace.example"}}
    assert hubspot.refused("updateContact", changes, path=where)[0] == 409


def test_an_address_is_refused_and_the_next_is_taken(hubspot: Connection) -> None:
    bad = ("grace", "a-bad@exa_mple.example", "a@b", "a..b@x.example", "ä@x.example")
    for number, address in enumerate((*bad, "a@-x.example", "a b@x.org")):
        status, error = hubspot.refused("createContact", {"properties": {"email": address}})
        assert (status, error["status"], error["category"]) == (400, "error", "VALIDATION_ERROR")
        assert address in error["message"]
        good = {"properties": {"email": f"bea{number}@x.example"}}
        assert hubspot.do("createContact", good)["id"]
