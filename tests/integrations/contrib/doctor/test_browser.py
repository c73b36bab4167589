from __future__ import annotations

import pytest
from pytest_django import Settings

from integrations.contrib.doctor import browser
from integrations.contrib.doctor.result import State
from tests.integrations.fake_alloy import FakeAlloy, Reply

SCRIPT = {"Content-Type": "text/javascript; charset=utf-8"}
CDN, APP, API = (f"https://{name}.runalloy.com" for name in ("cdn", "app", "embedded"))


@pytest.mark.parametrize(
    ("reply", "state"),
    [
        (Reply(body="window.Alloy", headers=SCRIPT), State.OK),
        (Reply(404, headers=SCRIPT), State.FAILED),
        (Reply(body="<html>", headers={"Content-Type": "text/html"}), State.FAILED),
        (Reply(302, headers={"Location": "/login"}), State.FAILED),
    ],
)
def test_the_script_must_be_a_script(alloy: FakeAlloy, reply: Reply, state: State) -> None:
    alloy.fail("/scripts/embedded.js", reply)
    assert browser.script_is_there().state == state


@pytest.fixture
def _alloy_itself(settings: Settings) -> None:
    settings.ALLOY = {**settings.ALLOY, "SANDBOX_URL": ""}


@pytest.mark.usefixtures("_alloy_itself")
@pytest.mark.parametrize(
    ("policy", "state"),
    [
        ("", State.OK),
        ("object-src 'none'", State.OK),
        ("default-src *", State.OK),
        ("default-src 'self' https:", State.OK),
        ("default-src 'self' https://*.runalloy.com", State.OK),
        (f"script-src {CDN}; frame-src {APP}; connect-src {API}", State.OK),
        (f"Script-Src {CDN}/ ;; FRAME-SRC app.runalloy.com; connect-src 'self' {API}", State.OK),
        ("default-src 'self'", State.FAILED),
        (f"script-src {CDN}; frame-src 'none'; connect-src {API}", State.FAILED),
        (f"default-src *; script-src {APP}", State.FAILED),
        ("default-src https://*.alloy.com", State.FAILED),
        ("default-src http:", State.FAILED),
        ("default-src", State.FAILED),
    ],
)
def test_the_policy_must_let_script_modal_and_calls_pass(
    alloy: FakeAlloy, policy: str, state: State
) -> None:
    alloy.fail("/integrations/", Reply(302, headers={"Content-Security-Policy": policy}))
    assert browser.policy_allows_alloy().state == state


@pytest.mark.usefixtures("_alloy_itself")
def test_what_is_forbidden_is_named(alloy: FakeAlloy) -> None:
    policy = f"script-src {CDN}; frame-src 'self'; connect-src 'self'"
    alloy.fail("/integrations/", Reply(200, headers={"Content-Security-Policy": policy}))
    assert f"forbids {APP} in frame-src and {API} in connect-src." in (
        browser.policy_allows_alloy().detail
    )


def test_a_site_that_does_not_answer_is_skipped(settings: Settings) -> None:
    settings.ALLOY = {**settings.ALLOY, "WEBHOOK_BASE_URL": "http://localhost:1"}
    assert browser.policy_allows_alloy().state == State.SKIPPED
