"""`manage.py alloy_stuck`: everything that is stuck, and whose."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from integrations import conf
from integrations.models import AlloyUser, Delivery, Message, MessageGroup
from tests.integrations.deliveries import keep
from tests.integrations.outbox.steps import tell

pytestmark = pytest.mark.django_db


def printed(capsys: pytest.CaptureFixture[str], **options: object) -> list[str]:
    call_command("alloy_stuck", **options)
    return capsys.readouterr().out.splitlines()


def stuck_delivery(tenant: User | None) -> Delivery:
    return keep(Delivery.Kind.ORDER, tenant, {}, state=Delivery.State.DEAD, error="No id.")


def test_what_works_is_not_listed(
    merchant: User, provisioned: Callable[[User], AlloyUser], capsys: pytest.CaptureFixture[str]
) -> None:
    provisioned(merchant), tell(merchant)
    assert printed(capsys) == ["Nothing."]


def test_each_sort_of_what_is_stuck_is_listed_with_whose_it_is(
    merchant: User,
    other_merchant: User,
    provisioned: Callable[[User], AlloyUser],
    capsys: pytest.CaptureFixture[str],
) -> None:
    provisioned(merchant)
    dead, waiting = tell(merchant), tell(merchant, subject="order:2")
    Message.objects.filter(pk=dead.pk).update(
        state=Message.State.DEAD, last_error="400:\n no such event"
    )
    MessageGroup.objects.filter(pk=waiting.group_id).update(failures=3, due_at=timezone.now())
    delivery, strange = stuck_delivery(merchant), stuck_delivery(None)
    AlloyUser.objects.update_or_create(
        tenant=other_merchant,
        environment=conf.environment(),
        defaults={"username": "other", "user_id": ""},
    )
    *lines, total = printed(capsys)
    mine = f"tenant {merchant.pk}: "
    assert total == "5 stuck, of 3 tenants."
    assert f"tenant {other_merchant.pk}: has no Alloy user yet." in lines
    assert f"{mine}delivery {delivery.pk} is a dead letter. No id." in lines
    assert f"nobody we know: delivery {strange.pk} is a dead letter. No id." in lines
    refused = f"message {dead.pk} of {dead.group.key} is a dead letter. 400: no such event"
    assert mine + refused in lines
    group = f"group {waiting.group_id}, {waiting.group.key}, failed 3 times, tried again at "
    assert any(line.startswith(mine + group) for line in lines)


def test_a_long_list_ends_at_the_limit(
    merchant: User, provisioned: Callable[[User], AlloyUser], capsys: pytest.CaptureFixture[str]
) -> None:
    provisioned(merchant)
    for _ in range(5):
        stuck_delivery(merchant)
    assert printed(capsys, limit=2)[-1] == "2 stuck, of 1 tenants."
