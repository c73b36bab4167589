"""Names, icons, texts and messages that try to be code, in a real browser under the real policy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.merchant import Merchant
from tests.browser.payloads import payloads
from tests.full_size import size
from tests.integrations.alloy.servers import Server, always, serving, whole
from tests.services.sandbox import Sandbox
from tests.services.stack import Stack
from tests.stack.waiting import wait_for

pytestmark = pytest.mark.scenario(18)

PAGES_OF_THEIR_OWN = size(100, usual=2)
"""How many payloads are looked at on a page of their own; on the lists they all are."""
RUNS = size(100, usual=20)
BIGCOMMERCE = "63ea758e82c3074141968bb9"
STATUS_UPDATE = "632531cf3beb6c98611abd09"
DONE = b"<!doctype html><title>attacker</title><p>attacker"


@pytest.fixture
def attacker() -> Iterator[Server]:
    """Somebody else's site, which notes who comes."""
    html = whole(DONE, extra=b"Content-Type: text/html\r\nAccess-Control-Allow-Origin: *\r\n")
    with serving(always(html)) as server:
        yield server


@dataclass
class Watch:
    """What happened in a page that must not."""

    page: Page
    attacker: Server
    own: tuple[str, ...]
    happened: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("dialog", lambda dialog: self.happened.append(f"dialog {dialog.message}"))
        self.page.on("popup", lambda popup: self.happened.append(f"popup {popup.url}"))
        self.page.on("request", lambda request: self._note_foreign(request.url))

    def _note_foreign(self, url: str) -> None:
        if not url.startswith(self.own):
            self.happened.append(f"request {url[:200]}")

    def check(self) -> None:
        """See that no payload ran, nobody was asked who is not ours, and nothing was framed."""
        self.page.evaluate("new Promise((done) => setTimeout(done, 50))")
        assert self.page.evaluate("window.payloadRan") is None
        assert self.page.url.startswith(self.own)
        assert not self.happened, self.happened
        assert self.attacker.requests == []


@pytest.fixture
def watch(page: Page, attacker: Server, stack: Stack) -> Watch:
    return Watch(page, attacker, (f"{stack.url}/", f"{stack.sandbox_url}/"))


def test_names_of_integrations_and_workflows_stay_text(
    watch: Watch, merchant: Merchant, alloy: Sandbox
) -> None:
    names = payloads(watch.attacker.origin)
    integrations = [
        {
            "integrationId": f"{number:024x}",
            "app": name,
            "category": name,
            "installed": True,
            "icon": "",
            "workflows": [
                {
                    "workflowId": f"{number:024x}",
                    "name": name,
                    "installed": True,
                    "version": 2,
                    "installedVersion": 1,
                    "blocks": [{"name": name, "id": name, "type": name, "icon": ""}],
                }
            ],
        }
        for number, name in enumerate(names)
    ]
    alloy.misbehave("/integrations", method="GET", body=json.dumps({"data": integrations}))
    merchant.goes_to("/integrations/")
    connected = merchant.page.locator("section[aria-labelledby=connected] li.integration")
    expect(connected).to_have_count(len(names))
    watch.check()
    for number in range(len(names))[:PAGES_OF_THEIR_OWN]:
        merchant.goes_to(f"/integrations/{number:024x}/")
        expect(merchant.page.get_by_role("heading", level=1)).to_be_visible()
        watch.check()


def test_icons_are_pictures_of_ours_or_nothing(
    context: BrowserContext, attacker: Server, stack: Stack, alloy: Sandbox, merchant: Merchant
) -> None:
    icons = [*payloads(attacker.origin), f"{attacker.origin}/x.svg", "//example.com/x.svg"]
    integrations = [
        {
            "integrationId": f"{number:024x}",
            "app": f"App {number}",
            "installed": False,
            "icon": icon,
            "workflows": [],
        }
        for number, icon in enumerate(icons)
    ]
    alloy.misbehave("/integrations", method="GET", body=json.dumps({"data": integrations}))
    page = context.new_page()  # here the policy has something to block
    blocked: list[str] = []
    page.on("console", lambda said: blocked.append(said.text))
    page.goto(f"{stack.url}/integrations/?show={len(icons)}")
    expect(page.locator("li.compact", has_text="App ")).to_have_count(len(icons))
    page.wait_for_load_state()
    assert page.evaluate("window.payloadRan") is None
    assert attacker.requests == []
    sources = page.evaluate("[...document.images].map((image) => image.getAttribute('src'))")
    assert not [source for source in sources if "script:" in source.lower()]
    foreign = page.get_by_role("heading", name=f"App {len(icons) - 2}", exact=True)
    card = page.locator("li.compact", has=foreign)
    card.scroll_into_view_if_needed()
    expect(card.locator(".icon > img")).to_have_count(0)
    expect(card.locator(".icon")).to_have_text("A")  # the letter, and no broken picture
    # The browser reports what it blocked when it comes to it, to whoever talks with it.
    wait_for(lambda: page.title() and any("img-src" in text for text in blocked))


