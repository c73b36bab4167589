"""What a browser keeps and sends on after tokens were handed to it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.merchant import Merchant
from tests.full_size import size
from tests.services.stack import Stack

pytestmark = pytest.mark.scenario(17)

BIGCOMMERCE = "63ea758e82c3074141968bb9"
OPENINGS = size(10, usual=1)
JWT = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*")
KEPT = """async () => JSON.stringify({
    local: {...localStorage}, session: {...sessionStorage}, cookies: document.cookie,
    databases: await indexedDB.databases(), caches: await caches.keys(),
    history: JSON.stringify(history.state), name: window.name, url: location.href,
    html: document.documentElement.outerHTML.replaceAll(/<iframe[^>]*>/g, ""),
})"""


def test_the_browser_keeps_no_token_and_brings_none_back_to_us(
    merchant: Merchant, page: Page, stack: Stack
) -> None:
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))
    for _ in range(OPENINGS):
        merchant.opens("BigCommerce")
        assert not JWT.search(page.evaluate(KEPT))
    merchant.finishes_the_modal()
    merchant.goes_to(f"/integrations/{BIGCOMMERCE}/")
    page.get_by_role("button", name="Send to a colleague").click()
    link = page.get_by_label("The link, shown only this once").input_value()
    assert "token=" in link
    for path in ("/integrations/", f"/integrations/{BIGCOMMERCE}/", "/"):
        merchant.goes_to(path)
        expect(page.get_by_role("main")).to_be_visible()
        kept = page.evaluate(KEPT)
        assert not JWT.search(kept)
        assert link.partition("token=")[2] not in kept
    cookies = [f"{cookie.get('value')}" for cookie in page.context.cookies(stack.url)]
    assert not any(JWT.search(cookie) for cookie in cookies)
    for request in asked:
        referrer = request.headers.get("referer", "")
        assert not JWT.search(referrer), "no page of ours has a token in its address"
        if request.url.startswith(stack.url):
            assert not JWT.search(f"{request.url} {request.headers} {request.post_data}")
