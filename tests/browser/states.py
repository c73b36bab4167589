"""Every state that a page can be in, to be looked at by axe and by people: see docs/gallery/.

A `World` has what the states need: a newcomer, a merchant at work, one in trouble, an operator.
Most of it is made by calls, not by clicks, since the clicking has its own tests.
"""

# ruff: noqa: E501 -- the states are a table

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from playwright.sync_api import Browser, Page, expect

from tests.browser.browsing import new_context
from tests.browser.merchant import Merchant
from tests.services.sandbox import Sandbox
from tests.services.stack import Stack
from tests.stack.waiting import wait_for

BIGCOMMERCE = "63ea758e82c3074141968bb9"
DETAIL = f"/integrations/{BIGCOMMERCE}/"
STATUS_UPDATE = "632531cf3beb6c98611abd09"
ORDERS, OFFERED = 5, 200
LONG_NAME = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"


@dataclass
class World:
    """The people in front of the pages, each made when a state first needs them."""

    browser: Browser
    stack: Stack
    alloy: Sandbox

    @cached_property
    def nobody(self) -> Page:
        """Somebody who is not logged in."""
        return new_context(self.browser).new_page()

    @cached_property
    def newcomer(self) -> Page:
        """A merchant who has just signed up and connected nothing."""
        merchant = Merchant.who_signs_up(new_context(self.browser).new_page(), self.stack.url)
        merchant.user_id(self.alloy)
        return merchant.page

    @cached_property
    def at_work(self) -> Page:
        """A merchant with a store, some orders and a meeting."""
        merchant = Merchant.who_signs_up(new_context(self.browser).new_page(), self.stack.url)
        user_id = merchant.user_id(self.alloy)
        self.alloy.install(user_id, BIGCOMMERCE)
        numbers = [merchant.places_an_order(self.alloy) for _ in range(ORDERS)]
        addresses = [self._order_of(merchant, number) for number in numbers]
        for address, status in zip(addresses, ("FULFILLED", "SHIPPED", "PACKED"), strict=False):
            merchant.posts(address, status=status)
        self.alloy.misbehave("/run/event", status=503, times=1)
        merchant.posts(addresses[0], status="SHIPPED")
        merchant.posts(
            "/meetings/new/",
            title="Weekly",
            starts_at="2026-11-20T10:00",
            attendees="Ada <ada@example.com>",
            notes="# Plan\n- ship it",
        )
        wait_for(lambda: len(self.alloy.orders(user_id)) == ORDERS)
        self.order = addresses[0]
        return merchant.page

    @cached_property
    def in_trouble(self) -> Page:
        """A merchant whose integrations are in every state, the worst ones too."""
        merchant = Merchant.who_signs_up(new_context(self.browser).new_page(), self.stack.url)
        user_id = merchant.user_id(self.alloy)
        by_name = {each["app"]: each for each in self.alloy.integrations_of(user_id)}
        for name in ("BigCommerce", "ShipStation", "Klaviyo"):
            self.alloy.install(user_id, by_name[name]["integrationId"])
        paused, outdated = by_name["ShipStation"], by_name["Klaviyo"]
        self.alloy.release(outdated["workflows"][0]["workflowId"])
        number = merchant.places_an_order(self.alloy)
        self.alloy.fail_a_run(
            STATUS_UPDATE,
            user_id,
            error="Request failed with status code 401",
            data={"orderId": number},
        )
        page = merchant.page
        merchant.goes_to(f"/integrations/{paused['integrationId']}/")
        page.get_by_role("button", name="Pause").locator("visible=true").first.click()
        expect(page.locator("#integrations-notice")).to_contain_text("is paused")
        return page

    @cached_property
    def operator(self) -> Page:
        """Somebody in the admin: the demo's operator."""
        page = new_context(self.browser).new_page()
        page.goto(f"{self.stack.url}/accounts/login/?next=/admin/")
        page.get_by_role("button", name="Log in as Demo Operator").click()
        page.wait_for_url("**/admin/")
        return page

    @cached_property
    def spoilt_for_choice(self) -> Page:
        """A newcomer to whom Alloy offers very much, one of it with a very long name."""
        found = [
            {
                "integrationId": f"{number:024x}",
                "app": LONG_NAME if number == 0 else f"Service {number}",
                "category": ["E-commerce", "Marketing", "Support", "Accounting"][number % 4],
                "installed": False,
                "icon": "",
                "workflows": [],
            }
            for number in range(OFFERED)
        ]
        body = json.dumps({"data": found})
        self.alloy.misbehave("/integrations", method="GET", body=body)
        merchant = Merchant.who_signs_up(new_context(self.browser).new_page(), self.stack.url)
        merchant.user_id(self.alloy)
        return merchant.page

    def _order_of(self, merchant: Merchant, number: str) -> str:
        page = merchant.page
        link = page.locator("#orders").get_by_role("link", name=number, exact=True)
        if not page.url.endswith("/orders/"):
            merchant.goes_to("/orders/")
        expect(link).to_be_visible()
        return link.get_attribute("href") or ""


