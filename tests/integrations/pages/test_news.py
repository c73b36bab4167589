"""What is new in a version is told by its builder's name for it, and by the steps that differ."""

from __future__ import annotations

import html as escapes
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from integrations.models import AlloyUser
from integrations.pages.snapshots import mark_outdated
from tests.integrations.fake_alloy import FakeAlloy, Reply
from tests.integrations.pages.conftest import BIGCOMMERCE
from tests.pages import HTMX

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("alloy_user")]

ID = str(BIGCOMMERCE["integrationId"])
LIST, NEWS = reverse("integrations:list"), reverse("integrations:news", args=[ID])


def blocks(*names: str) -> list[dict[str, str]]:
    return [{"name": name, "id": name, "type": "bigcommerce"} for name in names]


def news(client: Client, **options: Any) -> str:
    response = client.get(NEWS, **options)
    assert response.status_code == 200
    return escapes.unescape(response.content.decode())


@pytest.fixture
def outdated(
    integrations: list[dict[str, Any]], merchant_client: Client, alloy_user: AlloyUser
) -> dict[str, Any]:
    """A workflow of which version 2 has been released since the page was seen with version 1."""
    workflow: dict[str, Any] = integrations[0]["workflows"][0]
    workflow |= {"version": 1, "blocks": blocks("Trigger", "Old step")}
    merchant_client.get(LIST)
    workflow |= {"version": 2, "blocks": blocks("Trigger", "New step")}
    mark_outdated(alloy_user)
    return workflow


def versions(alloy: FakeAlloy, *names: str) -> None:
    """Have Alloy name the versions, the newest first; there is always a draft as well."""
    data = [
        {"versionId": f"v{number}", "versionName": name, "status": "released", "lastModified": day}
        for number, (name, day) in enumerate(zip(names, ("2026-11-02", "2026-11-01"), strict=False))
    ]
    draft = {"versionId": "d", "versionName": "Not out yet", "status": "draft"}
    alloy.fail_always("/versions", Reply(body={"data": [draft, *data]}))


@pytest.mark.parametrize(
    ("told", "shown", "hidden"),
    [
        (["Version 2", "Version 1"], ["New step: New step", "No longer: Old step"], ["Version 2"]),
        (["Refunds, too", "First steps"], ["Refunds, too"], ["First steps", "Not out yet"]),
        (None, ["New step: New step", "No longer: Old step"], []),
    ],
    ids=["names that say nothing", "names of the builder's own", "Alloy is down"],
)
def test_the_name_of_the_newest_version_is_shown_if_it_says_something_and_the_steps_that_differ(
    merchant_client: Client,
    alloy: FakeAlloy,
    outdated: object,
    told: list[str] | None,
    shown: list[str],
    hidden: list[str],
) -> None:
    alloy.fail_always("/versions", Reply(503))
    if told:
        versions(alloy, *told)
    page = news(merchant_client, headers=HTMX)
    assert [each for each in shown if each not in page] == []
    assert [each for each in (*hidden, "<html") if each in page] == []


def test_where_nobody_says_what_is_new_the_page_says_so(
    merchant_client: Client, alloy: FakeAlloy
) -> None:
    versions(alloy, "Version 2")
    assert "has not said what is new" in news(merchant_client)


def test_the_steps_of_the_version_one_has_are_kept_over_later_releases(
    merchant_client: Client, alloy: FakeAlloy, outdated: dict[str, Any], alloy_user: AlloyUser
) -> None:
    versions(alloy, "Version 3", "Version 2")
    merchant_client.get(LIST)
    outdated |= {"version": 3, "blocks": blocks("Trigger", "Newest step")}
    mark_outdated(alloy_user)
    page = news(merchant_client)
    assert "New step: Newest step" in page
    assert "No longer: Old step" in page


def test_what_is_up_to_date_has_no_news(
    merchant_client: Client, alloy: FakeAlloy, integrations: list[dict[str, Any]]
) -> None:
    integrations[0]["workflows"][0]["version"] = 1
    assert "Everything is up to date" in news(merchant_client)
    assert alloy.calls_to("/versions") == []
