"""Every page can be opened, empty and full, and shows what is there."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone

from alloy_sandbox.core import seed
from alloy_sandbox.core.catalogue import Catalogue
from alloy_sandbox.core.models import (
    Account,
    ApiRequest,
    Fault,
    Integration,
    StoreOrder,
    User,
    WebhookDelivery,
)
from alloy_sandbox.embedded.services import install, release
from alloy_sandbox.stores.sample import sample_order
from alloy_sandbox.stores.services import place_order, store_of
from alloy_sandbox.webhooks.destinations import set_destinations

LISTS = ["users", "stores", "services", "requests", "webhooks", "faults", "destinations", "reset"]


def page(visitor: Client, path: str) -> str:
    response = visitor.get(path)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("path", ["/", *(f"/dashboard/{name}" for name in LISTS)])
def test_a_page_can_be_opened_when_there_is_nothing_yet(
    visitor: Client, db: None, path: str
) -> None:
    found = page(visitor, path)
    assert "This stands in for Alloy. Everything here is made up." in found
    assert not re.search(r"<style|style=|<script(?! src=)| on\w+=", found)


@pytest.mark.parametrize("path", ["/", *(f"/dashboard/{name}" for name in LISTS)])
def test_the_current_page_is_marked_in_the_navigation(visitor: Client, db: None, path: str) -> None:
    assert f'<a href="{path}" aria-current="page">' in page(visitor, path)


def test_the_control_address_leads_to_the_dashboard(visitor: Client, db: None) -> None:
    assert visitor.get("/_sandbox/")["Location"] == "/"


@pytest.mark.parametrize(
    "path", ["/dashboard/users/x", "/dashboard/requests/1", "/dashboard/webhooks/1"]
)
def test_what_is_not_there_is_a_404_page(visitor: Client, db: None, path: str) -> None:
    response = visitor.get(path)
    assert response.status_code == 404
    assert b"not found" in response.content


def test_the_overview_names_workflows_their_versions_and_fields(
    visitor: Client, bigcommerce: Integration
) -> None:
    release(workflow=bigcommerce.workflows.get(position=0), configurable_fields=["orderTag"])
    found = page(visitor, "/")
    assert "Version 2" in found
    assert "asks for Order tag" in found


def test_a_user_shows_what_is_installed_paused_and_outdated(
    visitor: Client, merchant: User, bigcommerce: Integration
) -> None:
    copies = install(user=merchant, integration=bigcommerce)
    release(workflow=copies[0].workflow)
    merchant.installations.filter(pk=copies[1].pk).update(active=False)
    found = page(visitor, f"/dashboard/users/{merchant.pk}")
    assert "Version 1 of 2" in found
    assert "Paused" in found
    assert found.index("BigCommerce") < found.index("Shopify")


def test_a_store_shows_its_orders_as_it_sees_them(visitor: Client, merchant: User) -> None:
    order = place_order(store=store_of(user=merchant), fields={"status": "FULFILLED"})
    found = page(visitor, f"/dashboard/stores/{merchant.pk}")
    assert f"<b>{order.number}</b>" in found
    assert "FULFILLED" in found
    assert "your app will not hear of orders" in found


def test_names_from_outside_are_shown_as_text(visitor: Client, db: None) -> None:
    user = User.objects.create(username="<script>alert(1)</script>")
    for path in ("/dashboard/users", f"/dashboard/users/{user.pk}", "/dashboard/stores"):
        assert "<script>alert" not in page(visitor, path)


def test_a_call_can_be_opened_for_its_body(visitor: Client, db: None) -> None:
    call = ApiRequest.objects.create(
        method="POST", path="/users", status=200, milliseconds=1.5, body='{"username":"mia"}',
        received_at=timezone.now(),
    )  # fmt: skip
    assert f"/dashboard/requests/{call.pk}" in page(visitor, "/dashboard/requests")
    assert "&quot;username&quot;: &quot;mia&quot;" in page(
        visitor, f"/dashboard/requests/{call.pk}"
    )


def test_older_calls_are_one_page_further(visitor: Client, db: None) -> None:
    ApiRequest.objects.bulk_create(
        ApiRequest(
            method="GET", path=f"/users/{n}", status=200, milliseconds=1, received_at=timezone.now()
        )
        for n in range(60)
    )
    first = page(visitor, "/dashboard/requests")
    assert "1 to 50 of 60" in first
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older
    second = page(visitor, f"/dashboard/requests{older[1]}")
    assert first.count("<tr>") + second.count("<tr>") == 60 + 2
    assert 'rel="next"' not in second
    assert "data-live" not in second


def test_calls_are_found_by_a_part_of_their_path(visitor: Client, db: None) -> None:
    ApiRequest.objects.bulk_create(
        ApiRequest(method="GET", path=path, status=200, milliseconds=1, received_at=timezone.now())
        for path in ("/users", "/integrations")
    )
    found = page(visitor, "/dashboard/requests?q=/users")
    assert found.count("<tr>") == 1 + 1
    assert "No path has “x” in it" in page(visitor, "/dashboard/requests?q=x")


@pytest.fixture
def very_many(merchant: User) -> None:
    """Two hundred integrations, and a thousand rows of everything else that grows."""
    seed.declare(
        Catalogue.model_validate(
            {
                "integrations": [
                    {
                        "app": f"App {n}",
                        "connector": "slack",
                        "workflows": [
                            {"name": f"When something happens in App {n}, {what} it in AcmeCo"}
                            for what in ("create", "update")
                        ],
                    }
                    for n in range(200)
                ]
            }
        )
    )
    now = timezone.now()
    User.objects.bulk_create(User(username=f"{n}@acme.example") for n in range(1000))
    Account.objects.bulk_create(
        Account(user=merchant, connector="notion", name=f"Workspace {n}") for n in range(1000)
    )
    store = store_of(user=merchant)
    StoreOrder.objects.bulk_create(
        StoreOrder(store=store, number=n, status="Shipped", payload=sample_order(n, now))
        for n in range(1000)
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
def test_no_page_grows_with_what_there_is(visitor: Client, merchant: User) -> None:
    lists = ["/", *(f"/dashboard/{name}" for name in LISTS)]
    for path in [*lists, f"/dashboard/users/{merchant.pk}", f"/dashboard/stores/{merchant.pk}"]:
        for asked in ("", "?page=last", "?page=2&q=a", "?live=1"):
            assert len(page(visitor, path + asked)) < 100_000, path + asked


@pytest.mark.usefixtures("very_many")
@pytest.mark.parametrize("words", ["app 150", "something happens in App 150,"])
def test_an_integration_is_found_by_its_name_and_its_workflows(visitor: Client, words: str) -> None:
    found = page(visitor, f"/?q={words}")
    assert found.count("<article") == 1
    assert "App 150" in found
    assert "No integration has “x&amp;y” in it" in page(visitor, "/?q=x%26y")


@pytest.mark.usefixtures("very_many")
def test_what_was_asked_for_is_still_shown_after_an_action(
    visitor: Client, bigcommerce: Integration
) -> None:
    workflow = bigcommerce.workflows.get(position=0)
    response = visitor.post("/dashboard/release?page=2&q=app", {"workflow": workflow.pk})
    assert response["Location"] == "/?page=2&q=app"
    assert '/dashboard/release?page=2&amp;q=app"' in page(visitor, "/?page=2&q=app")


def test_a_webhook_shows_its_attempts_and_body(
    visitor: Client, merchant: User, bigcommerce: Integration
) -> None:
    set_destinations(urls={"installations": "http://localhost:9/"})
    install(user=merchant, integration=bigcommerce)
    delivery = WebhookDelivery.objects.get()
    delivery.attempts.create(started_at=timezone.now(), milliseconds=2, error="refused")
    found = page(visitor, f"/dashboard/webhooks/{delivery.pk}")
    assert "No answer" in found
    assert bigcommerce.pk in found


@pytest.mark.parametrize("name", ["users", "stores", "requests", "webhooks", "faults"])
def test_the_live_part_of_a_page_is_served_alone(visitor: Client, db: None, name: str) -> None:
    part = page(visitor, f"/dashboard/{name}?live")
    assert "<html" not in part
    assert part.strip() in page(visitor, f"/dashboard/{name}")


def test_the_lists_do_not_ask_the_database_once_per_row(
    visitor: Client, merchant: User, bigcommerce: Integration, django_assert_max_num_queries: object
) -> None:
    install(user=merchant, integration=bigcommerce)
    StoreOrder.objects.all().delete()
    for _ in range(5):
        place_order(store=store_of(user=merchant))
    paths = ["/", "/dashboard/users", f"/dashboard/users/{merchant.pk}", "/dashboard/stores"]
    for path in [*paths, f"/dashboard/stores/{merchant.pk}", "/dashboard/webhooks"]:
        with django_assert_max_num_queries(10):  # type: ignore[operator]
            page(visitor, path)


@pytest.mark.parametrize("path", ["/dashboard/users", "/dashboard/stores"])
def test_of_very_many_users_the_first_are_shown_and_others_are_found(
    visitor: Client, db: None, path: str
) -> None:
    User.objects.bulk_create(
        User(username=f"user{number}@acme.example", full_name=f"Name {number}")
        for number in range(60)
    )
    found = page(visitor, path)
    assert found.count("@acme.example</a>") == 50
    assert "1 to 50 of 60" in found
    assert page(visitor, f"{path}?page=2").count("@acme.example</a>") == 10
    user = User.objects.get(username="user7@acme.example")
    for words in ("USER7@", "user7@acme.example", "name 7", user.pk):
        found = page(visitor, f"{path}?q={words}")
        assert found.count("@acme.example</a>") == 1
        assert user.username in found
    assert "Nobody is called “x&amp;y”" in page(visitor, f"{path}?q=x%26y")
    assert 'data-live="?q=x%26y&amp;live=1"' in page(visitor, f"{path}?q=x%26y")


def test_the_stores_that_are_used_come_first(visitor: Client, db: None) -> None:
    used, unused = (User.objects.create(username=name) for name in ("used", "unused"))
    place_order(store=store_of(user=used))
    found = page(visitor, "/dashboard/stores")
    assert found.index(f"stores/{used.pk}") < found.index(f"stores/{unused.pk}")


@pytest.mark.parametrize(
    "asked", ["?q=%00", "?page=-1", "?page=" + "9" * 30, "?page=x", "?q=" + "%25" * 5000, "?q=%ff"]
)
def test_nonsense_in_the_address_is_a_page_as_well(
    visitor: Client, merchant: User, asked: str
) -> None:
    for path in ["/", *(f"/dashboard/{name}" for name in LISTS), f"/dashboard/users/{merchant.pk}"]:
        page(visitor, path + asked)
