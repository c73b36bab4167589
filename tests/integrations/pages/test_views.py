from __future__ import annotations

import gzip
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from integrations.models import AlloyUser, IntegrationsSnapshot, MessageGroup
from integrations.tenants.sign_up import provisioning_group
from tests.integrations.conftest import make_ready
from tests.integrations.fake_alloy import FakeAlloy, Reply
from tests.integrations.pages.conftest import BIGCOMMERCE, SLACK, version_in
from tests.integrations.pages.test_snapshots import BAD_ANSWERS
from tests.pages import HTMX, html_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("alloy_user")]

LIST, CHECK = reverse("integrations:list"), reverse("integrations:check")
ID = str(BIGCOMMERCE["integrationId"])
DETAIL, CONNECT, UPDATE = (
    reverse(f"integrations:{name}", args=[ID]) for name in ("detail", "connect", "update")
)
JWT = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")


def test_the_page_shows_every_integration_with_one_call(
    merchant_client: Client, alloy: FakeAlloy
) -> None:
    page = html_of(merchant_client, LIST)
    assert "BigCommerce" in page
    assert "Slack" in page
    html_of(merchant_client, LIST)
    paths = [call.path for call in alloy.calls]
    assert paths == ["/2023-12/integrations", "/connectors"], "the connectors once for everybody"


@pytest.mark.parametrize("url", [LIST, DETAIL])
def test_what_was_clicked_is_seen_at_once(merchant_client: Client, url: str) -> None:
    page = html_of(merchant_client, url)
    assert "integration-changed from:body" in page, "which the answer to a click triggers"
    assert f'href="{LIST}" aria-current=' in page


@pytest.mark.parametrize("url", [CONNECT, UPDATE])
def test_without_javascript_no_token_is_fetched_and_the_page_says_why(
    merchant_client: Client, alloy: FakeAlloy, url: str
) -> None:
    alloy.fail_always("/upgrade", Reply(422, {"message": "New configurable fields were added"}))
    page = merchant_client.post(url, follow=True)
    assert "opens only with JavaScript" in page.content.decode()
    assert alloy.calls_to("/token") == []


def test_a_category_that_does_not_exist_is_said_to_be_empty(merchant_client: Client) -> None:
    page = html_of(merchant_client, f"{LIST}?category=unknown")
    assert "Nothing is in the category “unknown”" in page
    assert "Show all integrations" in page
    both = html_of(merchant_client, f"{LIST}?category=unknown&q=Slack")
    assert "Nothing in the category “unknown” fits “Slack”" in both


def test_an_account_that_cannot_be_set_up_yet_says_so(
    merchant_client: Client, alloy_user: AlloyUser
) -> None:
    AlloyUser.objects.update(user_id="")
    assert "usually within seconds" in html_of(merchant_client, LIST)
    MessageGroup.objects.update_or_create(
        environment=alloy_user.environment,
        key=provisioning_group(alloy_user),
        defaults={"failures": 1},
    )
    page = html_of(merchant_client, LIST)
    assert "reach our integration partner right now" in page
    assert "We are setting up your account" in page
    assert "usually within seconds" not in page


def test_an_integrations_own_page_leads_to_the_list_while_nothing_is_known_yet(
    merchant_client: Client, alloy: FakeAlloy
) -> None:
    alloy.fail_always("/integrations", Reply(503))
    assert redirects_to_list(merchant_client.get(DETAIL))
    AlloyUser.objects.update(user_id="")
    assert redirects_to_list(merchant_client.get(DETAIL))


def redirects_to_list(response: Any) -> bool:
    return (response.status_code, response.headers.get("Location")) == (302, LIST)


def test_no_token_is_on_the_page_before_the_click(
    merchant_client: Client, alloy: FakeAlloy
) -> None:
    assert not JWT.search(html_of(merchant_client, LIST) + html_of(merchant_client, DETAIL))
    assert alloy.calls_to("/token") == []


def test_names_and_icons_from_alloy_cannot_run_scripts(
    merchant_client: Client, integrations: list[dict[str, Any]]
) -> None:
    integrations[1] |= {"app": "<script>alert(1)</script>", "description": '"><img src=x>'}
    page = html_of(merchant_client, LIST)
    assert "<script>alert(1)" not in page
    assert "<img src=x>" not in page
    assert "javascript:alert" not in page


@pytest.mark.parametrize("bad", BAD_ANSWERS[::9])
def test_the_page_renders_whatever_alloy_answers(
    merchant_client: Client, alloy: FakeAlloy, bad: Reply
) -> None:
    alloy.fail_always("/integrations", bad)
    assert "can't reach" in html_of(merchant_client, LIST).replace("&#x27;", "'")


