"""Fragments that are sent only when they show something new."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.utils import timezone

from integrations.models import AlloyUser, IntegrationsSnapshot
from integrations.pages.cards import page_of
from integrations.pages.live import answer, rendered
from tests.integrations.pages.conftest import BIGCOMMERCE, SLACK

CARDS = "integrations/_cards.html"


def version_of(page: Any, *, asked: str = "") -> str:
    return rendered(CARDS, {"page": page}, request(asked))[1]


def request(version: str = "") -> Any:
    made: Any = RequestFactory().get("/integrations/", {"version": version})
    made.user, made._messages = AnonymousUser(), []
    return made


def page(**fields: Any) -> Any:
    when = datetime(2026, 11, 20, tzinfo=UTC)
    given = {"data": [BIGCOMMERCE, SLACK], "fetched_at": when, **fields}
    return page_of(IntegrationsSnapshot(alloy_user=AlloyUser(), **given))


pytestmark = pytest.mark.django_db


def test_the_version_changes_with_what_is_shown_and_with_nothing_else() -> None:
    same = version_of(page())
    assert version_of(page(fetched_at=datetime(2026, 11, 21, tzinfo=UTC))) == same
    others = [page(data=[SLACK]), page(last_failure="x")]
    assert len({same, *(version_of(each) for each in others)}) == 3


def test_a_time_that_grows_old_and_a_new_csrf_token_are_no_news() -> None:
    now = timezone.now()
    old = page(last_failure="x", fetched_at=now)
    html, version = rendered(CARDS, {"page": old}, request())
    assert "csrfmiddlewaretoken" in html
    assert "data-ago>now" in html
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("integrations.templatetags.moments._in_words", lambda _: "an hour ago")
        assert rendered(CARDS, {"page": old}, request())[1] == version


def test_whoever_has_the_version_is_sent_nothing_and_anybody_else_the_fragment_with_its_own() -> (
    None
):
    html, version = rendered(CARDS, {"page": page()}, request())
    assert f"version={version}" in html
    assert answer(request(version), CARDS, {"page": page()}).status_code == 204
    sent = answer(request("another"), CARDS, {"page": page()})
    assert f"version={version}" in sent.content.decode()
