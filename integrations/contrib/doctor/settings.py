"""Repeats what Django's own checks say of the settings."""

from __future__ import annotations

from django.core.checks import ERROR, WARNING, run_checks

from integrations.contrib.doctor.result import Result, failed, ok, warning


def checks_find_nothing() -> Result:
    """Run the checks of integrations, as `manage.py check --tag integrations` does."""
    found = [each for each in run_checks(tags=["integrations"]) if each.level >= WARNING]
    if not found:
        return ok("`manage.py check` finds nothing wrong with the settings.")
    told = " ".join(f"{each.msg} ({each.id})" for each in found)
    hint = " ".join(each.hint for each in found if each.hint)
    is_error = any(each.level >= ERROR for each in found)
    return failed(told, hint) if is_error else warning(told, hint)
