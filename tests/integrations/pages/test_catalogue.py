from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.test import RequestFactory

from integrations import signals
from integrations.alloy import Integration
from integrations.pages.cards import Card
from integrations.pages.catalogue import Catalogue, Entry, Service, Services, Work, catalogue_of
from integrations.pages.health import State, health_of
from integrations.pages.listing import MOST, PAGE_SIZE, Listing, Wanted, listing_of
from integrations.pages.search import normalized


def card(name: str, *blocks: str, installed: bool = False) -> Card:
    workflow = {
        "workflowId": f"w-{normalized(name)}",
        "name": f"What {name} does",
        "installed": installed,
        "active": installed,
        "blocks": [{"name": each, "type": each} for each in blocks],
    }
    shape = {"integrationId": f"i-{normalized(name)}", "app": name, "installed": installed}
    integration = Integration.model_validate({**shape, "workflows": [workflow]})
    return Card(integration, health_of(integration))


def service(key: str, *categories: str, state: State = State.AVAILABLE, name: str = "") -> Service:
    return Service(key, name or key, "/somewhere/", "", state, categories=categories)


@contextmanager
def answering(signal: Any, answer: Any) -> Iterator[None]:
    def receiver(**_: Any) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    others, signal.receivers = signal.receivers, []
    signal.sender_receivers_cache.clear()
    signal.connect(receiver, weak=False)
    yield
    signal.receivers = others
    signal.sender_receivers_cache.clear()


def entries(cards: list[Card], services: list[Service], *works: Work) -> list[Entry]:
    with (
        answering(signals.services_wanted, Services(services)),
        answering(signals.work_wanted, list(works)),
    ):
        return catalogue_of(None, cards).entries


def pairs(found: list[Entry]) -> list[tuple[str, str]]:
    return [(it.card.name if it.card else "", it.service.key if it.service else "") for it in found]


@pytest.mark.parametrize(
    ("cards", "services", "found"),
    [
        (
            [card("Google Sheets"), card("Klaviyo")],
            [service("googlesheets"), service("notion")],
            [("Google Sheets", "googlesheets"), ("Klaviyo", ""), ("", "notion")],
        ),
        (
            [card("Our shop", "customEvent", "shopify"), card("Both", "slack", "notion", "data")],
            [service("slack"), service("shopify")],
            [("Our shop", "shopify"), ("Both", ""), ("", "slack")],
        ),
        (
            [card("Returns", "shopify"), card("Shopify", "shopify")],
            [service("shopify")],
            [("Returns", ""), ("Shopify", "shopify")],
        ),
    ],
    ids=["of one name", "of the one app in its blocks", "of its name before that in its blocks"],
)
def test_an_integration_and_the_service_it_uses_are_one_entry(
    cards: list[Card], services: list[Service], found: list[tuple[str, str]]
) -> None:
    assert pairs(entries(cards, services)) == found


def test_an_entry_says_which_kinds_of_work_it_does_and_for_which_the_service_is_needed() -> None:
    works = Work("i-hubspot", "Orders"), Work("hubspot", "Meetings"), Work("nobody", "Nothing")
    (found,) = entries([card("HubSpot")], [service("hubspot")], *works)
    assert (found.kinds, found.kinds_of_service) == (["Orders", "Meetings"], ["Meetings"])


@pytest.mark.parametrize(
    ("found", "is_shown"),
    [
        (Entry(None, service("a")), True),
        (Entry(card("A"), service("a")), False),
        (Entry(card("A"), service("a", state=State.ATTENTION)), True),
        (Entry(card("A"), service("a"), (Work("i-a", "Orders"),)), False),
        (Entry(card("A"), service("a"), (Work("a", "Meetings"),)), True),
        (Entry(card("A")), False),
    ],
)
def test_a_second_way_to_connect_is_shown_only_where_something_uses_it(
    found: Entry, is_shown: bool
) -> None:
    assert found.shows_service is is_shown


