"""What some services want to know before an account is connected, such as the name of a shop."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms

SECRETS = re.compile(r"key|secret|token|password", re.IGNORECASE)


class Questions(forms.Form):
    """One required text field for each question, {name: description}; secrets are not shown."""

    def __init__(self, questions: Mapping[str, str], data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, prefix="answer")
        for name, description in questions.items():
            is_secret = SECRETS.search(name) is not None
            self.fields[name] = forms.CharField(
                max_length=500,
                label=_in_words(name),
                help_text=description,
                widget=forms.PasswordInput if is_secret else forms.TextInput,
            )


class Wanted(forms.Form):
    """Which connectors to list."""

    q = forms.CharField(
        label="Search services",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    category = forms.ChoiceField(required=False)

    def __init__(self, categories: list[str], data: Mapping[str, Any]) -> None:
        super().__init__(data)
        choices = [(name, name.capitalize()) for name in categories]
        category = self.fields["category"]
        assert isinstance(category, forms.ChoiceField)  # noqa: S101 -- for the type checker
        category.choices = [("", "All categories"), *choices]

    @property
    def values(self) -> dict[str, str]:
        """What is wanted; a category that does not exist is left out."""
        self.is_valid()
        return {"q": "", "category": ""} | self.cleaned_data


def _in_words(name: str) -> str:
    """Return "Shop name" for "shopName"."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", name)
    return words[:1].upper() + words[1:].lower()
