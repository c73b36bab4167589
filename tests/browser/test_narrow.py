"""On a narrow screen nothing is cut off, however long the words are that others write."""

from __future__ import annotations

import json

from playwright.sync_api import Page, expect

from tests.browser.merchant import Merchant
from tests.services.sandbox import Sandbox
from tests.stack.waiting import wait_for

WORD = "Wanderer" * 20
BIGCOMMERCE = "63ea758e82c3074141968bb9"
STATUS_UPDATE = "632531cf3beb6c98611abd09"
WIDTHS = (320, 390)


def integration(number: int, *, installed: bool) -> dict[str, object]:
    workflow = {
        "workflowId": f"{number:024x}",
        "name": WORD,
        "installed": installed,
        "active": number % 2 == 0,
        "version": 2_000_000_000,
        "installedVersion": 1_000_000_000,
        "blocks": [{"name": WORD, "id": str(each), "type": f"streamData{WORD}"} for each in (1, 2)],
    }
    shape = {"integrationId": f"{number:024x}", "app": WORD, "description": WORD, "icon": "/x.png"}
    return {**shape, "installed": installed, "workflows": [workflow]}


def too_wide(page: Page, url: str) -> list[str]:
    """Return the widths at which a page has to be moved sideways, each with what sticks out."""
    page.goto(url)
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        sticking_out = page.evaluate(
            """() => document.documentElement.scrollWidth <= innerWidth ? "" :
                [...document.querySelectorAll("body *")].filter((each) => {
                  const box = each.getBoundingClientRect();
                  const isHidden = each.closest(".visually-hidden, .chips");
                  return box.right > innerWidth + 1 && box.width && !isHidden;
                }).map((each) => each.outerHTML.slice(0, 120)).slice(-3).join(" | ") || "?" """
        )
        found += [f"{url} at {width}: {sticking_out}"] if sticking_out else []
    return found


def test_long_words_widen_no_page(connected_merchant: Merchant, alloy: Sandbox) -> None:
    merchant, page = connected_merchant, connected_merchant.page
    user_id = merchant.user_id(alloy)
    person = {"first_name": WORD, "last_name": WORD, "email": f"{WORD[:60]}@{WORD[:60]}.example"}
    alloy.place_order(user_id, billing_address=person, status=WORD, currency_code="EUR")
    alloy.fail_a_run(STATUS_UPDATE, user_id, error=WORD, data={"orderId": WORD, WORD: WORD})
    alloy.connect(user_id, "notion")
    alloy.let_service_fail("notion", status=400, reason=WORD[:90])
    merchant.posts(
        "/meetings/new/",
        title=WORD,
        starts_at="2026-11-20T10:00",
        attendees=f"{WORD} <{WORD[:60]}@{WORD[:60]}.example>",
        notes=f"# {WORD}\n- {WORD}\n\n`{WORD}`\n\n> {WORD}",
    )
    meeting = wait_for(lambda: merchant.link("/meetings/"))
    order = wait_for(lambda: merchant.link("/orders/"))
    merchant.posts(order, status="SHIPPED")
    wait_for(lambda: "BigCommerce updated" in merchant.reads(order))
    own = f"/integrations/{BIGCOMMERCE}/"
    pages = [
        *("/", "/orders/", f"/orders/?q={WORD}", order),
        *("/meetings/", meeting, f"{meeting}edit/", f"{meeting}delete/", "/meetings/import/"),
        *(own, f"{own}?workflow={STATUS_UPDATE}", f"{own}uninstall/", f"{own}pause-everything/"),
        *(
            "/integrations/service/notion/",
            f"/integrations/?q={WORD}",
            "/integrations/?category=crm",
        ),
        *("/settings/", "/accounts/email/", "/accounts/2fa/", "/accounts/sessions/"),
    ]
    found = [each for path in pages for each in too_wide(page, merchant.url + path)]
    many = [integration(number, installed=number < 4) for number in range(1, 8)]
    alloy.misbehave("/integrations", method="GET", body=json.dumps({"data": many}))
    merchant.goes_to("/integrations/")
    page.get_by_role("button", name="Check now").click()
    expect(page.get_by_role("heading", name=WORD).first).to_be_visible()
    made_up = [f"/integrations/{number:024x}/" for number in (1, 2, 7)]
    for path in (
        "/integrations/",
        *made_up,
        f"{made_up[0]}uninstall/",
        f"{made_up[0]}pause-everything/",
    ):
        found += too_wide(page, merchant.url + path)
    assert not found, "\n".join(found)
