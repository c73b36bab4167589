"""The consent page and the dashboard's pages in a real browser, readable for everybody."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browsing import check_pages
from tests.conftest import Sandbox
from tests.connectivity.conftest import Connection, consent_page, credentials
from tests.connectivity.test_notion_pages import new_page, paragraph

pytestmark = pytest.mark.browser


@pytest.fixture
def app() -> Iterator[str]:
    """An app on another origin, which the consent page returns to; return its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"<!doctype html><title>AcmeCo</title><h1>Back in the app</h1>"
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/callback/my-state/"
        server.shutdown()


def test_access_is_denied_with_the_keyboard_alone_and_then_allowed(
    page: Page, sandbox: Sandbox, user_id: str, app: str
) -> None:
    page.goto(consent_page(sandbox, user_id, back=app))
    page.keyboard.press("Tab")
    expect(page.get_by_role("radio", name="Acme HQ")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Back in the app")).to_be_visible()
    assert page.url == f"{app}?error=access_denied"
    assert credentials(sandbox, user_id, "notion") == []
    page.goto(consent_page(sandbox, user_id, back=app))
    page.get_by_role("radio", name="Acme Europe").check()
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_role("heading", name="Back in the app")).to_be_visible()
    assert page.url == app
    assert len(credentials(sandbox, user_id, "notion")) == 1


def test_what_the_app_writes_appears_and_is_deleted_by_hand(page: Page, notion: Connection) -> None:
    page.goto(f"{notion.sandbox.origin}/dashboard/services")
    page.get_by_role("link", name="Acme HQ").click()
    written = new_page(notion, "Weekly", children=[paragraph("We shipped.")])
    page.get_by_role("link", name="Weekly").click()
    expect(page.get_by_role("article")).to_contain_text("We shipped.")
    assert page.url == written["url"]
    page.get_by_role("button", name="Delete for good: Weekly").click()
    expect(page.get_by_role("status")).to_contain_text("deleted for good")
    assert notion.refused("retrieve-a-page", path={"page_id": written["id"]})[0] == 404


def test_every_page_is_accessible_and_fits(page: Page, notion: Connection) -> None:
    sandbox, user_id = notion.sandbox, notion.user_id
    blocks = [
        {kind: {"rich_text": [{"text": {"content": f"A {kind} " + "and so on " * 20}}]}}
        for kind in ("heading_1", "heading_2", "heading_3", "quote", "code", "to_do", "toggle")
    ]
    written = new_page(notion, "Weekly review of everything", children=blocks)
    answered = consent_page(sandbox, user_id)
    sandbox.session.post(answered, data={"answer": "deny"}, allow_redirects=False, timeout=20)
    addresses = [consent_page(sandbox, user_id), answered, f"{answered}-unknown", written["url"]]
    for connector in ("notion", "slack", "jira"):
        body = {"connectorId": connector, "account": "A name of some length"}
        account = sandbox.control("POST", f"connections/{user_id}", body)["accountId"]
        addresses.append(f"{sandbox.origin}/dashboard/services/{account}")
    check_pages(page, [*addresses, f"{sandbox.origin}/dashboard/services"])