def test_what_shoppers_are_called_stays_text(
    watch: Watch, connected_merchant: Merchant, alloy: Sandbox
) -> None:
    merchant, names = connected_merchant, payloads(watch.attacker.origin)
    user_id = merchant.user_id(alloy)
    third = -(-len(names) // 3)  # each name is in one field, or in every field at full size
    for number in range(size(len(names), usual=third)):
        first, last, status = (names[(number + each * third) % len(names)] for each in range(3))
        address = {"first_name": first, "last_name": last, "email": last}
        alloy.place_order(user_id, billing_address=address, status=status)
    merchant.goes_to("/orders/")
    rows = merchant.page.locator("#orders").get_by_role("link")
    expect(merchant.page.get_by_text("payloadRan").first).to_be_visible()
    watch.check()
    for path in [row.get_attribute("href") or "" for row in rows.all()][:PAGES_OF_THEIR_OWN]:
        merchant.goes_to(path)
        watch.check()
    for name in names[:PAGES_OF_THEIR_OWN]:
        merchant.goes_to(f"/orders/?q={quote(name)}")
        watch.check()


def test_what_a_meeting_is_about_stays_text(watch: Watch, merchant: Merchant) -> None:
    page = merchant.page
    merchant.goes_to("/meetings/new/")
    token = page.locator("main [name=csrfmiddlewaretoken]").get_attribute("value")
    for text in payloads(watch.attacker.origin)[: max(PAGES_OF_THEIR_OWN, 10)]:
        form: dict[str, str | float | bool] = {
            "title": text[:150],
            "starts_at": "2026-11-20T10:00",
            "notes": f"# {text}\n- [link]({text})\n![picture]({text})\n{text}",
            "attendees": "Ada <ada@example.com>",
            "csrfmiddlewaretoken": token or "",
        }
        answer = page.request.post(f"{merchant.url}/meetings/new/", form=form, max_redirects=0)
        assert answer.status == 302, answer.text()
        merchant.goes_to(answer.headers["location"])
        watch.check()
    merchant.goes_to("/meetings/")
    watch.check()


def test_what_a_run_was_given_and_why_it_failed_stays_text(
    watch: Watch, connected_merchant: Merchant, alloy: Sandbox
) -> None:
    merchant, page = connected_merchant, connected_merchant.page
    user_id = merchant.user_id(alloy)
    for text in payloads(watch.attacker.origin)[:RUNS]:
        alloy.fail_a_run(STATUS_UPDATE, user_id, error=text, data={"orderId": text, text: text})
    merchant.goes_to(f"/integrations/{BIGCOMMERCE}/?workflow={STATUS_UPDATE}")
    expect(page.locator("#activity").get_by_text("Failed").first).to_be_visible()
    for number in range(size(6, usual=2)):
        merchant.goes_to(f"/integrations/{BIGCOMMERCE}/?workflow={STATUS_UPDATE}&page={number}")
        watch.check()
    merchant.goes_to("/integrations/")
    watch.check()


def test_messages_from_a_foreign_origin_do_nothing(watch: Watch, merchant: Merchant) -> None:
    merchant.opens("BigCommerce")
    texts = payloads(watch.attacker.origin)
    orders = [{"type": text, "url": text, "html": text, "callback": text} for text in texts]
    merchant.page.evaluate(
        """([origin, messages]) => {
            for (const data of messages) {
                window.dispatchEvent(new MessageEvent("message", { data, origin }));
            }
        }""",
        [watch.attacker.origin, [*texts, *orders]],
    )
    merchant.expects_modal(is_open=True)
    watch.check()


def test_a_foreign_page_can_neither_frame_ours_nor_hold_on_to_it(
    context: BrowserContext, attacker: Server, stack: Stack, merchant: Merchant
) -> None:
    page = context.new_page()
    page.goto(attacker.origin)
    page.set_content(f"<iframe src='{stack.url}/integrations/'></iframe>")
    page.wait_for_load_state("networkidle")
    framed = [frame for frame in page.frames if frame != page.main_frame]
    assert not any("AcmeCo" in frame.content() for frame in framed)
    page.goto(attacker.origin)
    with page.expect_popup() as popup:
        page.evaluate(f"window.opened = window.open('{stack.url}/integrations/')")
    popup.value.wait_for_url(f"{stack.url}/integrations/")
    page.evaluate("window.opened.postMessage('payload', '*')")
    page.wait_for_function("window.opened.closed")  # the foreign page lost sight of ours
    assert popup.value.evaluate("window.opener") is None
    assert popup.value.evaluate("window.payloadRan") is None
