"""What can be tried again and again cannot be tried for ever."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.test import Client, RequestFactory

from accounts.models import User
from integrations.pages import rate_limits
from tests.integrations.conftest import make_ready
from tests.integrations.fake_alloy import FakeAlloy
from tests.integrations.pages.conftest import BIGCOMMERCE
from tests.pages import HTMX

pytestmark = pytest.mark.django_db

INTEGRATION = BIGCOMMERCE["integrationId"]
WORKFLOW = BIGCOMMERCE["workflows"][0]["workflowId"]  # type: ignore[index]
ACTIONS = (
    *("connect", "update", "pause", "resume", "pause-everything", "resume-everything"),
    *("uninstall", "rerun", "links"),
)
ADDRESSES = (
    "/integrations/check/",
    *(f"/integrations/{INTEGRATION}/{action}/" for action in ACTIONS),
    "/integrations/connections/connect/slack/",
)


def test_accounts_cannot_be_made_by_the_hundred(client: Client) -> None:
    answers = [client.post("/accounts/signup/", {"email": "no address"}) for _ in range(61)]
    assert [answer.status_code for answer in answers] == [200] * 60 + [429]
    assert answers[-1]["Retry-After"] == "60"
    assert "Wait a minute, then try again" in answers[-1].content.decode()


@pytest.fixture
def installed(alloy: FakeAlloy, woken: object, merchant: User) -> None:
    """BigCommerce as the merchant has it: one workflow, one version behind."""
    make_ready(merchant)
    alloy.integrations = [BIGCOMMERCE]


@pytest.fixture
def spent(monkeypatch: pytest.MonkeyPatch, merchant: User) -> None:
    """The merchant has done everything as often as may be done within a minute, which stays."""
    monkeypatch.setattr(rate_limits, "time", SimpleNamespace(time=lambda: 1_800_000_015.0))
    for limit in vars(rate_limits).values():
        if isinstance(limit, rate_limits.Limit):
            assert not any(rate_limits.exceeded(limit, merchant.pk) for _ in range(limit.times))


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_what_costs_a_call_to_alloy_is_refused_in_words_after_a_while(
    headers: dict[str, str],
    installed: None,
    spent: None,
    alloy: FakeAlloy,
    merchant_client: Client,
    other_merchant_client: Client,
) -> None:
    for address in ADDRESSES:
        refused = merchant_client.post(address, {"workflow": WORKFLOW}, headers=headers)
        assert (refused.status_code, refused.get("Retry-After")) == (429, "45"), address
        assert "nothing was done. Try again in 45 seconds" in refused.content.decode(), address
        assert ("<html" in refused.content.decode()) is not bool(headers), address
    assert not alloy.calls
    for address in ADDRESSES:
        assert other_merchant_client.post(address).status_code != 429, address


@pytest.mark.parametrize("page", ["", "activity/"])
def test_activity_that_is_read_too_often_is_not_asked_of_alloy(
    page: str, installed: None, spent: None, alloy: FakeAlloy, merchant_client: Client
) -> None:
    headers = HTMX if page else {}
    answer = merchant_client.get(f"/integrations/{INTEGRATION}/{page}", headers=headers)
    assert not any("/logs" in call.path for call in alloy.calls)
    assert "too often" in answer.content.decode()
    assert answer.status_code == (429 if page else 200)


def test_visitors_are_told_apart_by_address_and_ipv6_networks_by_their_first_half() -> None:
    def who(address: str) -> str:
        return rate_limits.visitor(RequestFactory().get("/", REMOTE_ADDR=address))

    assert who("203.0.113.1") != who("203.0.113.2")
    assert who("2001:db8:0:1::1") == who("2001:db8:0:1:ffff::2") != who("2001:db8:0:2::1")
    assert who("") == who("no address") == "unknown"
