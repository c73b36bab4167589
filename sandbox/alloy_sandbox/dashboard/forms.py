"""The dashboard's forms. They only read what was typed; the services decide what is allowed."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.text import capfirst

from alloy_sandbox.control.bodies import DestinationsBody, FaultBody
from alloy_sandbox.core.errors import BadRequest
from alloy_sandbox.core.http import parse
from alloy_sandbox.core.models import Store
from alloy_sandbox.stores.sample import sample_order


class OrderForm(forms.Form):
    """What may differ from a made-up order; everything is optional."""

    first_name = forms.CharField(required=False, max_length=100)
    last_name = forms.CharField(required=False, max_length=100)
    total = forms.DecimalField(
        required=False, min_value=0, max_digits=12, decimal_places=2, label="Total in USD"
    )
    customer_message = forms.CharField(required=False, max_length=500, label="Note from the buyer")

    def bigcommerce_fields(self, store: Store) -> dict[str, Any]:
        """Return the fields to replace, by their names in BigCommerce's orders."""
        given = {
            name: value for name, value in self.cleaned_data.items() if value not in ("", None)
        }
        fields: dict[str, Any] = {}
        if "total" in given:
            amount = f"{given['total']:.4f}"
            fields |= {"total_inc_tax": amount, "total_ex_tax": amount}
        if "customer_message" in given:
            fields["customer_message"] = given["customer_message"]
        names = {name: given[name] for name in ("first_name", "last_name") if name in given}
        if names:
            usual = sample_order(store.next_number, timezone.now())["billing_address"]
            fields["billing_address"] = usual | names
        return fields


class NewFieldForm(forms.Form):
    """The configurable field that a new version brings along."""

    display_name = forms.CharField(max_length=100, label="Label of the new field")
    options = forms.CharField(
        required=False,
        max_length=500,
        label="Choices, separated by commas",
        help_text="Leave empty for a text field.",
    )

    def field(self) -> dict[str, Any]:
        """Return the field as a release describes it."""
        label = self.cleaned_data["display_name"]
        options = [each.strip() for each in self.cleaned_data["options"].split(",")]
        return {
            "name": "-".join(label.lower().split()),
            "displayName": label,
            "options": [each for each in options if each],
        }


class FaultForm(forms.Form):
    """A misbehaviour to switch on: what goes wrong, on which calls, and how often."""

    path = forms.CharField(
        initial="/run/event",
        max_length=255,
        label="Calls whose path begins with",
        help_text="Without the version. “/” means every call, “/users/*/token” is a pattern.",
    )
    status = forms.IntegerField(
        required=False,
        min_value=400,
        max_value=599,
        initial=500,
        label="Answer this status",
        help_text="Leave empty to wait or to drop only.",
    )
    delay_ms = forms.IntegerField(
        required=False, min_value=0, max_value=120_000, label="Wait before answering, in ms"
    )
    drop = forms.ChoiceField(
        required=False,
        choices=[
            ("", "No"),
            ("before", "Before acting on the call"),
            ("after", "After acting on it"),
        ],
        label="Drop the connection",
    )
    times = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=1_000_000,
        label="For how many calls",
        help_text="Leave empty for all, until it is cleared.",
    )
    percent = forms.IntegerField(
        min_value=1, max_value=100, initial=100, label="Share of those calls, in percent"
    )

    def clean(self) -> None:
        """Refuse what cannot be a fault."""
        given = self.cleaned_data
        if self.errors:
            return
        if not (given["status"] or given["delay_ms"] or given["drop"]):
            raise forms.ValidationError(
                "Say what goes wrong: choose a status, a time to wait, or to drop the connection."
            )
        try:
            self.fault()
        except BadRequest as error:
            self.add_error("path", error.message)

    def fault(self) -> FaultBody:
        """Return the fault as a control call would carry it."""
        given = self.cleaned_data
        body = {
            "path": given["path"],
            "status": given["status"],
            "delayMs": given["delay_ms"] or 0,
            "drop": given["drop"] or False,
            "times": given["times"],
            "rate": given["percent"] / 100,
        }
        return parse(FaultBody, body)


class DestinationsForm(forms.Form):
    """The three addresses that webhooks are posted to; an empty one switches its kind off."""

    LABELS: ClassVar = {
        "installations": ("After an installation", ""),
        "orders": (
            "When an order is placed (Stream Data)",
            "{userId} stands for the id of the user whose store it is.",
        ),
        "errors": ("When a workflow fails", ""),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind, (label, help_text) in self.LABELS.items():
            self.fields[kind] = forms.CharField(
                label=label, help_text=help_text, required=False, max_length=2000
            )

    def clean(self) -> None:
        """Refuse what is no address."""
        try:
            self.urls()
        except BadRequest as error:
            self.add_error(error.field, capfirst(error.message.removeprefix(f"{error.field}: ")))

    def urls(self) -> dict[str, str]:
        """Return the three addresses."""
        return parse(DestinationsBody, self.cleaned_data).model_dump(exclude_none=True)


class PreferencesForm(forms.Form):
    """The choices between behaviours that Alloy's sources disagree on."""

    execute_form = forms.ChoiceField(
        label="Answer an execution with",
        choices=[
            ("live", "executionId, status, responseData: as seen live"),
            ("documented", "success, result: as documented"),
        ],
    )
    modal = forms.ChoiceField(
        label="When an installation is finished, the modal",
        choices=[
            ("closes", "closes itself: one callback"),
            ("stays", "stays until somebody presses “Done”: two callbacks"),
        ],
    )


def require_valid(form: forms.Form) -> None:
    """Raise `BadRequest` with the first thing that is wrong with the form."""
    if form.is_valid():
        return
    name, problems = next(iter(form.errors.items()))
    label = f"{form.fields[name].label}: " if name in form.fields else ""
    raise BadRequest(f"{label}{problems[0]}")
