"""The modal in a real browser, opened by our own script and by Alloy's npm package alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest
from playwright.sync_api import BrowserContext, FrameLocator, Page, Request, Route, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.browsing import accessibility_problems
from tests.conftest import BIGCOMMERCE, Json, Sandbox
from tests.hosted.app import App, serving
from tests.npm import ALLOY_FRONTEND

pytestmark = pytest.mark.browser

AS_MODULE = "const module = {}; (() => {%s})(); window.Alloy = module.exports();"

ADDRESSES: list[tuple[str, Json, str]] = [
    ("install", {"integrationId": "I"}, "integrationId=I&token=T&forgeMode=engaged"),
    ("install", {"workflowIds": "W"}, "id=W&token=T&forgeMode=engaged"),
    ("install", {}, "id=undefined&token=T&forgeMode=engaged"),
    (
        "install",
        {"integrationId": "I", "workflowIds": ["W"], "versionIds": "V", "hide": True},
        "integrationId=I&versionId=W&token=T&forgeMode=engaged&hide=true",
    ),
    (
        "install",
        {"workflowIds": ["W1", "W2"], "versionIds": ["V1", "V2"], "title": "A & B"},
        "id=W1&id=W2&versionId=V1&versionId=V2&token=T&forgeMode=engaged&title=A & B",
    ),
    (
        "install",
        {"integrationId": "I", "preFilledValues": [{"name": "a"}], "outputOverride": []},
        'integrationId=I&preFilledValues=[{"name":"a"}]&token=T&forgeMode=engaged',
    ),
    (
        "update",
        {"integrationId": "I"},
        "integrationId=I&token=T&forgeMode=engaged&alwaysShowAuthentication=true&operation=update",
    ),
    (
        "edit",
        {"integrationId": "I", "alwaysShowAuthentication": False},
        "integrationId=I&token=T&forgeMode=engaged&operation=edit",
    ),
]


ALSO_ALLOYS = pytest.mark.parametrize(
    "app", ["embedded.js", "alloy-frontend from npm"], indirect=True
)
"""For what the page around the modal sees; what happens inside is the same for both scripts."""


@pytest.fixture
def app(
    request: pytest.FixtureRequest, context: BrowserContext, page: Page, sandbox: Sandbox
) -> Iterator[App]:
    """An app with our script, and one with Alloy's, whose hosts are answered by the sandbox."""
    script, alloy = f"{sandbox.origin}/scripts/embedded.js", sandbox.origin
    files = {}
    if getattr(request, "param", "embedded.js") != "embedded.js":
        script, alloy = "/alloy-frontend.js", "https://*.runalloy.com"
        source = (ALLOY_FRONTEND.fetch() / "src" / "index.js").read_text()
        files[script] = AS_MODULE % source
        context.route("https://*.runalloy.com/**", lambda route: refetch(route, sandbox.origin))
    with serving(script=script, alloy=alloy, files=files) as origin:
        page.goto(origin)
        yield App(page, sandbox)


def refetch(route: Route, origin: str) -> None:
    """Answer a request to one of Alloy's hosts with what the sandbox answers to it."""
    path = route.request.url.split(".runalloy.com", 1)[1]
    route.fulfill(response=route.fetch(url=f"{origin}{path}"))


def arrive_late(route: Route, request: Request) -> None:
    """Let the request go on, but later than a quick finger needs."""
    request.frame.page.wait_for_timeout(1000)
    route.fallback()


def log_in_and_finish(modal: FrameLocator) -> None:
    modal.get_by_role("button", name="Log in").click()
    modal.get_by_role("button", name="Finish installation").click()


@ALSO_ALLOYS
def test_an_installation_calls_back_once_seen_or_hidden_and_twice_if_its_done_screen_stays(
    app: App,
) -> None:
    log_in_and_finish(app.open())
    app.wait_until_closed()
    assert app.calls == [{"success": True}]
    assert len(app.installed) == 2

    app.open(hide=True)  # with nothing to ask
    expect(app.modal).to_be_hidden()
    app.wait_until_closed()
    assert app.wait_for_calls(2) == [{"success": True}] * 2

    app.sandbox.control("PUT", "preferences", {"modal": "stays"})
    modal = app.open()
    modal.get_by_role("button", name="Finish installation").click()
    expect(modal.get_by_role("heading", name="BigCommerce is connected")).to_be_visible()
    assert app.wait_for_calls(3) == [{"success": True}] * 3
    modal.get_by_role("button", name="Done").click()
    app.wait_until_closed()
    assert app.wait_for_calls(4) == [{"success": True}] * 4


