"""Asks what some services want to know before an account is connected, such as a shop's name."""

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


def _in_words(name: str) -> str:
    """Return "Shop name" for "shopName"."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", name)
    return words[:1].upper() + words[1:].lower()
