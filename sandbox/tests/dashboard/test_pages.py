"""Every page can be opened, empty and full, and shows what is there."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alloy_sandbox.connectivity.connectors import find_connector
from alloy_sandbox.connectivity.credentials import connect_account
from alloy_sandbox.connectivity.services.slack import NewMessage, Slack
from alloy_sandbox.core.models import (
    Account,
    ApiRequest,
    Fault,
    Integration,
    Release,
    StoreOrder,
    User,
    WebhookDelivery,
    Workflow,
)
from alloy_sandbox.core.preferences import prefer
from alloy_sandbox.embedded.installing import install, release
from alloy_sandbox.embedded.stores import place_order, sample_order
from tests.dashboard.conftest import read_page

LISTS = ["users", "stores", "services", "requests", "webhooks", "faults", "destinations", "reset"]


@pytest.mark.parametrize("path", ["/", *(f"/dashboard/{name}" for name in LISTS)])
def test_a_page_can_be_opened_when_there_is_nothing_yet(
    visitor: Client, db: None, path: str
) -> None:
    found = read_page(visitor, path)
    assert "This stands in for Alloy. Everything here is made up." in found
    assert f'<a href="{path}" aria-current="page">' in found, "the navigation marks it"


def test_the_control_address_leads_to_the_dashboard(visitor: Client, db: None) -> None:
    assert visitor.get("/_sandbox/")["Location"] == "/"


@pytest.mark.parametrize(
    "path", ["users/x", "requests/1", "webhooks/1", "services/x", f"services/notion/{uuid4()}"]
)
def test_what_is_not_there_is_a_404_page(visitor: Client, db: None, path: str) -> None:
    response = visitor.get(f"/dashboard/{path}")
    assert response.status_code == 404
    assert b"not found" in response.content


def test_the_overview_names_workflows_their_versions_and_fields(
    visitor: Client, bigcommerce: Integration
) -> None:
    release(workflow=bigcommerce.workflows.get(position=0), fields=["orderTag"])
    found = read_page(visitor, "/")
    assert "Version 2" in found
    assert "asks for Order tag" in found


def test_a_user_shows_what_is_installed_paused_and_outdated(
    visitor: Client, merchant: User, bigcommerce: Integration
) -> None:
    copies = install(user=merchant, integration=bigcommerce)
    release(workflow=copies[0].workflow)
    merchant.installations.filter(pk=copies[1].pk).update(active=False)
    found = read_page(visitor, f"/dashboard/users/{merchant.pk}")
    assert "Version 1 of 2" in found
    assert "Paused" in found
    assert found.index("BigCommerce") < found.index("Shopify")


def test_a_store_shows_its_orders_as_it_sees_them(visitor: Client, merchant: User) -> None:
    order = place_order(user=merchant, fields={"status": "FULFILLED"})
    found = read_page(visitor, f"/dashboard/stores/{merchant.pk}")
    assert f"<b>{order.number}</b>" in found
    assert "FULFILLED" in found
    assert "your app will not hear of orders" in found


def test_names_from_outside_are_shown_as_text(visitor: Client, db: None) -> None:
    user = User.objects.create(username="<script>alert(1)</script>")
    for path in ("/dashboard/users", f"/dashboard/users/{user.pk}", "/dashboard/stores"):
        assert "<script>alert" not in read_page(visitor, path)


def test_a_call_can_be_opened_for_its_body(visitor: Client, db: None) -> None:
    call = ApiRequest.objects.create(
        method="POST", path="/users", status=200, milliseconds=1.5, body='{"username":"mia"}',
        received_at=timezone.now(),
    )  # fmt: skip
    assert f"/dashboard/requests/{call.pk}" in read_page(visitor, "/dashboard/requests")
    found = read_page(visitor, f"/dashboard/requests/{call.pk}")
    assert "&quot;username&quot;: &quot;mia&quot;" in found


def test_older_calls_are_one_page_further(visitor: Client, db: None) -> None:
    ApiRequest.objects.bulk_create(
        ApiRequest(
            method="GET", path=f"/users/{n}", status=200, milliseconds=1, received_at=timezone.now()
        )
        for n in range(60)
    )
    first = read_page(visitor, "/dashboard/requests")
    assert "1 to 50 of 60" in first
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older
    second = read_page(visitor, f"/dashboard/requests{older[1]}")
    assert first.count("<tr>") + second.count("<tr>") == 60 + 2
    assert 'rel="next"' not in second
    assert "data-live" not in second


def test_calls_are_found_by_a_part_of_their_path(visitor: Client, db: None) -> None:
    ApiRequest.objects.bulk_create(
        ApiRequest(method="GET", path=path, status=200, milliseconds=1, received_at=timezone.now())
        for path in ("/users", "/integrations")
    )
    found = read_page(visitor, "/dashboard/requests?q=/users")
    assert found.count("<tr>") == 1 + 1
    assert "No path has “x” in it" in read_page(visitor, "/dashboard/requests?q=x")


@pytest.fixture
def very_many(merchant: User) -> None:
    """Two hundred integrations, and a thousand rows of everything else that grows."""
    apps = [Integration(app=f"App {n}", connector="slack", position=100 + n) for n in range(200)]
    workflows = [
        Workflow(integration=app, name=f"When something happens in {app.app}, {what} it")
        for app in apps
        for what in ("create", "update")
    ]
    releases = [Release(workflow=each, number=1, blocks=[]) for each in workflows]
    Integration.objects.bulk_create(apps)
    Workflow.objects.bulk_create(workflows)
    Release.objects.bulk_create(releases)
    now = timezone.now()
    User.objects.bulk_create(User(username=f"{n}@acme.example") for n in range(1000))
    Account.objects.bulk_create(
        Account(user=merchant, connector="notion", name=f"Workspace {n}") for n in range(1000)
    )
    StoreOrder.objects.bulk_create(
        StoreOrder(user=merchant, number=n, payload=sample_order(n, now)) for n in range(1000)
    )
    ApiRequest.objects.bulk_create(
        ApiRequest(method="GET", path="/users", status=200, milliseconds=1, received_at=now)
        for _ in range(1000)
    )
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(kind="order", user=merchant, url="http://a/", body="{}", attempts_left=0)
        for _ in range(1000)
    )
    Fault.objects.bulk_create(Fault(path=f"/{n}", status=500) for n in range(1000))


@pytest.mark.usefixtures("very_many")
def test_no_page_grows_with_what_there_is_and_all_of_it_is_found(
    visitor: Client, merchant: User, bigcommerce: Integration
) -> None:
    lists = ["/", *(f"/dashboard/{name}" for name in LISTS)]
    for path in [*lists, f"/dashboard/users/{merchant.pk}", f"/dashboard/stores/{merchant.pk}"]:
        for asked in ("?page=last", "?page=2&q=a"):
            assert len(read_page(visitor, path + asked)) < 100_000, path + asked
    for words in ("app 150", "something happens in App 150,"):
        found = read_page(visitor, f"/?q={words}")
        assert (found.count("<article"), "App 150" in found) == (1, True)
    assert "No integration has “x&amp;y” in it" in read_page(visitor, "/?q=x%26y")
    call = f"/dashboard/do/post/workflows/{bigcommerce.workflows.get(position=0).pk}/releases"
    response = visitor.post(call, headers={"referer": "http://testserver/?page=2&q=app&live=1"})
    assert response["Location"] == "/?q=app&page=2"


def test_a_webhook_shows_its_attempts_and_body(
    visitor: Client, merchant: User, bigcommerce: Integration
) -> None:
    prefer(installations="http://localhost:9/")
    install(user=merchant, integration=bigcommerce)
    delivery = WebhookDelivery.objects.get()
    delivery.attempts.create(started_at=timezone.now(), milliseconds=2, error="refused")
    found = read_page(visitor, f"/dashboard/webhooks/{delivery.pk}")
    assert "No answer" in found
    assert bigcommerce.pk in found


@pytest.mark.parametrize("name", ["users", "stores", "requests", "webhooks", "faults"])
def test_the_live_part_of_a_page_is_served_alone(visitor: Client, db: None, name: str) -> None:
    part = read_page(visitor, f"/dashboard/{name}?live")
    assert "<html" not in part
    assert part.strip() in read_page(visitor, f"/dashboard/{name}")


def test_the_lists_do_not_ask_the_database_once_per_row(
    visitor: Client, merchant: User, bigcommerce: Integration, django_assert_max_num_queries: object
) -> None:
    install(user=merchant, integration=bigcommerce)
    StoreOrder.objects.all().delete()
    for _ in range(5):
        place_order(user=merchant, fields={})
    paths = ["/", "/dashboard/users", f"/dashboard/users/{merchant.pk}", "/dashboard/stores"]
    for path in [*paths, f"/dashboard/stores/{merchant.pk}", "/dashboard/webhooks"]:
        with django_assert_max_num_queries(10):  # type: ignore[operator]
            read_page(visitor, path)


@pytest.mark.parametrize("path", ["/dashboard/users", "/dashboard/stores"])
def test_of_very_many_users_the_first_are_shown_and_others_are_found(
    visitor: Client, db: None, path: str
) -> None:
    User.objects.bulk_create(
        User(username=f"user{number}@acme.example", full_name=f"Name {number}")
        for number in range(60)
    )
    found = read_page(visitor, path)
    assert found.count("@acme.example</a>") == 50
    assert "1 to 50 of 60" in found
    assert read_page(visitor, f"{path}?page=2").count("@acme.example</a>") == 10
    user = User.objects.get(username="user7@acme.example")
    for words in ("USER7@", "user7@acme.example", "name 7", user.pk):
        found = read_page(visitor, f"{path}?q={words}")
        assert found.count("@acme.example</a>") == 1
        assert user.username in found
    assert "Nobody is called “x&amp;y”" in read_page(visitor, f"{path}?q=x%26y")
    assert 'data-live="?q=x%26y&amp;live=1"' in read_page(visitor, f"{path}?q=x%26y")


def test_the_stores_that_are_used_come_first(visitor: Client, db: None) -> None:
    used, unused = (User.objects.create(username=name) for name in ("used", "unused"))
    place_order(user=used, fields={})
    found = read_page(visitor, "/dashboard/stores")
    assert found.index(f"stores/{used.pk}") < found.index(f"stores/{unused.pk}")


@pytest.mark.parametrize(
    "asked", ["?q=%00", "?page=-1", "?page=" + "9" * 30, "?page=x", "?q=" + "%25" * 5000, "?q=%ff"]
)
def test_nonsense_in_the_address_is_a_page_as_well(
    visitor: Client, merchant: User, asked: str
) -> None:
    for path in ["/", *(f"/dashboard/{name}" for name in LISTS), f"/dashboard/users/{merchant.pk}"]:
        read_page(visitor, path + asked)


def connected(merchant: User, connector: str) -> Account:
    service = find_connector(connector)
    made = connect_account(user=merchant, connector=service, name="Acme HQ")
    assert made.account
    return made.account


@pytest.mark.parametrize(
    "connector", ["notion", "slack", "googleDrive", "hubspot", "shopify", "jira"]
)
def test_the_account_of_every_kind_of_connector_can_be_opened(
    visitor: Client, merchant: User, connector: str
) -> None:
    service, account = find_connector(connector), connected(merchant, connector)
    assert "Acme HQ" in read_page(visitor, "/dashboard/services")
    found = read_page(visitor, f"/dashboard/services/{account.pk}")
    assert service.name in found
    assert "by name only" in found if connector == "jira" else "There is nothing" not in found
    assert "<html" not in read_page(visitor, f"/dashboard/services/{account.pk}?live")


def test_what_was_written_is_shown_as_the_text_it_is(visitor: Client, merchant: User) -> None:
    workspace, team = connected(merchant, "notion"), connected(merchant, "slack")
    block = workspace.items.get(kind="block")
    block.data["content"]["rich_text"] = [{"plain_text": "<b>We shipped</b>"}]
    block.save()
    found = read_page(visitor, f"/dashboard/services/notion/{block.parent_id}")
    assert "Getting started" in found
    assert "&lt;b&gt;We shipped&lt;/b&gt;" in found
    for n in range(9):
        message = NewMessage(channel="general", text=f"Bo &amp; Mia are &lt;in&gt; {n}")
        Slack(find_connector("slack").entry).post_message(team, body=message)
    with CaptureQueriesContext(connection) as queries:
        found = read_page(visitor, f"/dashboard/services/{team.pk}")
    assert "Bo &amp; Mia are &lt;in&gt; 8" in found
    assert len(queries) < 10