def close(modal: FrameLocator, way: str) -> None:
    """Close the modal; the browser may not confirm a key whose frame was gone before it was up."""
    if way == "the X":
        modal.get_by_role("button", name="Close").click()
        return
    field = modal.get_by_label("Store hash")
    expect(field).to_be_visible()
    with suppress(PlaywrightTimeout):
        field.press("Escape", timeout=20_000)


@ALSO_ALLOYS
def test_closing_the_modal_calls_back_without_success(app: App) -> None:
    for count, way in enumerate(("the X", "Escape"), start=1):
        close(app.open(), way)
        app.wait_until_closed()
        assert app.wait_for_calls(count) == [{"success": False}] * count
    assert app.installed == []


def test_a_modal_whose_script_comes_late_can_be_closed_from_the_first_moment(app: App) -> None:
    app.page.context.route("**/sandbox/modal.js", arrive_late)
    for way in ("the X", "Escape"):
        close(app.open(), way)
        app.wait_until_closed()


def test_clicking_beside_the_modal_leaves_a_listener_that_hears_of_the_next_one(app: App) -> None:
    app.open()
    app.page.mouse.click(5, 5)
    app.wait_until_closed()
    assert app.wait_for_calls(1) == [{"success": False}]
    modal = app.open()
    log_in_and_finish(modal)
    expect(modal.get_by_role("heading", name="is connected")).to_be_visible()
    assert app.wait_for_calls(3) == [{"success": False}, {"success": True}, {"success": True}]


def test_without_a_token_nothing_is_opened_and_hidden_with_something_to_ask_it_shows_itself(
    app: App,
) -> None:
    thrown = "() => { try { openModal('install', {}) } catch (error) { return error.message } }"
    assert app.page.evaluate(thrown) == "no token set"
    expect(app.modal).to_have_count(0)
    app.open(hide=True)
    expect(app.modal).to_be_visible()


@ALSO_ALLOYS
def test_the_address_of_the_modal_is_made_as_alloy_makes_it(app: App) -> None:
    app.page.context.route("**/forge-install?*", lambda route: route.fulfill(body=""))
    for method, params, address in ADDRESSES:
        app.page.evaluate("Alloy.setToken('T')")
        app.page.evaluate("([method, params]) => Alloy[method](params)", [method, params])
        made = app.modal.last.get_attribute("src") or ""
        assert made.endswith(f"/forge-install?{address}")


@ALSO_ALLOYS
def test_the_script_reads_and_pauses_for_the_user_of_the_token(app: App) -> None:
    app.page.evaluate("Alloy.setToken('made up')")
    assert app.page.evaluate("Alloy.getIntegrations()") == {"message": "Unauthorized"}
    app.sandbox.install(app.user_id)
    app.set_token()
    listed = app.page.evaluate("Alloy.getIntegrations()")["data"]
    assert next(each["installed"] for each in listed if each["integrationId"] == BIGCOMMERCE)
    workflow_id = app.installed[0]
    paused = app.page.evaluate("(id) => Alloy.deactivate({workflowId: id})", workflow_id)
    assert paused == {"activated": False}
    assert not is_active(app, workflow_id)
    app.page.evaluate("(id) => Alloy.reactivate({workflowId: id})", workflow_id)
    assert is_active(app, workflow_id)


def is_active(app: App, workflow_id: str) -> bool:
    workflows = app.page.evaluate("Alloy.getWorkflows()")["data"]
    return bool(next(each["active"] for each in workflows if each["workflowId"] == workflow_id))


def test_the_modal_is_accessible_at_each_step(page: Page, sandbox: Sandbox, user_id: str) -> None:
    token = sandbox.get(f"/users/{user_id}/token")["token"]
    page.set_viewport_size({"width": 400, "height": 659})
    page.goto(f"{sandbox.origin}/forge-install?integrationId={BIGCOMMERCE}&token={token}")
    assert accessibility_problems(page) == []
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("button", name="Finish installation")).to_be_visible()
    assert accessibility_problems(page) == []
    page.get_by_role("button", name="Finish installation").click()
    expect(page.get_by_role("heading", name="is connected")).to_be_visible()
    assert accessibility_problems(page) == []


def test_a_link_leads_through_the_same_steps_and_then_is_used_up(
    page: Page, sandbox: Sandbox, user_id: str
) -> None:
    link = sandbox.get(f"/users/{user_id}/integrations/{BIGCOMMERCE}/install-url")["url"]
    page.goto(link)
    assert accessibility_problems(page) == []
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("button", name="Finish installation").click()
    expect(page.get_by_text("You can close this page")).to_be_visible()
    page.goto(link)
    expect(page.get_by_text("This link has been used")).to_be_visible()
    assert accessibility_problems(page) == []
