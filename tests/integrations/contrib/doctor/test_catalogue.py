from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from integrations.contrib.doctor import catalogue
from integrations.contrib.doctor.result import State
from integrations.events import CustomEvent
from integrations.models import AlloyUser
from tests.integrations.alloy import samples
from tests.integrations.fake_alloy import FakeAlloy, Reply


@pytest.fixture(autouse=True)
def _one_event(monkeypatch: pytest.MonkeyPatch) -> None:
    """AcmeCo publishes this event and no other."""
    monkeypatch.setattr(CustomEvent, "_declared", {})

    class ParcelWeighed(CustomEvent, name="Parcel Weighed"):
        orderId: str
        grams: int
        fragile: bool


GOOD = {"orderId": "118", "grams": 5, "fragile": True}


@pytest.mark.parametrize(
    ("bodies", "said"),
    [
        ([GOOD], ""),
        ([{"orderId": "String", "grams": "Number", "fragile": "Boolean"}], ""),
        ([{"orderId": "1", "grams": 5}], "'Parcel Weighed' lacks fragile there."),
        ([{**GOOD, "size": 1}], "'Parcel Weighed' has size there, which we do not send."),
        ([{**GOOD, "grams": "5"}], "'Parcel Weighed' has grams as String there; we send Number."),
        ([{**GOOD, "grams": True}], "'Parcel Weighed' has grams as Boolean there; we send Number."),
        ([{**GOOD, "orderId": [1]}], "'Parcel Weighed' has orderId as list there; we send String."),
        ([], "Alloy has no event 'Parcel Weighed'."),
    ],
)
def test_an_event_with_the_same_fields_is_fine_and_any_difference_is_said(
    alloy: FakeAlloy, bodies: list[dict[str, Any]], said: str
) -> None:
    data = [{"name": "Parcel Weighed", "body": body} for body in bodies]
    alloy.fail("/events", Reply(body={"data": data}))
    found = catalogue.events_are_declared()
    if said:
        assert (found.state, found.detail) == (State.FAILED, said)
        assert "alloy_events" in found.hint
    else:
        assert found.state == State.OK


def test_without_a_user_nobody_can_be_shown_integrations(db: None) -> None:
    assert catalogue.integrations_are_released().state == State.SKIPPED


def test_released_integrations_are_named_as_somebody_sees_them_who_has_not_left(
    alloy: FakeAlloy, merchant: User, other_merchant: User, provisioned: Callable[[User], AlloyUser]
) -> None:
    user_id = provisioned(merchant).user_id
    provisioned(other_merchant)
    other_merchant.delete()
    alloy.integrations = [samples.INTEGRATION_2023]
    found = catalogue.integrations_are_released()
    assert found.state == State.OK
    assert samples.INTEGRATION_2023["app"] in found.detail
    assert alloy.calls[-1].query == {"userId": [user_id]}


@pytest.mark.parametrize(
    ("integrations", "state"),
    [([], State.FAILED), ([{**samples.INTEGRATION_2023, "workflows": []}], State.WARNING)],
)
def test_nothing_to_install_is_said(
    alloy: FakeAlloy,
    merchant: User,
    provisioned: Callable[[User], AlloyUser],
    integrations: list[dict[str, Any]],
    state: State,
) -> None:
    provisioned(merchant)
    alloy.integrations = integrations
    found = catalogue.integrations_are_released()
    assert found.state == state
    assert "Release it" in found.hint
