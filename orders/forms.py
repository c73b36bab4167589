"""Forms: which orders to list, and which status to set."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from orders.models import NOT_TO_FULFIL, Status


class OrderFilter(forms.Form):
    """Which orders to list. Fields that make no sense are reported and otherwise left out.

    `before` is the id a page starts below, `newest` the newest order the page already shows.
    """

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": _("Order number, name or e-mail")}
        ),
    )
    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[
            ("", _("All statuses")),
            *Status.choices,
            (NOT_TO_FULFIL, _("Not to be fulfilled")),
        ],
        error_messages={
            "invalid_choice": _("There is no such status, so orders of all are shown.")
        },
    )
    before = forms.IntegerField(
        required=False,
        error_messages={"invalid": _("There is no such page, so the newest orders are shown.")},
    )
    newest = forms.IntegerField(required=False)

    def valid_fields(self) -> dict[str, Any]:
        """Return the value of each field, and nothing in place of one that makes no sense."""
        self.is_valid()
        return {"q": "", "status": "", "before": None, "newest": None} | self.cleaned_data


class StatusForm(forms.Form):
    """The fulfillment status to set."""

    status = forms.ChoiceField(
        label=_("Status"),
        choices=Status.choices,
        error_messages={
            "required": _("Choose a status."),
            "invalid_choice": _("There is no status “%(value)s”. Choose one of the list."),
        },
    )
