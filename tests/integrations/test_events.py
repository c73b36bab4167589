from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from pydantic import ValidationError

from accounts.models import User
from integrations.events import CustomEvent, declared_events, publish


@pytest.fixture(autouse=True)
def _registry_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CustomEvent, "_declared", declared_events())


def declared() -> type[CustomEvent]:
    class ParcelWeighed(CustomEvent, name="Parcel Weighed"):
        orderId: str
        grams: int
        fragile: bool = False
        note: str | None = None

    return ParcelWeighed


@pytest.mark.django_db
def test_a_field_may_be_called_name(merchant: User, woken: object) -> None:
    class CustomerCreated(CustomEvent, name="Customer Created"):
        name: str

    with transaction.atomic():
        message = publish(CustomerCreated(name="Jane"), tenant=merchant, subject="customer:1")
    assert (message.name, message.payload) == ("Customer Created", {"name": "Jane"})
    assert CustomerCreated.builder_schema() == {"name": "String"}


def test_an_event_is_a_class_of_its_own_and_no_two_have_one_name() -> None:
    event = declared()
    assert declared_events()["Parcel Weighed"] is event
    with pytest.raises(TypeError, match="is the event 'Parcel Weighed' already"):

        class Another(CustomEvent, name="Parcel Weighed"):
            pass


def test_its_schema_names_every_field_with_a_dummy_value() -> None:
    text, number, boolean = "String", "Number", "Boolean"
    schema = {"orderId": text, "grams": number, "fragile": boolean, "note": text}
    assert declared().builder_schema() == schema


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


def test_the_command_says_why_there_is_nothing_to_paste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.management.commands.alloy_events.declared_events", dict)
    with pytest.raises(CommandError, match=r"in the ready\(\) of its app"):
        call_command("alloy_events")
