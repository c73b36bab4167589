from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from integrations.alloy import Integration
from integrations.contrib.links.models import InstallLink
from integrations.contrib.links.services import link_make
from integrations.models import AlloyUser, Delivery
from integrations.pages.receivers import installations_finished
from integrations.pages.snapshots import snapshot_of
from tests.integrations.conftest import make_ready
from tests.integrations.deliveries import installation
from tests.integrations.fake_alloy import FakeAlloy, Reply

pytestmark = pytest.mark.django_db

URL = "https://app.runalloy.com/embedded-install?integrationId=i1&token=eyJhbGciOiJIUzI1NiJ9.e30.c2"
NOT_INSTALLED: dict[str, Any] = {
    "integrationId": "i1",
    "app": "BigCommerce",
    "installed": False,
    "workflows": [{"workflowId": "w1", "name": "Sync", "installed": False}],
}
INSTALLED = {
    **NOT_INSTALLED,
    "installed": True,
    "workflows": [{"workflowId": "w1", "name": "Sync", "installed": True, "active": True}],
}


@pytest.fixture
def alloy_user(alloy: FakeAlloy, woken: object, merchant: User) -> AlloyUser:
    alloy.fail_always("/install-url", Reply(body={"url": URL}))
    alloy.integrations = [NOT_INSTALLED]
    return make_ready(merchant)


def make(alloy_user: AlloyUser, integration: dict[str, Any] = NOT_INSTALLED) -> InstallLink:
    link, url = link_make(
        alloy_user=alloy_user,
        integration=Integration.model_validate(integration),
        created_by=alloy_user.tenant,
    )
    assert url == URL
    return link


def webhook(alloy_user: AlloyUser, *, first: bool = True, **changes: Any) -> None:
    """Alloy says that an installation was finished; a repeated one came first a day ago."""
    finished = installation(alloy_user, **changes)
    if not first:
        yesterday = timezone.now() - timedelta(days=1)
        Delivery.objects.update(received_at=yesterday)
        finished.delivery.refresh_from_db()
    installations_finished([finished])


@pytest.fixture
def link(alloy_user: AlloyUser) -> InstallLink:
    """A link to what is not installed yet."""
    return make(alloy_user)


def state_of(link: InstallLink) -> str:
    link.refresh_from_db()
    return link.state.value


def test_the_url_is_nowhere_in_the_database(link: InstallLink) -> None:
    stored = InstallLink.objects.filter(pk=link.pk).values().get()
    assert "eyJ" not in str(stored)
    assert "embedded-install" not in str(stored)


def test_a_link_lives_seven_days(link: InstallLink) -> None:
    assert link.expires_at - link.created_at == pytest.approx(
        timedelta(days=7), abs=timedelta(minutes=1)
    )
    assert state_of(link) == "pending"
    InstallLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert state_of(link) == "expired"


def test_the_installation_webhook_uses_it_up(alloy_user: AlloyUser, link: InstallLink) -> None:
    webhook(alloy_user)
    assert state_of(link) == "used"


def expire(link: InstallLink) -> None:
    """Let the link have expired an hour ago."""
    InstallLink.objects.filter(pk=link.pk).update(expires_at=timezone.now() - timedelta(hours=1))


def test_what_is_installed_after_its_time_was_installed_by_other_means(
    alloy: FakeAlloy, alloy_user: AlloyUser, link: InstallLink
) -> None:
    expire(link)
    webhook(alloy_user)
    alloy.integrations = [INSTALLED]
    snapshot_of(alloy_user, refresh=True)
    assert state_of(link) == "expired"


def test_a_webhook_that_was_late_to_be_processed_uses_a_link_up_that_has_expired_since(
    alloy_user: AlloyUser, link: InstallLink
) -> None:
    two_days_ago = timezone.now() - timedelta(days=2)
    InstallLink.objects.filter(pk=link.pk).update(created_at=two_days_ago)
    expire(link)
    webhook(alloy_user, first=False)
    assert state_of(link) == "used"


def test_a_new_link_beside_an_expired_one_is_the_one_that_is_used(alloy_user: AlloyUser) -> None:
    old, new = make(alloy_user), make(alloy_user)
    expire(old)
    webhook(alloy_user)
    assert (state_of(old), state_of(new)) == ("expired", "used")


@pytest.mark.parametrize("changes", [{"success": False}, {"integrationId": "another"}])
def test_a_webhook_about_something_else_does_not(
    alloy_user: AlloyUser, link: InstallLink, changes: dict[str, Any]
) -> None:
    webhook(alloy_user, **changes)
    assert state_of(link) == "pending"


def test_a_webhook_for_somebody_else_does_not(link: InstallLink, other_merchant: User) -> None:
    webhook(make_ready(other_merchant))
    assert state_of(link) == "pending"


def test_a_repeated_webhook_from_before_the_link_does_not(
    alloy_user: AlloyUser, link: InstallLink
) -> None:
    webhook(alloy_user, first=False)
    assert state_of(link) == "pending"


def test_the_same_webhook_for_a_new_installation_is_seen_by_what_alloy_lists(
    alloy: FakeAlloy, alloy_user: AlloyUser, link: InstallLink
) -> None:
    alloy.integrations = [INSTALLED]
    webhook(alloy_user, first=False)
    snapshot_of(alloy_user)
    assert state_of(link) == "used"


def test_that_it_was_installed_before_says_nothing_about_the_link(
    alloy: FakeAlloy, alloy_user: AlloyUser
) -> None:
    link = make(alloy_user, INSTALLED)
    alloy.integrations = [INSTALLED]
    snapshot_of(alloy_user, refresh=True)
    assert state_of(link) == "pending"