def test_while_alloy_is_down_the_last_copy_is_shown_and_alloy_left_alone(
    merchant_client: Client, alloy: FakeAlloy
) -> None:
    html_of(merchant_client, LIST)
    alloy.fail_always("/integrations", Reply(503))
    merchant_client.post(CHECK)
    for _ in range(3):
        assert "BigCommerce" in html_of(merchant_client, LIST)
        assert "BigCommerce" in html_of(merchant_client, DETAIL)
    assert len(alloy.calls_to("/integrations")) == 2


def test_a_merchant_without_alloy_user_is_told_so_and_alloy_is_not_asked(
    client: Client, other_merchant_client: Client, alloy: FakeAlloy
) -> None:
    assert "setting up" in html_of(other_merchant_client, LIST)
    assert redirects_to_list(other_merchant_client.get(DETAIL))
    assert other_merchant_client.post(CONNECT).status_code == 404
    (nobody_announced,) = User.objects.bulk_create([User(email="bulk@acme.example")])
    client.force_login(nobody_announced)
    assert "setting up" in html_of(client, LIST)
    assert AlloyUser.objects.filter(tenant=nobody_announced).exists()
    assert alloy.calls == []


def test_a_poll_is_sent_the_cards_only_when_they_changed(
    merchant_client: Client, integrations: list[dict[str, Any]]
) -> None:
    version = version_in(html_of(merchant_client, LIST))
    poll = merchant_client.get(LIST, {"version": version}, headers=HTMX)
    assert (poll.status_code, poll.content) == (204, b"")
    integrations[1]["installed"] = True
    merchant_client.post(CHECK)
    poll = merchant_client.get(LIST, {"version": version}, headers=HTMX)
    assert poll.status_code == 200
    assert "<html" not in poll.content.decode()


def test_search_filters_survives_odd_input_and_does_not_hide_what_was_clicked(
    merchant_client: Client,
) -> None:
    found = html_of(merchant_client, f"{LIST}?q=slack")
    assert "Slack" in found
    assert "Order status sync" not in found
    html_of(merchant_client, f"{LIST}?q=%ff<script>" + "x" * 500)
    assert "BigCommerce" in html_of(merchant_client, f"{DETAIL}?q=slack")
    assert merchant_client.post(f"{CONNECT}?q=slack", headers=HTMX).status_code == 200


@pytest.mark.parametrize("name", ["detail", "connect", "update"])
@pytest.mark.parametrize("integration_id", ["unknown", "63ea758e82c3074141968bb8", "a%ffb", "ü"])
def test_an_integration_that_alloy_does_not_list_is_not_found(
    merchant_client: Client, name: str, integration_id: str
) -> None:
    url = reverse(f"integrations:{name}", args=["x"]).replace("/x/", f"/{integration_id}/")
    send = merchant_client.get if name == "detail" else merchant_client.post
    assert send(url).status_code == 404


@pytest.mark.parametrize("url", [CHECK, CONNECT, UPDATE])
def test_what_has_an_effect_needs_a_post_with_csrf_token(
    merchant: User, alloy: FakeAlloy, url: str
) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(merchant)
    assert strict.post(url).status_code == 403
    assert strict.get(url).status_code == 302, "to the page that has the form"
    assert alloy.calls == []


def test_the_click_on_connect_fetches_a_token_that_is_never_stored(
    merchant_client: Client, alloy: FakeAlloy, merchant: User
) -> None:
    response = merchant_client.post(CONNECT, headers=HTMX)
    assert JWT.search(response.content.decode())
    assert "no-store" in response["Cache-Control"]
    (call,) = alloy.calls_to("/token")
    assert call.path == f"/2023-12/users/{merchant.alloy_users.get().user_id}/token"
    stored = str(list(IntegrationsSnapshot.objects.values()))
    assert not JWT.search(stored)


def test_once_it_is_connected_the_page_says_so_and_what_comes_next(
    merchant_client: Client, integrations: list[dict[str, Any]]
) -> None:
    blocks = [{"id": "b1", "name": "Stream", "type": "streamData"}]
    workflow = {**BIGCOMMERCE["workflows"][0], "blocks": blocks}  # type: ignore[index]
    integrations[0] |= {"installed": False, "workflows": [{**workflow, "installed": False}]}
    merchant_client.post(CONNECT, headers=HTMX)
    assert "is connected" not in html_of(merchant_client, LIST)
    integrations[0] |= {"installed": True, "workflows": [workflow]}
    said = merchant_client.post(CHECK, headers=HTMX).content.decode()
    assert "BigCommerce is connected." in said
    assert 'href="/orders/">Go on with Orders</a>' in said
    assert "is connected." not in html_of(merchant_client, LIST)


def test_each_merchant_gets_a_token_of_their_own(
    other_merchant_client: Client, other_merchant: User, alloy: FakeAlloy, alloy_user: AlloyUser
) -> None:
    mine = make_ready(other_merchant)
    data = {"userId": alloy_user.user_id, "user_id": alloy_user.user_id}
    other_merchant_client.post(f"{CONNECT}?userId={alloy_user.user_id}", data, headers=HTMX)
    asked = {call.path.split("/")[3] for call in alloy.calls_to("/token")}
    asked |= {call.query["userId"][0] for call in alloy.calls_to("/integrations")}
    assert asked == {mine.user_id}


