from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from accounts.models import User
from integrations.contrib.privacy.models import Erasure
from integrations.models import AlloyUser, Message
from tests.integrations.admin.rows import delivery
from tests.integrations.admin.steps import list_of, look_at, page_of
from tests.integrations.conftest import make_ready
from tests.integrations.fake_alloy import FakeAlloy


@pytest.fixture
def alloy_user(alloy: FakeAlloy, merchant: User) -> AlloyUser:
    return make_ready(merchant)


def erase(alloy_user: AlloyUser) -> str:
    return f"/admin/alloy_privacy/erasure/of/{alloy_user.pk}/"


@pytest.mark.parametrize("scope", ["logs", "account"])
def test_erasing_asks_first_and_needs_the_permission(
    alloy_user: AlloyUser,
    merchant: User,
    operator_client: Client,
    viewer_client: Client,
    scope: str,
) -> None:
    assert viewer_client.post(erase(alloy_user), {"scope": scope}).status_code == 403
    assert erase(alloy_user) in look_at(operator_client, page_of(alloy_user))
    assert "gone for good" in look_at(operator_client, erase(alloy_user))
    assert not Erasure.objects.exists()
    operator_client.post(erase(alloy_user), {"scope": scope})
    assert Erasure.objects.get().requested_by == "operator"
    assert User.objects.filter(pk=merchant.pk).exists() == (scope == "logs")


def test_an_operator_does_not_erase_themselves(operator: User, operator_client: Client) -> None:
    answer = operator_client.post(erase(make_ready(operator)), {"scope": "account"})
    assert b"your own" in answer.content
    assert User.objects.filter(pk=operator.pk).exists()


def test_the_normal_delete_takes_history_along_erases_at_alloy_and_logs_no_name(
    alloy_user: AlloyUser, merchant: User, operator_client: Client
) -> None:
    delivery(merchant)
    url = f"/admin/accounts/user/{merchant.pk}/delete/"
    operator_client.post(url, {"post": "yes"})
    assert not User.objects.filter(pk=merchant.pk).exists()
    assert Message.objects.filter(kind="erase_user").count() == 1
    assert merchant.email not in str(list(LogEntry.objects.values()))


def test_an_erasure_can_be_looked_up_and_not_changed(
    alloy_user: AlloyUser, operator_client: Client
) -> None:
    key = alloy_user.tenant_id
    operator_client.post(erase(alloy_user), {"scope": "account"})
    erasure = Erasure.objects.get()
    assert page_of(erasure) in look_at(operator_client, list_of(Erasure), q=str(key))
    html = look_at(operator_client, page_of(erasure))
    assert 'name="_save"' not in html
    assert alloy_user.username not in html
