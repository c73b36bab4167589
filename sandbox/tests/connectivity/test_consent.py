"""The consent page over HTTP: it returns without a word, unless access is denied."""

from __future__ import annotations

import pytest

from tests.conftest import Sandbox
from tests.connectivity.conftest import BACK, Connection, answer, connect, consent_page, credentials


def test_the_page_says_who_asks_for_what_and_offers_accounts(
    sandbox: Sandbox, user_id: str
) -> None:
    response = sandbox.session.get(consent_page(sandbox, user_id), timeout=20)
    assert response.status_code == 200
    for words in ("Notion", "Alloy Automation", "Acme HQ", "Acme Europe", "Allow", "Deny"):
        assert words in response.text
    assert response.headers["Cache-Control"].startswith("max-age=0, no-cache, no-store")


@pytest.mark.parametrize(
    "back",
    [BACK, f"{BACK}?state=a%2Fb&x=1", "https://acme.example", "http://localhost:9/é?a=1#part"],
)
def test_allowing_returns_to_exactly_the_address_that_was_given(
    sandbox: Sandbox, user_id: str, back: str
) -> None:
    back = back.replace("é", "%C3%A9")
    url = consent_page(sandbox, user_id, back=back)
    response = answer(sandbox, url, answer="allow", account="Acme HQ")
    assert (response.status_code, response.headers["Location"]) == (302, back)
    assert len(credentials(sandbox, user_id, "notion")) == 1


@pytest.mark.parametrize(
    ("back", "told"),
    [
        ("http://localhost:9/back", "http://localhost:9/back?error=access_denied"),
        ("http://localhost:9/b?s=1#p", "http://localhost:9/b?s=1&error=access_denied#p"),
    ],
)
def test_denying_is_told_and_leaves_no_credential(
    sandbox: Sandbox, user_id: str, back: str, told: str
) -> None:
    response = answer(sandbox, consent_page(sandbox, user_id, back=back), answer="deny")
    assert (response.status_code, response.headers["Location"]) == (302, told)
    assert credentials(sandbox, user_id, "notion") == []


def test_a_form_sent_twice_makes_one_credential_and_returns_twice(
    sandbox: Sandbox, user_id: str
) -> None:
    url = consent_page(sandbox, user_id)
    answers = [answer(sandbox, url, answer="allow", account="Acme HQ") for _ in range(2)]
    assert [each.headers["Location"] for each in answers] == [BACK, BACK]
    assert len(credentials(sandbox, user_id, "notion")) == 1


def test_only_the_first_answer_counts(sandbox: Sandbox, user_id: str) -> None:
    url = consent_page(sandbox, user_id)
    answer(sandbox, url, answer="deny")
    late = answer(sandbox, url, answer="allow", account="Acme HQ")
    assert late.headers["Location"].endswith("error=access_denied")
    assert credentials(sandbox, user_id, "notion") == []


def test_an_answered_page_leads_back(sandbox: Sandbox, user_id: str) -> None:
    url = consent_page(sandbox, user_id)
    answer(sandbox, url, answer="allow", account="Acme HQ")
    shown = sandbox.session.get(url, timeout=20).text
    assert "You have answered already" in shown
    assert f'href="{BACK}"' in shown


def test_an_account_that_was_not_offered_is_not_connected(sandbox: Sandbox, user_id: str) -> None:
    url = consent_page(sandbox, user_id)
    response = answer(sandbox, url, answer="allow", account="Somebody else's")
    assert response.status_code == 422
    assert "Choose one of the accounts" in response.text
    assert credentials(sandbox, user_id, "notion") == []


@pytest.mark.parametrize(
    "path",
    [
        "/api/strategy/connector/notion/authorize",
        "/api/strategy/connector/notion/authorize?token=made-up",
        "/api/strategy/connector/nothing/authorize?token=made-up",
    ],
)
def test_a_made_up_address_is_a_page_that_says_so(sandbox: Sandbox, path: str) -> None:
    response = sandbox.session.get(sandbox.origin + path, timeout=20)
    assert response.status_code == 404
    assert "This page is not known" in response.text


def test_the_page_of_one_connector_is_not_that_of_another(sandbox: Sandbox, user_id: str) -> None:
    url = consent_page(sandbox, user_id).replace("connector/notion", "connector/slack")
    assert sandbox.session.get(url, timeout=20).status_code == 404


def test_one_user_connects_two_accounts_with_contents_of_their_own(
    sandbox: Sandbox, user_id: str
) -> None:
    first = connect(sandbox, user_id, "notion", "Acme HQ")
    second = connect(sandbox, user_id, "notion", "Acme Europe")
    first.do(
        "post-page",
        {"parent": {"workspace": True}, "properties": {"title": [{"text": {"content": "Ours"}}]}},
    )
    assert len(first.do("post-search", {"query": "Ours"})["results"]) == 1
    assert second.do("post-search", {"query": "Ours"})["results"] == []


def test_what_is_connected_already_is_marked(notion: Connection) -> None:
    url = consent_page(notion.sandbox, notion.user_id)
    shown = notion.sandbox.session.get(url, timeout=20).text
    assert shown.count("Connected already") == 1
    assert 'value="Acme Europe" checked' in shown


def test_a_shop_that_was_named_is_the_only_one_offered(sandbox: Sandbox, user_id: str) -> None:
    url = consent_page(sandbox, user_id, "shopify", shopName="acme-mugs")
    shown = sandbox.session.get(url, timeout=20).text
    assert "acme-mugs" in shown
    assert "Acme Europe" not in shown


def test_the_page_is_no_api_call_but_meets_faults(sandbox: Sandbox, user_id: str) -> None:
    url = consent_page(sandbox, user_id)
    sandbox.control("POST", "faults", {"path": "/api/strategy", "status": 503, "times": 1})
    assert sandbox.session.get(url, timeout=20).status_code == 503
    assert sandbox.session.get(url, timeout=20).status_code == 200
    paths = [each["path"] for each in sandbox.control("GET", "requests")["data"]]
    assert not [path for path in paths if "strategy" in path]
