"""A browser, and a whole AcmeCo with its sandbox behind it, started once for all tests here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.browsing import chromium, context, page
from tests.browser.merchant import Merchant
from tests.services.sandbox import Sandbox
from tests.services.stack import Stack
from tests.stack.waiting import wait_for

__all__ = ["chromium", "context", "page"]

BIGCOMMERCE = "63ea758e82c3074141968bb9"


@pytest.fixture
def alloy(stack: Stack) -> Iterator[Sandbox]:
    """What Alloy and the stores behind it do, as told by the test."""
    sandbox = Sandbox(stack.sandbox_url)
    yield sandbox
    sandbox.behave()
    sandbox.close()


@pytest.fixture
def merchant(stack: Stack, page: Page) -> Merchant:
    """A merchant who has just signed up, and sits at the browser."""
    return Merchant.who_signs_up(page, stack.url)


@pytest.fixture(scope="package")
def demo(stack: Stack) -> None:
    """The demo's merchant and operator, whom a button on the login page logs in."""
    stack.manage("seed_demo")


@pytest.fixture
def ready_merchant(merchant: Merchant) -> Merchant:
    """A merchant to whom Alloy offers its integrations already."""
    wait_for(lambda: BIGCOMMERCE in merchant.reads("/integrations/"))
    return merchant


@pytest.fixture
def connected_merchant(merchant: Merchant, alloy: Sandbox) -> Merchant:
    """A merchant whose BigCommerce store is connected, though not by hand."""
    alloy.install(wait_for(lambda: merchant.user_id(alloy)), BIGCOMMERCE)
    wait_for(lambda: "Uninstall BigCommerce" in merchant.reads(f"/integrations/{BIGCOMMERCE}/"))
    return merchant