@pytest.mark.parametrize("bad", [Reply(503), Reply(401), Reply(404), Reply(200, '{"token": 5}')])
def test_a_token_that_cannot_be_had_is_a_notice_and_no_error(
    merchant_client: Client, alloy: FakeAlloy, bad: Reply
) -> None:
    alloy.fail_always("/token", bad)
    response = merchant_client.post(CONNECT, headers=HTMX)
    assert response.status_code == 200
    assert "BigCommerce cannot be opened" in response.content.decode()
    assert merchant_client.post(CONNECT).status_code == 302


def test_an_update_upgrades_each_outdated_workflow_in_place(
    merchant_client: Client, alloy: FakeAlloy, alloy_user: AlloyUser
) -> None:
    response = merchant_client.post(UPDATE)
    (call,) = alloy.calls_to("/upgrade")
    assert call.path.split("/")[3] == BIGCOMMERCE["workflows"][0]["workflowId"]  # type: ignore[index]
    assert call.query == {"userId": [alloy_user.user_id]}
    assert response.status_code == 302
    assert len(alloy.calls_to("/integrations")) == 2, "the page reads the truth anew"


@pytest.mark.parametrize(
    ("answered", "said"),
    [
        (Reply(body={"upgraded": True}), "BigCommerce is up to date now."),
        (Reply(body={"upgraded": False}), "BigCommerce is up to date already."),
        (Reply(503), "could not be updated"),
    ],
)
def test_the_merchant_is_told_what_became_of_an_update(
    merchant_client: Client, alloy: FakeAlloy, answered: Reply, said: str
) -> None:
    alloy.fail_always("/upgrade", answered)
    assert said in merchant_client.post(UPDATE, follow=True).content.decode()
    assert said in merchant_client.post(UPDATE, headers=HTMX).content.decode()


@pytest.mark.parametrize(
    "refusal",
    [
        Reply(422, {"message": "New configurable fields were added"}),
        Reply(body={"upgraded": False, "message": "Please reinstall: new fields"}),
    ],
)
def test_where_new_fields_have_to_be_filled_in_the_modal_opens(
    merchant_client: Client, alloy: FakeAlloy, refusal: Reply
) -> None:
    alloy.fail_always("/upgrade", refusal)
    response = merchant_client.post(UPDATE, headers=HTMX)
    assert JWT.search(response.content.decode())
    assert response.context["operation"] == "update"
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize(("url", "most"), [(LIST, 7), (DETAIL, 11)])
def test_a_page_view_reads_each_thing_once_and_writes_nothing_while_the_copy_is_fresh(
    merchant_client: Client,
    alloy: FakeAlloy,
    django_assert_max_num_queries: Any,
    url: str,
    most: int,
) -> None:
    alloy.fail_always("/logs", Reply(body={"data": []}))
    html_of(merchant_client, url)
    # Session, user, Alloy user, copy, news in the inbox, failures, accounts; on an integration's
    # own page also links, and when something was last read and written.
    with django_assert_max_num_queries(most) as queries:
        html_of(merchant_client, url)
    assert not [it for it in queries.captured_queries if not it["sql"].startswith("SELECT")]


def test_a_catalogue_of_200_is_one_short_page_and_costs_no_more_queries(
    merchant_client: Client, alloy: FakeAlloy, django_assert_max_num_queries: Any
) -> None:
    alloy.integrations = [
        {**SLACK, "integrationId": f"{number:024x}", "app": f"Service {number}"}
        for number in range(200)
    ]
    merchant_client.get(LIST)
    with django_assert_max_num_queries(7):
        page = merchant_client.get(LIST, headers={"Accept-Encoding": "gzip"})
    assert page["Content-Encoding"] == "gzip"
    assert len(page.content) < 25_000
    whole = gzip.decompress(page.content)
    assert len(whole) < 100_000
    assert (whole.count(b'<li class="card integration'), b"Show 24 more" in whole) == (24, True)


def test_a_changed_key_never_shows_or_asks_with_the_old_user(
    merchant_client: Client, alloy: FakeAlloy, settings: Settings, alloy_user: AlloyUser
) -> None:
    html_of(merchant_client, LIST)
    settings.ALLOY = {**settings.ALLOY, "API_KEY": "sandbox_of_another_environment"}
    assert "setting up" in html_of(merchant_client, LIST)
    assert len(alloy.calls_to("/integrations")) == 1


def test_the_state_of_another_merchant_is_not_shown(
    merchant_client: Client, other_merchant_client: Client, other_merchant: User, alloy: FakeAlloy
) -> None:
    make_ready(other_merchant)
    html_of(merchant_client, LIST)
    alloy.integrations = [SLACK]
    assert "Order status sync" not in html_of(other_merchant_client, LIST)