@dataclass(frozen=True)
class State:
    """A page in front of somebody. `sign`: a selector of what shows that it is there."""

    name: str
    title: str
    who: str
    path: str
    sign: str = "main h1"
    then: Callable[[World, Page], object] | None = None

    def show(self, world: World) -> Page:
        """Open it and wait until it is there."""
        page: Page = getattr(world, self.who)
        page.goto(world.stack.url + self.path.format(world=world))
        expect(page.locator(self.sign).first).to_be_visible()
        if self.then:
            self.then(world, page)
        return page


def _opens_the_modal(_: World, page: Page) -> None:
    page.locator(f"#connect-{BIGCOMMERCE}").click()
    frame = page.frame_locator("iframe[src*='/forge-install']")
    expect(frame.locator("#step button").first).to_be_visible()


def _unfolds_a_run(_: World, page: Page) -> None:
    page.locator("#activity details[id^=steps]").first.locator("summary").click()
    expect(page.locator("#activity .steps").first).to_be_visible()


STATES = [
    State("welcome", "The welcome page", "nobody", "/"),
    State("login", "Login, with the demo's two", "nobody", "/accounts/login/"),
    State("signup", "Sign-up", "nobody", "/accounts/signup/"),
    State("home-first", "Home of a newcomer", "newcomer", "/", ".checklist"),
    State("integrations-first", "What can be connected", "newcomer", "/integrations/", ".integration"),
    State("search", "A search, misspelt", "newcomer", "/integrations/?q=shopfy", ".integration"),
    State("nothing-fits", "A search that finds nothing", "newcomer", "/integrations/?q=zzzz", ".empty"),
    State("before-connecting", "Before connecting", "newcomer", DETAIL, "#integration"),
    State("service", "A service of the Connectivity API", "newcomer", "/integrations/service/notion/"),
    State("orders-none", "No orders yet", "newcomer", "/orders/", ".empty"),
    State("meetings-none", "No meetings yet", "newcomer", "/meetings/"),
    State("modal", "Alloy's window", "newcomer", DETAIL, "#integration", _opens_the_modal),
    State("home", "Home at work", "at_work", "/", ".chart-plot"),
    State("orders", "Orders", "at_work", "/orders/", "#orders table"),
    State("order", "An order's timeline", "at_work", "{world.order}", "#timeline"),
    State("connected", "An integration at work", "at_work", DETAIL, "#activity .chart-plot", _unfolds_a_run),
    State("meetings", "Meetings", "at_work", "/meetings/"),
    State("meeting-new", "A new meeting", "at_work", "/meetings/new/"),
    State("settings", "Settings", "at_work", "/settings/"),
    State("home-trouble", "Home, with something wrong", "in_trouble", "/", ".notice"),
    State("integrations", "Connected: attention, paused, update", "in_trouble", "/integrations/", ".notice"),
    State("attention", "An integration that needs attention", "in_trouble", DETAIL, "#activity .chart-plot"),
    State("admin", "The operator's front page", "operator", "/admin/", ".alloy-operations"),
    # The last: from here on Alloy offers this to everybody.
    State("two-hundred", "200 integrations, one with a long name", "spoilt_for_choice", "/integrations/", ".integration"),
]  # fmt: skip
