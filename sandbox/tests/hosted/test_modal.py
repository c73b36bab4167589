"""The page in the iframe: its steps, what it installs, and what it posts to the page around it."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from pytest_django.fixtures import Settings

from alloy_sandbox.core.access import make_token, make_user_token
from alloy_sandbox.core.models import Credential, Installation, Integration, User, WebhookDelivery
from alloy_sandbox.core.policy import framed
from alloy_sandbox.core.preferences import prefer
from alloy_sandbox.embedded.installing import connect, install, release

ANSWERS = {"storeHash": "mias-mugs", "accessToken": "a made-up secret"}


class Page:
    """A page of the modal as it was answered."""

    def __init__(self, response: Any) -> None:
        self.status, self.headers = response.status_code, response.headers
        self.source = response.content.decode()

    @property
    def text(self) -> str:
        """What a person reads on it."""
        return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", self.source).split()))

    @property
    def message(self) -> Any:
        """What it posts to the page that embeds it."""
        found = re.search(r'data-message="([^"]*)"', self.source)
        return json.loads(html.unescape(found[1])) if found else None


class Modal:
    """The modal of one integration, opened by a user whose browser has no cookie."""

    def __init__(self, user: User, integration: Integration) -> None:
        self.user, self.integration = user, integration
        self.client = Client(enforce_csrf_checks=True)
        self.first, self.second = integration.workflows.order_by("position")

    def address(self, *, path: str = "/forge-install", **query: Any) -> str:
        token, integration = make_user_token(self.user), self.integration.pk
        usual = {"token": token, "forgeMode": "engaged", "integrationId": integration}
        query = {name: value for name, value in {**usual, **query}.items() if value is not None}
        return f"{path}?{urlencode(query, doseq=True)}"

    def get(self, **query: Any) -> Page:
        return Page(self.client.get(self.address(**query)))

    def post(self, answers: dict[str, Any], **query: Any) -> Page:
        return Page(self.client.post(self.address(**query), answers))

    def save_account(self, owner: User | None = None) -> Credential:
        name = "BigCommerce mias-mugs"
        kind = self.integration.connector
        return connect(user=owner or self.user, type=kind, name=name, data={})

    def finish(self, answers: dict[str, Any] | None = None, **query: Any) -> Page:
        """Take the last step, with the newest account that anybody has saved."""
        account = Credential.objects.latest("created_at").pk
        return self.post({"step": "finish", "credential": account, **(answers or {})}, **query)

    @property
    def installed(self) -> list[Any]:
        return [copy.workflow for copy in self.user.installations.all()]


@pytest.fixture
def modal(user: User, bigcommerce: Integration) -> Modal:
    """The modal of an integration without anything to configure."""
    return Modal(user, bigcommerce)


@pytest.fixture
def klaviyo(user: User, klaviyo: Integration) -> Modal:
    """The modal of an integration whose first workflow has a field; the user has an account."""
    opened = Modal(user, klaviyo)
    opened.save_account()
    return opened


def prefilled(value: str) -> str:
    return json.dumps([{"name": "list", "value": value}])


# Who is let in


def test_an_expired_token_is_a_401_page_that_says_so_and_can_be_closed(modal: Modal) -> None:
    page = modal.get(token=make_token(modal.user, -timedelta(seconds=1))[0])
    assert page.status == 401
    assert "This session has expired" in page.text
    assert "data-close" in page.source


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ({"token": ""}, 401, "This session is not valid"),
        ({"token": "undefined"}, 401, "This session is not valid"),
        ({"token": "not.a.token"}, 401, "This session is not valid"),
        ({"integrationId": None}, 404, "not found"),
        ({"integrationId": None, "id": "undefined"}, 404, "not found"),
        ({"integrationId": "0" * 24}, 404, "not found"),
        ({"preFilledValues": '[{"name":"list","value":"a'}, 400, "percent-encode"),
        ({"path": "/authenticate-app", "app": "nobody"}, 404, "not found"),
    ],
)
def test_what_cannot_be_opened_is_a_page_that_says_why(
    modal: Modal, query: dict[str, Any], status: int, said: str
) -> None:
    page = modal.get(**query)
    assert (page.status, said in page.text) == (status, True), page.text


def test_a_refused_page_shows_itself_even_when_opened_hidden(modal: Modal) -> None:
    assert modal.get(token="no", hide="true").message == {"showModal": True}


def test_workflows_of_two_integrations_cannot_share_a_modal(modal: Modal, klaviyo: Modal) -> None:
    page = modal.get(integrationId=None, id=[modal.first.pk, klaviyo.first.pk])
    assert page.status == 400
    assert "different integrations" in page.text


def test_any_page_may_embed_the_modal_and_nothing_inline_is_needed(modal: Modal) -> None:
    page = modal.get()
    assert "frame-ancestors" not in page.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in page.headers
    assert not re.search(r"<style|style=|<script(?! src=)| on\w+=", page.source)


def test_a_title_is_shown_as_text(modal: Modal) -> None:
    assert "<script>x" not in modal.get(title="<script>x</script>").source
    assert "Connect your shop" in modal.get(title="Connect your shop").text


def test_who_may_embed_it_can_be_said(settings: Settings) -> None:
    settings.SANDBOX_FRAMED_BY = "https://a.example https://b.example"
    view = framed(lambda request: HttpResponse())
    policy = view(HttpRequest())["Content-Security-Policy"]
    assert "frame-ancestors https://a.example https://b.example" in policy


# The steps


def test_the_first_visit_asks_to_log_in_with_what_the_app_needs(modal: Modal) -> None:
    page = modal.get()
    assert "Store hash" in page.text
    assert "Access token" in page.text


def test_logging_in_keeps_the_account_and_leads_to_the_last_step(modal: Modal) -> None:
    page = modal.post({"step": "log-in", **ANSWERS})
    assert "Connected as BigCommerce mias-mugs" in page.text
    assert "Finish installation" in page.text
    credential = modal.user.credentials.get()
    assert (credential.type, credential.data) == ("bigcommerce", ANSWERS)
    assert modal.installed == []


def test_an_empty_answer_is_named_and_nothing_is_kept(modal: Modal) -> None:
    page = modal.post({"step": "log-in", "storeHash": "", "accessToken": "x"})
    assert page.status == 422
    assert "This field is required" in page.text
    assert not modal.user.credentials.exists()


def test_a_secret_never_becomes_the_name_of_the_account(klaviyo: Modal) -> None:
    page = klaviyo.post({"step": "log-in", "apiKey": "pk_secret"})
    assert "Connected as Klaviyo mia@acme.example" in page.text
    assert "pk_secret" not in page.text


def test_a_saved_account_makes_the_log_in_step_unnecessary(modal: Modal) -> None:
    modal.save_account()
    assert "Connected as BigCommerce mias-mugs" in modal.get().text
    assert "Store hash" in modal.post({"step": "another-account"}).text


@pytest.mark.parametrize("flag", ["alwaysShowAuthentication", "alwaysShowCredentials"])
def test_the_log_in_step_is_shown_in_any_case_when_asked_for(modal: Modal, flag: str) -> None:
    modal.save_account()
    assert "Store hash" in modal.get(**{flag: "true"}).text


def test_finishing_installs_every_workflow_and_tells_the_isv_and_the_page(modal: Modal) -> None:
    prefer(installations="http://localhost:9/installations/")
    account = modal.save_account()
    page = modal.finish()
    assert "BigCommerce is connected" in page.text
    ids = [modal.first.pk, modal.second.pk]
    assert page.message == {"workflowCreated": True, "workflowIds": ids}
    copies = modal.user.installations.values_list("workflow", "active")
    assert list(copies) == [(each, True) for each in ids]
    assert json.loads(WebhookDelivery.objects.get().body) == {
        "userId": modal.user.pk,
        "workflowIds": ids,
        "integrationId": modal.integration.pk,
        "credentials": {"bigcommerce": account.pk},
        "success": True,
    }


def test_where_it_is_preferred_the_done_screen_stays(modal: Modal) -> None:
    prefer(modal="stays")
    modal.save_account()
    assert modal.finish().message["closeModal"] is False


def test_a_user_who_may_choose_installs_what_they_chose(modal: Modal) -> None:
    modal.save_account()
    assert modal.get(workflowSelection="true").source.count('type="checkbox"') == 2
    done = modal.finish({"workflow": modal.second.pk}, workflowSelection="true")
    assert done.message["workflowIds"] == [modal.second.pk]
    assert modal.installed == [modal.second]


def test_a_user_who_may_choose_must_choose_something(modal: Modal) -> None:
    modal.save_account()
    page = modal.finish(workflowSelection="true")
    assert page.status == 422
    assert "Choose at least one." in page.text
    assert modal.installed == []


def test_authenticating_leaves_a_credential_and_tells_its_id(modal: Modal) -> None:
    asked = {"path": "/authenticate-app", "app": "shopify", "integrationId": None}
    assert "Log in to Shopify" in modal.get(**asked).text
    done = modal.post({"step": "log-in", "shopSubdomain": "mugs"}, **asked)
    credential = modal.user.credentials.get()
    assert done.message["credentialId"] == credential.pk
    assert set(done.message) == {"connectionId", "credentialId"}


def test_only_the_workflows_asked_for_are_installed(modal: Modal) -> None:
    modal.save_account()
    modal.finish(integrationId=None, id=[modal.second.pk])
    assert modal.installed == [modal.second]


def test_somebody_elses_account_cannot_be_used(modal: Modal) -> None:
    modal.save_account(owner=User.objects.create(username="otto@acme.example"))
    assert "Store hash" in modal.finish().text
    assert not Installation.objects.exists()


# Configurable fields


@pytest.mark.parametrize("answer", ["", "made up"])
def test_a_required_field_needs_one_of_the_answers_offered(klaviyo: Modal, answer: str) -> None:
    page = klaviyo.finish({f"{klaviyo.first.pk}.list": answer} if answer else {})
    assert page.status == 422
    assert ("This field is required" in page.text) is not bool(answer)
    assert klaviyo.installed == []


def test_the_answers_are_kept_with_the_workflow_they_are_for(klaviyo: Modal) -> None:
    klaviyo.finish({f"{klaviyo.first.pk}.list": "vip"})
    copies = klaviyo.user.installations.all()
    assert [copy.field_values for copy in copies] == [{"list": "vip"}, {}]


def test_prefilled_values_are_chosen_already(klaviyo: Modal) -> None:
    page = klaviyo.get(preFilledValues=prefilled("customers"))
    assert '<option value="customers" selected>' in page.source


def test_editing_shows_the_values_that_hold(klaviyo: Modal) -> None:
    values = {klaviyo.first.pk: {"list": "vip"}}
    install(user=klaviyo.user, integration=klaviyo.integration, field_values=values)
    page = klaviyo.get(operation="edit", preFilledValues=prefilled("customers"))
    assert '<option value="vip" selected>' in page.source
    assert "Edit Klaviyo" in page.text


def test_a_field_that_came_with_a_new_version_is_asked_for_and_the_copy_moves_to_it(
    modal: Modal,
) -> None:
    modal.save_account()
    install(user=modal.user, integration=modal.integration)
    release(workflow=modal.first, fields=["orderTag"])
    assert "Order tag" in modal.get(operation="update").text
    modal.finish({f"{modal.first.pk}.orderTag": "gift"}, operation="update")
    copy = modal.user.installations.get(workflow=modal.first)
    assert (copy.installed_version, copy.field_values) == (2, {"orderTag": "gift"})


# Opened hidden


def test_hidden_with_nothing_to_ask_it_submits_itself_and_then_closes_by_itself(
    modal: Modal,
) -> None:
    modal.save_account()
    opened = modal.get(hide="true")
    assert 'data-submit="step"' in opened.source
    assert opened.message is None
    assert "closeModal" not in modal.finish({"unseen": "true"}, hide="true").message


def test_hidden_with_something_to_ask_it_shows_itself(modal: Modal, klaviyo: Modal) -> None:
    for asking in (modal, klaviyo):  # the one for a log-in, the other for its field
        opened = asking.get(hide="true")
        assert opened.message == {"showModal": True}
        assert "data-submit" not in opened.source


def test_hidden_with_a_required_field_prefilled_there_is_nothing_to_ask(klaviyo: Modal) -> None:
    page = klaviyo.get(hide="true", preFilledValues=prefilled("vip"))
    assert 'data-submit="step"' in page.source
