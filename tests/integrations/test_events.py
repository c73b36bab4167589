from __future__ import annotations

import pytest
from django.core.management import call_command
from pydantic import ValidationError

from integrations.events import CustomEvent


@pytest.fixture(autouse=True)
def _registry_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CustomEvent, "registered", dict(CustomEvent.registered))


def declared() -> type[CustomEvent]:
    class ParcelWeighed(CustomEvent, name="Parcel Weighed"):
        orderId: str
        grams: int
        fragile: bool = False
        note: str | None = None

    return ParcelWeighed


def test_a_second_event_is_a_class_of_its_own() -> None:
    event = declared()
    assert (event.name, CustomEvent.registered["Parcel Weighed"]) == ("Parcel Weighed", event)


def test_its_schema_names_every_field_with_a_dummy_value() -> None:
    assert declared().builder_schema() == {
        "orderId": "String",
        "grams": "Number",
        "fragile": "Boolean",
        "note": "String",
    }


@pytest.mark.parametrize(
    "fields",
    [
        {"orderId": 118, "grams": 1},
        {"orderId": "118", "grams": "1"},
        {"orderId": "118"},
        {"orderId": "118", "grams": 1, "gramms": 2},
    ],
)
def test_what_does_not_fit_the_declaration_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        declared()(**fields)


def test_an_event_without_a_name_cannot_be_declared() -> None:
    with pytest.raises(TypeError):
        type("Nameless", (CustomEvent,), {})


def test_the_command_prints_what_to_paste(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("alloy_events")
    printed = capsys.readouterr().out
    assert "Fulfillment Updated" in printed
    assert '"orderId": "String"' in printed