def test_an_app_that_fails_leaves_the_integrations() -> None:
    with answering(signals.services_wanted, RuntimeError("broken")):
        assert pairs(catalogue_of(None, [card("Slack")]).entries) == [("Slack", "")]


def listed(entries: list[Entry], query: str = "") -> Listing:
    return listing_of(Catalogue(entries), Wanted.of(RequestFactory().get(f"/?{query}")))


def names(entries: list[Entry]) -> list[str]:
    return [each.name for each in entries]


SHOP = Entry(card("Shop", installed=True))
GONE = Entry(None, service("Wiki", "knowledge", state=State.ATTENTION))
USED = Entry(None, service("Notes", "knowledge", "crm"), (Work("Notes", "Meetings"),))
SPARE = [Entry(None, service(*each)) for each in (("b", "crm"), ("A", "crm"), ("C",))]
SOME = [SHOP, *SPARE, USED, GONE, Entry(card("Z"))]


def test_what_is_connected_stands_apart_and_what_needs_attention_first() -> None:
    listing = listed(SOME)
    assert names(listing.connected) == ["Wiki", "Shop"]
    assert (listing.found, listing.available) == (7, 5)


def test_what_has_a_use_stands_before_the_rest_by_category() -> None:
    listing = listed(SOME)
    assert names(listing.ready) == ["Notes", "Z"]
    rest = {each.title: names(each.entries) for each in listing.directory}
    assert rest == {"CRM": ["A", "b"], "Other services": ["C"]}


def test_categories_stand_in_the_order_of_their_names_whatever_their_case() -> None:
    some = [service("Zoho", "crm"), service("Outlook", "calendar"), service("Asana", "tasks")]
    titles = [each.title for each in listed(entries([], some)).directory]
    assert titles == ["Calendar", "CRM", "Tasks"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("sort=name", ["A", "b", "C", "Notes", "Z"]),
        ("category=crm", ["A", "b", "Notes"]),
        ("q=meetings", ["Notes"]),
        ("q=nots", ["Notes"]),
    ],
)
def test_whoever_searches_or_sorts_gets_one_list(asked: str, found: list[str]) -> None:
    listing = listed(SOME, asked)
    assert (names(listing.ready), listing.directory) == (found, [])


def test_categories_are_counted_and_nothing_is_in_one_that_nobody_has() -> None:
    categories = listed(SOME, "category=crm").categories
    counts = {each.label: (each.count, each.is_wanted) for each in categories}
    assert counts == {"CRM": (3, True), "Knowledge": (2, False)}
    assert listed(SOME, "category=nonsense").found == 0
    misspelled = listed(SOME, "q=nots&category=nonsense")
    assert (misspelled.found, misspelled.is_alike) == (0, False)


def test_one_page_is_shown_and_more_on_request() -> None:
    many = [Entry(card(f"{number:03}")) for number in range(2 * PAGE_SIZE + 3)]
    first = listed(many)
    assert (len(first.ready), first.more) == (PAGE_SIZE, PAGE_SIZE)
    second = listed(many, first.address_of_more)
    assert (len(second.ready), second.more) == (2 * PAGE_SIZE, 3)
    assert listed(many, second.address_of_more).more == 0


def test_a_page_shows_no_more_than_so_many_and_says_how_the_others_are_found() -> None:
    for count, others in ((MOST, False), (MOST + 1, True)):
        found = listed([Entry(service=service(str(n))) for n in range(count)], f"show={10 * MOST}")
        shown = sum(len(each.entries) for each in found.directory)
        assert (shown, found.more, found.has_others) == (MOST, 0, others)


@pytest.mark.parametrize("show", ["-1", "0", "x", "9" * 400, "٣", "1e9"])
def test_nonsense_shows_one_page(show: str) -> None:
    assert Wanted.of(RequestFactory().get("/", {"show": show})).show == PAGE_SIZE


def test_an_address_says_only_what_is_not_as_usual() -> None:
    wanted = Wanted(query="a&b", category="crm")
    assert wanted.address == "q=a%26b&category=crm"
    assert Wanted.of(RequestFactory().get(f"/?{wanted.address}")) == wanted
