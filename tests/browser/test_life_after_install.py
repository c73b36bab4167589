"""What comes after the install, played by hand: pausing, failures, links, erasing, refusals."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.browsing import check, new_context
from tests.browser.merchant import Merchant
from tests.services.sandbox import Sandbox
from tests.services.stack import Stack
from tests.stack.waiting import wait_for

BIGCOMMERCE = "63ea758e82c3074141968bb9"
STATUS_UPDATE = "632531cf3beb6c98611abd09"
PAGE = f"/integrations/{BIGCOMMERCE}/"
ACTIVITY = f"{PAGE}?workflow={STATUS_UPDATE}"


def test_a_workflow_is_paused_and_resumed_and_the_keyboard_stays_where_it_was(
    connected_merchant: Merchant,
) -> None:
    page = _opens(connected_merchant, PAGE)
    row = page.get_by_role("row").filter(has_text="When a fulfillment status")
    row.get_by_role("button", name="Pause").press("Enter")
    expect(_notice(page)).to_contain_text("is paused")
    expect(row.get_by_text("Paused", exact=True)).to_be_visible()
    resume = row.get_by_role("button", name="Resume")
    expect(resume).to_be_focused()
    resume.press("Enter")
    expect(row.get_by_text("Active", exact=True)).to_be_visible()


def test_everything_is_paused_and_then_uninstalled_each_after_a_question(
    connected_merchant: Merchant,
) -> None:
    page = _opens(connected_merchant, PAGE)
    page.get_by_role("link", name="Pause BigCommerce").click()
    expect(page.get_by_role("heading", name="Pause BigCommerce?")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Pause BigCommerce").click()
    expect(page.locator("p.notice", has_text="BigCommerce is paused.")).to_be_visible()
    expect(page.get_by_role("cell", name="Paused", exact=True)).to_have_count(2)
    page.get_by_role("link", name="Uninstall BigCommerce").click()
    expect(page.get_by_role("heading", name="Uninstall BigCommerce?")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Uninstall BigCommerce").click()
    expect(page.locator("p.notice", has_text="BigCommerce is removed")).to_be_visible()
    expect(page.get_by_role("button", name="Connect BigCommerce")).to_be_visible()


def test_a_failure_is_said_in_plain_words_and_made_good_by_running_it_again(
    connected_merchant: Merchant, alloy: Sandbox, stack: Stack
) -> None:
    merchant, page = connected_merchant, connected_merchant.page
    number = int(merchant.places_an_order(alloy))
    _fire(stack, merchant.user_id(alloy), orderId=str(number + 1), status="SHIPPED")

    merchant.goes_to("/integrations/")
    card = merchant.card("BigCommerce")
    expect(card).to_contain_text("could not find")
    check(page)
    card.get_by_role("link", name="See what happened").click()
    expect(page.get_by_role("heading", name="Something went wrong")).to_be_visible()

    merchant.goes_to(ACTIVITY)
    run = page.locator("#activity li.card", has_text="Failed")
    run.get_by_text("2 steps").click()
    expect(run).to_contain_text(f'"orderId": "{number + 1}"')
    check(page)
    assert int(merchant.places_an_order(alloy)) == number + 1
    run.get_by_role("button", name="Run again").dblclick()
    expect(_notice(page)).to_contain_text(re.compile("It runs again|was run again already"))
    expect(page.locator("#activity li.card", has_text="Succeeded")).to_have_count(1)
    expect(page.get_by_role("heading", name="Something went wrong")).to_have_count(0)
    orders = {str(each["id"]): each["status"] for each in alloy.orders(merchant.user_id(alloy))}
    assert orders[str(number + 1)] == "SHIPPED"


def test_it_all_works_without_javascript(
    connected_merchant: Merchant, chromium: Browser, stack: Stack
) -> None:
    cookies = connected_merchant.page.context.cookies()
    with new_context(chromium, java_script_enabled=False) as context:
        context.add_cookies(cookies)  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(stack.url + PAGE)
        page.get_by_role("button", name="Pause").locator("visible=true").first.click()
        expect(page.locator("p.notice", has_text="is paused")).to_be_visible()
        resume = page.get_by_role("button", name="Resume").locator("visible=true").first
        _reloads_until_there_is(page, resume)
        resume.click()
        expect(page.get_by_text("runs again").first).to_be_visible()
        page.get_by_label("Show", exact=True).select_option("Failures only")
        page.get_by_role("button", name="Show").click()
        page.wait_for_url("**show=failures**")
        _reloads_until_there_is(page, page.get_by_role("heading", name="No failures"))


def test_a_colleague_connects_by_the_link_once(
    ready_merchant: Merchant, alloy: Sandbox, somebody_else: Page
) -> None:
    page = _opens(ready_merchant, PAGE)
    page.get_by_role("button", name="Send to a colleague").click()
    state = page.locator("#link-state")
    expect(state).to_contain_text("Waiting for your colleague")
    url = page.get_by_label("The link, shown only this once").input_value()
    check(page)

    _installs_by(somebody_else, url)
    expect(state).to_contain_text("Installed.")
    somebody_else.goto(url)
    expect(somebody_else.get_by_text("This link has been used").first).to_be_visible()
    ready_merchant.goes_to(PAGE)
    expect(page.locator("#integration").get_by_text("Used", exact=True)).to_be_visible()


def test_an_account_is_deleted_here_and_at_alloy_although_it_is_down_at_first(
    connected_merchant: Merchant, alloy: Sandbox
) -> None:
    merchant, page = connected_merchant, connected_merchant.page
    merchant.places_an_order(alloy)
    user_id = merchant.user_id(alloy)
    _opens(merchant, "/settings/")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download your data").click()
        merchant.shows_that_it_is_them()
    exported = json.loads(download.value.path().read_text())
    assert exported["account"][0]["email"] == merchant.email

    _opens(merchant, "/settings/")
    alloy.misbehave(f"/users/{user_id}", method="DELETE", status=503, times=2)
    page.get_by_label(f"Type “{merchant.email}” to confirm").fill(merchant.email)
    page.get_by_role("button", name="Delete my account").click()
    expect(page.locator("p.notice", has_text="Your account is deleted")).to_be_visible()
    expect(page.get_by_role("banner").get_by_role("link", name="Log in")).to_be_visible()
    wait_for(lambda: not _alloy_knows(alloy, user_id))


@pytest.fixture
def somebody_else(chromium: Browser) -> Iterator[Page]:
    """Somebody at another computer, who is not logged in."""
    with new_context(chromium) as context:
        yield context.new_page()


def _opens(merchant: Merchant, path: str) -> Page:
    merchant.goes_to(path)
    return merchant.page


def _notice(page: Page) -> Locator:
    return page.locator("#integrations-notice")


def _installs_by(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("button", name="Finish installation").click()
    expect(page.get_by_text("You can close this page")).to_be_visible()


def _reloads_until_there_is(page: Page, sight: Locator) -> None:
    """Look again, as people do: a page shows its last copy when Alloy takes too long to answer."""
    wait_for(lambda: sight.is_visible() or (page.reload() and sight.is_visible()))


def _fire(stack: Stack, user_id: str, **data: str) -> None:
    """Fire the event past AcmeCo, so that the store hears what AcmeCo would never say."""
    requests.post(
        f"{stack.sandbox_url}/run/event",
        json={"event": "Fulfillment Updated", "userId": user_id, "data": data},
        headers={"Authorization": "bearer sandbox_tests"},
        timeout=30,
    ).raise_for_status()


def _alloy_knows(alloy: Sandbox, user_id: str) -> bool:
    headers = {"Authorization": "bearer sandbox_tests"}
    answer = requests.get(f"{alloy.url}/users/{user_id}", headers=headers, timeout=30)
    assert answer.status_code in (200, 404)
    return answer.status_code == 200
