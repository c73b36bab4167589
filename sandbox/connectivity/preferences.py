"""In which of its two forms the answer to an execution comes.

The vendor's documents show `{"success", "result"}`, programs written against the live API read
`{"executionId", "status", "responseData"}`: the second, unless the first is asked for.
"""

from __future__ import annotations

from typing import Literal

from sandbox.core.models import Preference

ExecuteForm = Literal["live", "documented"]
EXECUTE_FORM = "executeForm"


def execute_form() -> ExecuteForm:
    chosen = Preference.objects.filter(pk=EXECUTE_FORM).first()
    return "documented" if chosen and chosen.value == "documented" else "live"


def set_execute_form(*, form: ExecuteForm) -> None:
    Preference.objects.update_or_create(name=EXECUTE_FORM, defaults={"value": form})
