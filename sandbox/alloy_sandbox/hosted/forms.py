"""The forms of the two steps, built from what the integration and its releases ask for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django import forms

from alloy_sandbox.core.models import Integration, User, Workflow
from alloy_sandbox.hosted.visits import FieldValues

# The credential fields that say whose account it is, rather than prove it.
SHOP_FIELDS = ("storeHash", "shopSubdomain", "subdomain", "realm")


class LogInForm(forms.Form):
    """One input for each thing the app asks for before it lets somebody in.

    They come filled in with made-up answers, so that trying the flow takes one click.
    """

    def __init__(self, *args: Any, integration: Integration, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        for field in integration.credential_fields:
            self.fields[field["name"]] = forms.CharField(
                label=field["displayName"],
                help_text=field.get("description", ""),
                initial=example_answer(field["name"], user),
                max_length=255,
                widget=_widget(field["name"]),
            )

    @property
    def account(self) -> str:
        """What to call the account: the shop's name if the app asked for it, never a secret."""
        names = (self.cleaned_data[name] for name in SHOP_FIELDS if name in self.cleaned_data)
        return next(names, self.user.username)


def _widget(name: str) -> forms.Widget:
    """Return an input that nobody reads along in, for what proves whose account it is."""
    if re.search("token|secret|key|password", name, re.IGNORECASE):
        return forms.PasswordInput({"autocomplete": "off"}, render_value=True)
    return forms.TextInput({"autocomplete": "off"})


def example_answer(name: str, user: User) -> str:
    """Return what somebody might type here, plainly made up."""
    shop = user.username.split("@")[0].lower().replace("_", "-").replace(".", "-")
    if name in SHOP_FIELDS:
        return shop
    return f"{shop}@acme.example" if name == "email" else f"made-up-{name}"


class ConfigurationForm(forms.Form):
    """Every configurable field of the latest release of each workflow.

    `initial`: {workflow id: {field name: value}}, the shape that `values` returns as well.
    """

    def __init__(
        self,
        *args: Any,
        workflows: Iterable[Workflow],
        initial: dict[str, FieldValues] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.sources: dict[str, tuple[str, str]] = {}
        for workflow in workflows:
            known = (initial or {}).get(workflow.workflow_id, {})
            for described in workflow.latest_release.configurable_fields:
                self._add(workflow.workflow_id, described, known)

    def _add(self, workflow_id: str, described: FieldValues, known: FieldValues) -> None:
        name = described["name"]
        key = f"{workflow_id}.{name}"
        self.sources[key] = (workflow_id, name)
        self.fields[key] = form_field(described)
        self.initial[key] = known.get(name)

    def values(self) -> dict[str, FieldValues]:
        """Return the answers of a valid form."""
        values: dict[str, FieldValues] = {}
        for key, (workflow_id, name) in self.sources.items():
            values.setdefault(workflow_id, {})[name] = self.cleaned_data[key]
        return values

    def needs_nothing(self) -> bool:
        """Whether nobody has to be asked: each required field is known already."""
        return all(
            self.initial[key] not in (None, "")
            for key, field in self.fields.items()
            if field.required
        )


def form_field(described: FieldValues) -> forms.Field:
    """Turn a configurable field, as a release describes it, into a form field of its kind."""
    label, required = described["displayName"], described["required"]
    if described.get("options"):
        choices = [(option["value"], option["displayName"]) for option in described["options"]]
        return forms.ChoiceField(
            label=label, required=required, choices=[("", "Choose one"), *choices]
        )
    if described["type"] == "boolean":
        return forms.BooleanField(label=label, required=False)
    if described["type"] == "number":
        return forms.FloatField(label=label, required=required)
    return forms.CharField(label=label, required=required, max_length=1000)
