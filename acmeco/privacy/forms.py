"""The form that asks to type a text before data is deleted for good."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

DELETE_LOGS = gettext_lazy("delete my logs")


class TypedConfirmation(forms.Form):
    """Asks to type a text exactly, whatever the case."""

    typed = forms.CharField(
        max_length=254,
        error_messages={"required": gettext_lazy("Type the text to confirm.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, expected: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.expected = expected
        self.fields["typed"].label = _("Type “%(text)s” to confirm") % {"text": expected}

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"].strip()
        if typed.casefold() != self.expected.casefold():
            self.fields["typed"].widget.attrs["autofocus"] = True  # it may be far down the page
            raise forms.ValidationError(_("That is not the text. Nothing was deleted."))
        return typed
