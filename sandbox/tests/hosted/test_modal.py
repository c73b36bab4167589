"""The page in the iframe: its steps, what it installs, and what it posts to the page around it."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta
from typing import Any, Protocol

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from pytest_django.fixtures import Settings

from alloy_sandbox.core.access import make_token
from alloy_sandbox.core.models import Credential, Installation, Integration, User, WebhookDelivery
from alloy_sandbox.core.policy import framed
from alloy_sandbox.core.preferences import prefer
from alloy_sandbox.embedded.installing import connect, install, release
from tests.hosted.conftest import Address

BIGCOMMERCE_ANSWERS = {"storeHash": "mias-mugs", "accessToken": "a made-up secret"}


class Response(Protocol):
    status_code: int
    content: bytes


def text(response: Response) -> str:
    """Return what a person reads on the page."""
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split()))


def message(response: Response) -> Any:
    """Return what the page posts to the page that embeds it."""
    found = re.search(r'data-message="([^"]*)"', response.content.decode())
    return json.loads(html.unescape(found[1])) if found else None


def saved_account(user: User, integration: Integration) -> Credential:
    return connect(user=user, type=integration.connector, name="BigCommerce mias-mugs", data={})


def finish(client: Client, address: str, credential: Credential, **answers: Any) -> Response:
    return client.post(address, {"step": "finish", "credential": credential.pk, **answers})


def list_field(klaviyo: Integration) -> str:
    return f"{klaviyo.workflows.get(position=0).pk}.list"


# Who is let in


def test_an_expired_token_is_a_401_page_that_says_so_and_can_be_closed(
    browser_client: Client, user: User, modal: Address, bigcommerce: Integration
) -> None:
    token = make_token(user, -timedelta(seconds=1))[0]
    response = browser_client.get(modal(integrationId=bigcommerce.pk, token=token))
    assert response.status_code == 401
    assert "This session has expired" in text(response)
    assert "data-close" in response.content.decode()


@pytest.mark.parametrize("token", ["", "undefined", "not.a.token"])
def test_a_token_that_was_not_made_here_is_a_401_page(
    browser_client: Client, modal: Address, bigcommerce: Integration, token: str
) -> None:
    response = browser_client.get(modal(integrationId=bigcommerce.pk, token=token))
    assert response.status_code == 401
    assert "This session is not valid" in text(response)


def test_a_refused_page_shows_itself_even_when_opened_hidden(
    browser_client: Client, modal: Address
) -> None:
    assert message(browser_client.get(modal(token="no", hide="true"))) == {"showModal": True}


@pytest.mark.parametrize("query", [{}, {"id": "undefined"}, {"integrationId": "0" * 24}])
def test_an_unknown_id_is_a_404_page(
    browser_client: Client, modal: Address, query: dict[str, str]
) -> None:
    response = browser_client.get(modal(**query))
    assert response.status_code == 404
    assert "not found" in text(response)


def test_workflows_of_two_integrations_cannot_share_a_modal(
    browser_client: Client, modal: Address, bigcommerce: Integration, klaviyo: Integration
) -> None:
    ids = [bigcommerce.workflows.get(position=0).pk, klaviyo.workflows.get(position=0).pk]
    response = browser_client.get(modal(id=ids))
    assert response.status_code == 400
    assert "different integrations" in text(response)


def test_prefilled_values_cut_short_by_an_ampersand_are_a_400_page_that_explains_it(
    browser_client: Client, modal: Address, klaviyo: Integration
) -> None:
    address = modal(integrationId=klaviyo.pk, preFilledValues='[{"name":"list","value":"a')
    response = browser_client.get(address)
    assert response.status_code == 400
    assert "preFilledValues" in text(response)
    assert "percent-encode" in text(response)


def test_any_page_may_embed_the_modal_and_nothing_inline_is_needed(
    browser_client: Client, modal: Address, bigcommerce: Integration
) -> None:
    response = browser_client.get(modal(integrationId=bigcommerce.pk))
    assert "frame-ancestors" not in response["Content-Security-Policy"]
    assert "X-Frame-Options" not in response
    assert not re.search(r"<style|style=|<script(?! src=)| on\w+=", response.content.decode())


def test_a_title_is_shown_as_text(
    browser_client: Client, modal: Address, bigcommerce: Integration
) -> None:
    response = browser_client.get(modal(integrationId=bigcommerce.pk, title="<script>x</script>"))
    assert b"<script>x" not in response.content
    assert "Connect your shop" in text(
        browser_client.get(modal(integrationId=bigcommerce.pk, title="Connect your shop"))
    )


# The steps


def test_the_first_visit_asks_to_log_in_with_what_the_app_needs(
    browser_client: Client, modal: Address, bigcommerce: Integration
) -> None:
    page = text(browser_client.get(modal(integrationId=bigcommerce.pk)))
    assert "Store hash" in page
    assert "Access token" in page


def test_logging_in_keeps_the_account_and_leads_to_the_last_step(
    browser_client: Client, modal: Address, user: User, bigcommerce: Integration
) -> None:
    address = modal(integrationId=bigcommerce.pk)
    response = browser_client.post(address, {"step": "log-in", **BIGCOMMERCE_ANSWERS})
    assert "Connected as BigCommerce mias-mugs" in text(response)
    assert "Finish installation" in text(response)
    credential = user.credentials.get()
    assert (credential.type, credential.data) == ("bigcommerce", BIGCOMMERCE_ANSWERS)
    assert not user.installations.exists()


def test_an_empty_answer_is_named_and_nothing_is_kept(
    browser_client: Client, modal: Address, user: User, bigcommerce: Integration
) -> None:
    answers = {"step": "log-in", "storeHash": "", "accessToken": "x"}
    response = browser_client.post(modal(integrationId=bigcommerce.pk), answers)
    assert response.status_code == 422
    assert "This field is required" in text(response)
    assert not user.credentials.exists()


def test_a_secret_never_becomes_the_name_of_the_account(
    browser_client: Client, modal: Address, klaviyo: Integration
) -> None:
    answers = {"step": "log-in", "apiKey": "pk_secret"}
    page = text(browser_client.post(modal(integrationId=klaviyo.pk), answers))
    assert "Connected as Klaviyo mia@acme.example" in page
    assert "pk_secret" not in page


def test_a_saved_account_makes_the_log_in_step_unnecessary(
    browser_client: Client, modal: Address, user: User, bigcommerce: Integration
) -> None:
    saved_account(user, bigcommerce)
    page = text(browser_client.get(modal(integrationId=bigcommerce.pk)))
    assert "Connected as BigCommerce mias-mugs" in page


@pytest.mark.parametrize("flag", ["alwaysShowAuthentication", "alwaysShowCredentials"])
def test_the_log_in_step_is_shown_in_any_case_when_asked_for(
    browser_client: Client, modal: Address, user: User, bigcommerce: Integration, flag: str
) -> None:
    saved_account(user, bigcommerce)
    page = text(browser_client.get(modal(integrationId=bigcommerce.pk, **{flag: "true"})))
    assert "Store hash" in page


def test_another_account_can_be_used(
    browser_client: Client, modal: Address, user: User, bigcommerce: Integration
) -> None:
    saved_account(user, bigcommerce)
    address = modal(integrationId=bigcommerce.pk)
    assert "Store hash" in text(browser_client.post(address, {"step": "another-account"}))


def test_finishing_installs_every_workflow_and_tells_the_isv_and_the_page(
    browser_client: Client, modal: Address, user: User, bigcommerce: Integration
) -> None:
    prefer(installations="http://localhost:9/installations/")
    account = saved_account(user, bigcommerce)
    response = finish(browser_client, modal(integrationId=bigcommerce.pk), account)
    assert "BigCommerce is connected" in text(response)
    ids = [workflow.pk for workflow in bigcommerce.workflows.all()]
    assert message(response) == {"workflowCreated": True, "workflowIds": ids}
    assert list(user.installations.values_list("workflow", "active")) == [
        (workflow_id, True) for workflow_id in ids
    ]
    assert json.loads(WebhookDelivery.objects.get().body) == {
        "userId": user.pk,
        "workflowIds": ids,
        "integrationId": bigcommerce.pk,
        "credentials": {"bigcommerce": account.pk},
        "success": True,
    }


def test_where_it_is_preferred_the_done_screen_stays(
    browser_client: Client, modal: Address, user: User, bigcommerce: Integration
) -> None:
    prefer(modal="stays")
    account = saved_account(user, bigcommerce)
    response = finish(browser_client, modal(integrationId=bigcommerce.pk), account)
    assert message(response)["closeModal"] is False


def test_a_user_who_may_choose_installs_what_they_chose(
    browser_client: Client, modal: Address, user: User, bigcommerce: Integration
) -> None:
    account = saved_account(user, bigcommerce)
    address = modal(integrationId=bigcommerce.pk, workflowSelection="true")
    assert browser_client.get(address).content.count(b'type="checkbox"') == 2
    wanted = bigcommerce.workflows.get(position=1)
    done = finish(browser_client, address, account, workflow=wanted.pk)
    assert message(done)["workflowIds"] == [wanted.pk]
    assert [copy.workflow for copy in user.installations.all()] == [wanted]


def test_a_user_who_may_choose_must_choose_something(
    browser_client: Client, modal: Address, user: User, bigcommerce: Integration
) -> None:
    address = modal(integrationId=bigcommerce.pk, workflowSelection="true")
    response = finish(browser_client, address, saved_account(user, bigcommerce))
    assert response.status_code == 422
    assert b"Choose at least one." in response.content
    assert not user.installations.exists()


def test_who_may_embed_it_can_be_said(settings: Settings) -> None:
    settings.SANDBOX_FRAMED_BY = "https://a.example https://b.example"
    view = framed(lambda request: HttpResponse())
    policy = view(HttpRequest())["Content-Security-Policy"]
    assert "frame-ancestors https://a.example https://b.example" in policy


def test_authenticating_leaves_a_credential_and_tells_its_id(
    browser_client: Client, modal: Address, user: User, bigcommerce: Integration
) -> None:
    address = modal(app="shopify").replace("/forge-install", "/authenticate-app")
    assert b"Log in to Shopify" in browser_client.get(address).content
    done = browser_client.post(address, {"step": "log-in", "shopSubdomain": "mugs"})
    credential = user.credentials.get()
    assert message(done)["credentialId"] == credential.pk
    assert set(message(done)) == {"connectionId", "credentialId"}
    wrong = modal(app="nobody").replace("/forge-install", "/authenticate-app")
    assert browser_client.get(wrong).status_code == 404


def test_only_the_workflows_asked_for_are_installed(
    browser_client: Client, modal: Address, user: User, bigcommerce: Integration
) -> None:
    wanted = bigcommerce.workflows.get(position=1)
    finish(browser_client, modal(id=[wanted.pk]), saved_account(user, bigcommerce))
    assert [copy.workflow for copy in user.installations.all()] == [wanted]


def test_somebody_elses_account_cannot_be_used(
    browser_client: Client, modal: Address, user: User, bigcommerce: Integration
) -> None:
    stranger = User.objects.create(username="otto@acme.example")
    account = saved_account(stranger, bigcommerce)
    response = finish(browser_client, modal(integrationId=bigcommerce.pk), account)
    assert "Store hash" in text(response)
    assert not Installation.objects.exists()


# Configurable fields


def test_a_required_field_left_empty_is_named_and_nothing_is_installed(
    browser_client: Client, modal: Address, user: User, klaviyo: Integration
) -> None:
    account = saved_account(user, klaviyo)
    response = finish(browser_client, modal(integrationId=klaviyo.pk), account)
    assert response.status_code == 422
    assert "This field is required" in text(response)
    assert not user.installations.exists()


def test_the_answers_are_kept_with_the_workflow_they_are_for(
    browser_client: Client, modal: Address, user: User, klaviyo: Integration
) -> None:
    answers = {list_field(klaviyo): "vip"}
    finish(browser_client, modal(integrationId=klaviyo.pk), saved_account(user, klaviyo), **answers)
    assert [copy.field_values for copy in user.installations.all()] == [{"list": "vip"}, {}]


def test_a_choice_that_is_not_offered_is_refused(
    browser_client: Client, modal: Address, user: User, klaviyo: Integration
) -> None:
    account, answers = saved_account(user, klaviyo), {list_field(klaviyo): "made up"}
    response = finish(browser_client, modal(integrationId=klaviyo.pk), account, **answers)
    assert response.status_code == 422
    assert not user.installations.exists()


def test_prefilled_values_are_chosen_already(
    browser_client: Client, modal: Address, user: User, klaviyo: Integration
) -> None:
    saved_account(user, klaviyo)
    prefilled = json.dumps([{"name": "list", "value": "customers"}])
    response = browser_client.get(modal(integrationId=klaviyo.pk, preFilledValues=prefilled))
    assert b'<option value="customers" selected>' in response.content


def test_editing_shows_the_values_that_hold(
    browser_client: Client, modal: Address, user: User, klaviyo: Integration
) -> None:
    workflow = klaviyo.workflows.get(position=0)
    saved_account(user, klaviyo)
    install(user=user, integration=klaviyo, field_values={workflow.pk: {"list": "vip"}})
    prefilled = json.dumps([{"name": "list", "value": "customers"}])
    response = browser_client.get(
        modal(integrationId=klaviyo.pk, operation="edit", preFilledValues=prefilled)
    )
    assert b'<option value="vip" selected>' in response.content
    assert "Edit Klaviyo" in text(response)


def test_a_field_that_came_with_a_new_version_is_asked_for_and_the_copy_moves_to_it(
    browser_client: Client, modal: Address, user: User, bigcommerce: Integration
) -> None:
    account = saved_account(user, bigcommerce)
    install(user=user, integration=bigcommerce)
    workflow = bigcommerce.workflows.get(position=0)
    release(workflow=workflow, fields=["orderTag"])
    address = modal(integrationId=bigcommerce.pk, operation="update")
    assert "Order tag" in text(browser_client.get(address))
    finish(browser_client, address, account, **{f"{workflow.pk}.orderTag": "gift"})
    copy = user.installations.get(workflow=workflow)
    assert (copy.installed_version, copy.field_values) == (2, {"orderTag": "gift"})


# Opened hidden


def test_hidden_with_nothing_to_ask_it_submits_itself_and_then_closes_by_itself(
    browser_client: Client, modal: Address, user: User, bigcommerce: Integration
) -> None:
    account = saved_account(user, bigcommerce)
    address = modal(integrationId=bigcommerce.pk, hide="true")
    opened = browser_client.get(address)
    assert b'data-submit="step"' in opened.content
    assert message(opened) is None
    done = finish(browser_client, address, account, unseen="true")
    assert "closeModal" not in message(done)


@pytest.mark.parametrize("connector", ["bigcommerce", "klaviyo"])
def test_hidden_with_something_to_ask_it_shows_itself(
    browser_client: Client, modal: Address, user: User, klaviyo: Integration, connector: str
) -> None:
    saved_account(user, klaviyo)  # BigCommerce still needs a log-in, Klaviyo only its field
    integration = Integration.objects.get(connector=connector)
    opened = browser_client.get(modal(integrationId=integration.pk, hide="true"))
    assert message(opened) == {"showModal": True}
    assert b"data-submit" not in opened.content


def test_hidden_with_a_required_field_prefilled_there_is_nothing_to_ask(
    browser_client: Client, modal: Address, user: User, klaviyo: Integration
) -> None:
    saved_account(user, klaviyo)
    prefilled = json.dumps([{"name": "list", "value": "vip"}])
    address = modal(integrationId=klaviyo.pk, hide="true", preFilledValues=prefilled)
    assert b'data-submit="step"' in browser_client.get(address).content
