"""Failures, Alloy Links and erasures, as an operator sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from accounts.models import User
from integrations.models import AlloyUser, Erasure, InstallLink, Message, WorkflowFailure
from tests.integrations.admin.rows import delivery
from tests.integrations.admin.steps import act, list_of, look_at, page_of
from tests.integrations.conftest import make_ready
from tests.integrations.failures.steps import WORKFLOW, streamed
from tests.integrations.fake_alloy import FakeAlloy, Reply

if TYPE_CHECKING:
    from django.test import Client

ADD = "/admin/integrations/installlink/add/"
URL = "https://app.runalloy.com/embedded-install?integrationId=i1&token=eyJhbGciOiJIUzI1NiJ9.e30.c2"


@pytest.fixture
def alloy_user(alloy: FakeAlloy, merchant: User) -> AlloyUser:
    alloy.integrations = [{"integrationId": "i1", "app": "BigCommerce", "installed": False}]
    alloy.fail_always("/install-url", Reply(body={"url": URL}))
    return make_ready(merchant)


def for_whom(alloy_user: AlloyUser) -> str:
    return f"/admin/integrations/installlink/for/{alloy_user.pk}/"


def test_a_failure_is_shown_with_workflow_block_execution_and_user(
    merchant: User, operator_client: Client
) -> None:
    failure = streamed(merchant, "refused <b>", execution="execution-7")
    failure.subjects.create(subject="118")
    html = look_at(operator_client, page_of(failure))
    for shown in (WORKFLOW, "bigcommerce", "execution-7", merchant.email, "refused &lt;b&gt;"):
        assert shown in html
    assert "118" in html


@pytest.mark.parametrize(
    "query", [{"q": WORKFLOW}, {"q": "execution-7"}, {"q": "merchant@"}, {"state": "open"}]
)
def test_a_failure_is_found(
    merchant: User, other_merchant: User, operator_client: Client, query: dict[str, str]
) -> None:
    mine = streamed(merchant, execution="execution-7")
    other = streamed(other_merchant, workflow="another")
    WorkflowFailure.objects.filter(pk=other.pk).update(resolved_at=timezone.now())
    html = look_at(operator_client, list_of(WorkflowFailure), **query)
    assert page_of(mine) in html
    assert page_of(other) not in html


def test_a_failure_is_marked_as_resolved_by_hand(
    merchant: User, operator_client: Client, viewer_client: Client
) -> None:
    failure = streamed(merchant)
    act(viewer_client, "resolve", failure)
    assert WorkflowFailure.objects.get().resolved_at is None
    assert "1 failure marked" in act(operator_client, "resolve", failure, from_page="yes")
    assert WorkflowFailure.objects.get().resolved_at is not None


def test_a_link_for_somebody_known(alloy_user: AlloyUser, operator_client: Client) -> None:
    answer = operator_client.post(ADD, {"email": str(alloy_user.tenant).upper()})
    assert answer["Location"] == for_whom(alloy_user)
    assert "BigCommerce" in look_at(operator_client, for_whom(alloy_user))
    made = operator_client.post(for_whom(alloy_user), {"integration": "i1"})
    assert URL.replace("&", "&amp;") in made.content.decode()
    assert (made["Referrer-Policy"], "no-store" in made["Cache-Control"]) == ("no-referrer", True)
    link = InstallLink.objects.get()
    assert (link.tenant, link.name) == (alloy_user.tenant, "BigCommerce")
    assert "eyJ" not in look_at(operator_client, page_of(link))
    assert "eyJ" not in str(list(LogEntry.objects.values()))


def test_somebody_new_is_made_only_when_that_is_asked_for(
    alloy: FakeAlloy, operator_client: Client
) -> None:
    html = operator_client.post(ADD, {"email": "new@shop.example"}).content.decode()
    assert "Nobody has this address" in html
    assert not User.objects.filter(email="new@shop.example").exists()
    answer = operator_client.post(ADD, {"email": "new@shop.example", "make": "yes"}, follow=True)
    newcomer = User.objects.get(email="new@shop.example")
    assert not newcomer.has_usable_password()
    assert Message.objects.filter(kind="provision", tenant=newcomer).exists()
    assert b"does not exist at Alloy yet" in answer.content
    assert b'http-equiv="refresh"' in answer.content


@pytest.mark.parametrize("email", ["", "nobody", "a@b\0.example"])
def test_an_address_that_makes_no_sense_is_refused(operator_client: Client, email: str) -> None:
    answer = operator_client.post(ADD, {"email": email, "make": "yes"})
    assert b"errorlist" in answer.content


def test_while_alloy_is_down_no_link_is_made_and_the_page_says_so(
    alloy: FakeAlloy, alloy_user: AlloyUser, operator_client: Client
) -> None:
    look_at(operator_client, for_whom(alloy_user))
    alloy.fail_always("/install-url", Reply(503))
    answer = operator_client.post(for_whom(alloy_user), {"integration": "i1"})
    assert b"No link could be made" in answer.content
    assert not InstallLink.objects.exists()


def test_the_state_of_a_link_turns_by_itself(
    alloy_user: AlloyUser, operator_client: Client
) -> None:
    operator_client.post(for_whom(alloy_user), {"integration": "i1"})
    state = f"/admin/integrations/installlink/{InstallLink.objects.get().pk}/state/"
    assert operator_client.get(state, {"state": "pending"}).status_code == 204
    InstallLink.objects.update(used_at=timezone.now())
    assert b"Installed" in operator_client.get(state, {"state": "pending"}).content


def test_who_may_only_look_makes_no_links(alloy_user: AlloyUser, viewer_client: Client) -> None:
    assert viewer_client.get(ADD).status_code == 403
    assert viewer_client.post(for_whom(alloy_user), {"integration": "i1"}).status_code == 403
    assert not InstallLink.objects.exists()


@pytest.mark.parametrize("action", ["erase_logs", "erase_account"])
def test_erasing_asks_first_and_needs_the_permission(
    alloy_user: AlloyUser, operator_client: Client, viewer_client: Client, action: str
) -> None:
    act(viewer_client, action, alloy_user, confirmed="yes")
    assert "for good?" in act(operator_client, action, alloy_user)
    assert not Erasure.objects.exists()
    act(operator_client, action, alloy_user, confirmed="yes")
    assert Erasure.objects.get().requested_by == "operator"
    is_left = User.objects.filter(email=alloy_user.username).exists()
    assert is_left == (action == "erase_logs")


def test_an_operator_does_not_erase_themselves(operator: User, operator_client: Client) -> None:
    mine = make_ready(operator)
    act(operator_client, "erase_account", mine, confirmed="yes")
    assert User.objects.filter(pk=operator.pk).exists()


def test_the_normal_delete_takes_history_along_erases_at_alloy_and_logs_no_name(
    alloy_user: AlloyUser, operator_client: Client
) -> None:
    merchant = User.objects.get(email=alloy_user.username)
    delivery(merchant)
    url = f"/admin/accounts/user/{merchant.pk}/delete/"
    operator_client.post(url, {"post": "yes"})
    assert not User.objects.filter(pk=merchant.pk).exists()
    assert Message.objects.filter(kind="erase_user").count() == 1
    assert merchant.email not in str(list(LogEntry.objects.values()))


def test_an_erasure_can_be_looked_up_and_not_changed(
    alloy_user: AlloyUser, operator_client: Client
) -> None:
    key = alloy_user.tenant_id
    act(operator_client, "erase_account", alloy_user, confirmed="yes")
    erasure = Erasure.objects.get()
    assert page_of(erasure) in look_at(operator_client, list_of(Erasure), q=str(key))
    html = look_at(operator_client, page_of(erasure))
    assert 'name="_save"' not in html
    assert alloy_user.username not in html
