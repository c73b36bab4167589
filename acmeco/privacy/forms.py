"""What has to be typed before something is gone for good."""

from __future__ import annotations

from typing import Any

from django import forms

DELETE_LOGS = "delete my logs"


class TypedConfirmation(forms.Form):
    """Asks to type a text exactly, whatever the case."""

    typed = forms.CharField(
        max_length=254,
        error_messages={"required": "Type the text to confirm."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, expected: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.expected = expected
        self.fields["typed"].label = f"Type “{expected}” to confirm"

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"].strip()
        if typed.casefold() != self.expected.casefold():
            self.fields["typed"].widget.attrs["autofocus"] = True  # it may be far down the page
            raise forms.ValidationError("That is not the text. Nothing was deleted.")
        return typed
