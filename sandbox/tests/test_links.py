from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from django.utils import timezone

from alloy_sandbox.core.errors import Refused
from alloy_sandbox.core.models import Integration, User
from alloy_sandbox.core.seed import seed
from alloy_sandbox.embedded.installing import consume_link, make_link
from tests.conftest import BIGCOMMERCE, Sandbox


def test_a_link_leads_to_the_hosted_page_and_lives_seven_days(
    sandbox: Sandbox, user_id: str
) -> None:
    path = f"/users/{user_id}/integrations/{BIGCOMMERCE}/install-url"
    url = urlsplit(sandbox.get(path)["url"])
    query = parse_qs(url.query)
    assert f"{url.scheme}://{url.netloc}" == sandbox.origin
    assert url.path == "/embedded-install"
    assert query["integrationId"] == [BIGCOMMERCE]
    assert query["forgeMode"] == ["engaged"]
    assert query["alwaysShowCredentials"] == ["true"]
    claims = jwt.decode(query["token"][0], options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 7 * 24 * 3600


def test_a_link_is_never_the_same_twice(sandbox: Sandbox, user_id: str) -> None:
    path = f"/users/{user_id}/integrations/{BIGCOMMERCE}/install-url"
    assert sandbox.get(path) != sandbox.get(path)


def test_a_link_of_any_lifetime_can_be_made_for_tests(sandbox: Sandbox, user_id: str) -> None:
    body = {"userId": user_id, "integrationId": BIGCOMMERCE, "expiresIn": -60}
    link = sandbox.control("POST", "links", body)
    assert datetime.fromisoformat(link["expiresAt"]) < timezone.now()


@pytest.mark.django_db
def test_a_link_is_consumed_once() -> None:
    seed()
    user = User.objects.create(username="gregg")
    link, _ = make_link(user=user, integration=Integration.objects.get(pk=BIGCOMMERCE))
    assert link.expires_at > timezone.now() + timedelta(days=6)
    consume_link(link=link)
    with pytest.raises(Refused):
        consume_link(link=link)
