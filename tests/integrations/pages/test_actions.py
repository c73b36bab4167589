"""Pausing, resuming, removing and running again, from the integration's own page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from integrations.contrib.activity.models import Rerun
from integrations.contrib.activity.reruns import signed
from integrations.models import AlloyUser
from tests.integrations.conftest import make_ready
from tests.integrations.contrib.activity.steps import execution, logs, streamed
from tests.integrations.fake_alloy import FakeAlloy, Reply
from tests.integrations.pages.conftest import BIGCOMMERCE, version_in
from tests.pages import HTMX

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("alloy_user")]

ID = BIGCOMMERCE["integrationId"]
PAGE = f"/integrations/{ID}/"
WORKFLOW = "63ea75a2fcf2e2c72e805ddc"
DONE: dict[str, dict[str, Any]] = {
    "/workflows/deactivate": {"activated": False},
    "/workflows/activate": {"activated": True},
    "/deactivate-workflows": {"message": "Success"},
    f"/workflows/{WORKFLOW}": {"deleted": True},
    f"/rerun/{'e1'}": {"message": "success", "executionUuid": "e2"},
}
CALLS = {
    "pause": ("PUT", "/workflows/deactivate"),
    "resume": ("PUT", "/workflows/activate"),
    "pause-everything": ("PUT", "/deactivate-workflows"),
    "uninstall": ("DELETE", f"/workflows/{WORKFLOW}"),
    "rerun": ("POST", "/rerun/e1"),
}


@pytest.fixture(autouse=True)
def _alloy_does_as_told(alloy: FakeAlloy) -> None:
    for path, body in DONE.items():
        alloy.fail_always(path, Reply(body=body))
    alloy.fail_always("/logs", Reply(body=logs()))


def shown_to(client: Client, execution_id: str) -> str:
    """Return what the page of whoever is logged in would send back for an execution."""
    alloy_user = AlloyUser.objects.filter(tenant=client.session.get("_auth_user_id")).first()
    return signed(execution_id, alloy_user=alloy_user) if alloy_user else execution_id


def act(client: Client, action: str, **headers: str) -> Any:
    data = {"workflow": WORKFLOW, "execution": shown_to(client, "e1")}
    return client.post(f"{PAGE}{action}/", data, headers={**HTMX, **headers})


@pytest.mark.parametrize("action", CALLS)
def test_an_action_is_one_call_for_this_merchant_and_has_the_page_read_itself_anew(
    alloy: FakeAlloy, merchant_client: Client, action: str
) -> None:
    merchant_client.get(PAGE)
    before = len(alloy.calls)
    answer = act(merchant_client, action)
    method, path = CALLS[action]
    (call,) = alloy.calls[before:]
    assert (call.method, call.path.endswith(path)) == (method, True)
    assert "a0000" in f"{call.path}{call.query}{call.body}"
    assert answer["HX-Trigger"] == "integration-changed"
    assert b"success" in answer.content


@pytest.mark.parametrize("action", CALLS)
def test_without_javascript_an_action_leads_back_to_the_page_and_says_what_happened(
    merchant_client: Client, action: str
) -> None:
    data = {"workflow": WORKFLOW, "execution": shown_to(merchant_client, "e1")}
    answer = merchant_client.post(f"{PAGE}{action}/", data, follow=True)
    assert answer.redirect_chain == [(PAGE, 302)]
    assert b'class="notice success"' in answer.content


@pytest.mark.parametrize("action", CALLS)
def test_clicking_twice_does_no_harm(
    alloy: FakeAlloy, merchant_client: Client, action: str
) -> None:
    for _ in range(2):
        assert b"success" in act(merchant_client, action).content
    assert len(alloy.calls_to("/rerun/e1")) == (action == "rerun"), "an execution runs once more"


@pytest.mark.parametrize("action", CALLS)
@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Reply(503), "did not answer"),
        (Reply(429), "did not answer"),
        (Reply(401, {"message": "Unauthorized"}), "does not accept our access"),
        (Reply(422, {"message": "The workflow is locked"}), "“The workflow is locked”"),
    ],
    ids=["down", "busy", "key refused", "refused"],
)
def test_what_alloy_answers_is_said(
    alloy: FakeAlloy, merchant_client: Client, action: str, fault: Reply, said: str
) -> None:
    alloy.fail(CALLS[action][1], fault)
    answer = act(merchant_client, action)
    assert answer.status_code == 200
    assert said in answer.content.decode()


@pytest.mark.parametrize("action", ["pause", "resume", "uninstall", "rerun"])
def test_a_workflow_that_is_not_of_this_integration_is_not_found(
    alloy: FakeAlloy, merchant_client: Client, action: str
) -> None:
    answer = merchant_client.post(f"{PAGE}{action}/", {"workflow": "another"})
    assert answer.status_code == 404
    assert [call.method for call in alloy.calls] == ["GET"]


@pytest.mark.parametrize("action", ["pause-everything", "uninstall"])
def test_what_stops_much_asks_first(alloy: FakeAlloy, merchant_client: Client, action: str) -> None:
    answer = merchant_client.get(f"{PAGE}{action}/")
    assert b"Order status sync" in answer.content or b"all" in answer.content
    assert [call.method for call in alloy.calls] == ["GET"]


def test_what_is_paused_is_resumed_by_one_button_of_one_integration_or_of_all(
    alloy: FakeAlloy, integrations: list[dict[str, Any]], merchant_client: Client
) -> None:
    paused = {**integrations[0]["workflows"][0], "active": False}
    integrations[0]["workflows"] = [paused, {**paused, "workflowId": "second"}]
    integrations[1] |= {"installed": True, "workflows": [{**paused, "workflowId": "third"}]}
    assert (
        "All your integrations are paused" in merchant_client.get("/integrations/").content.decode()
    )
    for button, resumed in [("resume", 2), ("resume-everything", 3)]:
        before = len(alloy.calls_to("/activate"))
        assert b"success" in merchant_client.post(f"{PAGE}{button}/", headers=HTMX).content
        assert len(alloy.calls_to("/activate")) == before + resumed


def test_who_pauses_the_only_integration_is_told_its_name_and_not_everything(
    integrations: list[dict[str, Any]], merchant_client: Client
) -> None:
    assert "BigCommerce is paused." in act(merchant_client, "pause-everything").content.decode()
    integrations[1] |= {"installed": True, "workflows": integrations[0]["workflows"]}
    assert "Everything is paused." in act(merchant_client, "pause-everything").content.decode()


def test_what_stops_stands_below_what_runs_is_polled_with_it_and_is_offered_once(
    integrations: list[dict[str, Any]], merchant_client: Client
) -> None:
    html = merchant_client.get(PAGE).content.decode()
    parts = [html.index(f'id="{name}"') for name in ("integration", "activity", "stop-or-remove")]
    assert parts == sorted(parts)
    poll = f"{PAGE}?version={version_in(html)}"
    assert merchant_client.get(poll, headers=HTMX).status_code == 204
    integrations[0]["workflows"][0]["active"] = False
    merchant_client.post("/integrations/check/", headers=HTMX)
    answer = merchant_client.get(poll, headers=HTMX).content.decode()
    assert 'id="integration"' in answer
    assert 'id="stop-or-remove"' in answer
    assert "Pause BigCommerce" in html
    assert "Pause BigCommerce" not in answer
    assert f"{PAGE}pause-everything/" in html
    assert f"{PAGE}pause-everything/" not in merchant_client.get(PAGE).content.decode()


def test_the_page_opens_on_the_workflow_that_fails(
    alloy: FakeAlloy, merchant: User, integrations: list[dict[str, Any]], merchant_client: Client
) -> None:
    first = integrations[0]["workflows"][0]
    integrations[0]["workflows"] = [{**first, "workflowId": "first", "name": "First"}, first]
    streamed(merchant)
    html = merchant_client.get(PAGE).content.decode()
    assert alloy.calls_to("/logs")[0].path.split("/")[-2] == WORKFLOW
    assert f'<option value="{WORKFLOW}" selected>' in html


def test_what_is_removed_already_counts_as_removed(
    alloy: FakeAlloy, merchant: User, merchant_client: Client
) -> None:
    streamed(merchant)
    alloy.fail(f"/workflows/{WORKFLOW}", Reply(404, {"message": "Workflow not found"}))
    alloy.integrations[0]["workflows"][0]["installed"] = False
    assert b"is removed" in act(merchant_client, "uninstall").content
    assert b"Something went wrong" not in merchant_client.get(PAGE).content


@pytest.mark.parametrize(
    ("answered", "calls", "said"),
    [
        (Reply(401), 2, "does not accept our access"),
        (Reply(404, {"message": "Execution not found"}), 2, "no longer keeps"),
        (Reply(502), 1, "did not answer"),
    ],
    ids=["refused: once more", "gone: once more", "answer lost: not at once"],
)
def test_an_execution_is_run_again_at_once_only_if_it_cannot_have_run(
    alloy: FakeAlloy, merchant_client: Client, answered: Reply, calls: int, said: str
) -> None:
    alloy.fail("/rerun/e1", answered)
    assert said in act(merchant_client, "rerun").content.decode()
    act(merchant_client, "rerun")
    assert len(alloy.calls_to("/rerun/e1")) == calls


def test_after_a_lost_answer_it_is_run_again_later(
    alloy: FakeAlloy, merchant_client: Client
) -> None:
    alloy.fail("/rerun/e1", Reply(502))
    act(merchant_client, "rerun")
    Rerun.objects.update(asked_at=timezone.now() - timedelta(minutes=2))
    act(merchant_client, "rerun")
    assert len(alloy.calls_to("/rerun/e1")) == 2


def test_one_workflow_is_updated_alone(
    alloy: FakeAlloy, integrations: list[dict[str, Any]], merchant_client: Client
) -> None:
    other = {**integrations[0]["workflows"][0], "workflowId": "other"}
    integrations[0]["workflows"].append(other)
    merchant_client.post(f"{PAGE}update/", {"workflow": "other"}, headers=HTMX)
    assert [call.path.split("/")[-2] for call in alloy.calls_to("/upgrade")] == ["other"]


def test_a_failed_run_offers_to_run_again_and_says_why_it_failed(
    alloy: FakeAlloy, merchant_client: Client
) -> None:
    failed = execution(1, error="Request failed with status code 403 <b>")
    alloy.fail_always("/logs", Reply(body=logs(failed, execution(0))))
    html = merchant_client.get(PAGE).content.decode()
    assert html.count("Run again") == 1
    assert f'value="{shown_to(merchant_client, "execution-1")}"' in html
    assert "refuses our access" in html
    assert "403 &lt;b&gt;" in html


def test_an_execution_that_no_page_showed_to_this_merchant_is_not_found(
    alloy: FakeAlloy, merchant_client: Client, other_merchant: User, other_merchant_client: Client
) -> None:
    make_ready(other_merchant)
    somebody_elses = shown_to(other_merchant_client, "e1")
    for shown in ("", "e1", "e\0", "e1:", "e" * 129, somebody_elses):
        data = {"workflow": WORKFLOW, "execution": shown}
        assert merchant_client.post(f"{PAGE}rerun/", data).status_code == 404
    assert {call.method for call in alloy.calls} == {"GET"}
