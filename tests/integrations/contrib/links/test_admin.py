from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from accounts.models import User
from integrations.contrib.links.models import InstallLink
from integrations.models import AlloyUser
from integrations.tenants.sign_up import provision
from tests.integrations.admin.steps import look_at, page_of
from tests.integrations.conftest import make_ready
from tests.integrations.fake_alloy import FakeAlloy, Reply

ADD = "/admin/alloy_links/installlink/add/"
URL = "https://app.runalloy.com/embedded-install?integrationId=i1&token=eyJhbGciOiJIUzI1NiJ9.e30.c2"


@pytest.fixture
def alloy_user(alloy: FakeAlloy, merchant: User) -> AlloyUser:
    alloy.integrations = [{"integrationId": "i1", "app": "BigCommerce", "installed": False}]
    alloy.fail_always("/install-url", Reply(body={"url": URL}))
    return make_ready(merchant)


def for_whom(alloy_user: AlloyUser) -> str:
    return f"/admin/alloy_links/installlink/for/{alloy_user.pk}/"


def test_a_link_is_made_for_an_account_and_shown_once(
    alloy_user: AlloyUser, operator_client: Client
) -> None:
    assert for_whom(alloy_user) in look_at(operator_client, page_of(alloy_user))
    assert "BigCommerce" in look_at(operator_client, for_whom(alloy_user))
    made = operator_client.post(for_whom(alloy_user), {"integration": "i1"})
    assert URL.replace("&", "&amp;") in made.content.decode()
    assert (made["Referrer-Policy"], "no-store" in made["Cache-Control"]) == ("same-origin", True)
    link = InstallLink.objects.get()
    assert (link.tenant, link.name) == (alloy_user.tenant, "BigCommerce")
    assert "eyJ" not in look_at(operator_client, page_of(link))
    assert "eyJ" not in str(list(LogEntry.objects.values()))


def test_no_link_goes_to_an_address(operator_client: Client) -> None:
    answer = operator_client.post(ADD, {"email": "ceo@victim.example", "make": "yes"})
    assert answer["Location"] == "/admin/integrations/alloyuser/"
    assert not InstallLink.objects.exists()


def test_for_whom_is_not_at_alloy_yet_the_page_waits(
    alloy: FakeAlloy, woken: object, merchant: User, operator_client: Client
) -> None:
    html = look_at(operator_client, for_whom(provision(tenant=merchant)))
    assert "does not exist at Alloy yet" in html
    assert 'http-equiv="refresh"' in html


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
    state = f"/admin/alloy_links/installlink/{InstallLink.objects.get().pk}/state/"
    assert operator_client.get(state, {"state": "pending"}).status_code == 204
    InstallLink.objects.update(used_at=timezone.now())
    assert b"Installed" in operator_client.get(state, {"state": "pending"}).content


def test_who_may_only_look_makes_no_links(alloy_user: AlloyUser, viewer_client: Client) -> None:
    assert viewer_client.get(ADD).status_code == 403
    assert viewer_client.post(for_whom(alloy_user), {"integration": "i1"}).status_code == 403
    assert not InstallLink.objects.exists()
