"""Check the whole set-up, from the key to the workers, and say what to do about what is wrong.

Exit code 0: nothing failed. 1: something did.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from integrations.contrib.doctor.checks import all_is_well, run_checks
from integrations.contrib.doctor.result import Result, State

_WIDTH = 100
_INDENT = " " * 28


class Command(BaseCommand):
    """Prints a line for each check, with its hint below."""

    help = __doc__ or ""
    # It has something to say about a set-up that Django's own checks would stop at.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print JSON, for scripts.")

    def handle(self, *args: Any, **options: Any) -> None:
        results = run_checks()
        if options["json"]:
            rows = {"ok": all_is_well(results), "results": [asdict(each) for each in results]}
            self.stdout.write(json.dumps(rows, indent=2))
        else:
            for result in results:
                self._tell(result)
        if not all_is_well(results):
            raise SystemExit(1)

    def _tell(self, result: Result) -> None:
        head = f"{result.state.upper():<9}{result.name:<19}"
        self.stdout.write(self._style_of(result.state)(_wrapped(head, result.detail)))
        if result.hint:
            self.stdout.write(_wrapped(_INDENT, f"-> {result.hint}"))

    def _style_of(self, state: State) -> Callable[[str], str]:
        styles = {State.WARNING: self.style.WARNING, State.FAILED: self.style.ERROR}
        return styles.get(state, str)


def _wrapped(head: str, text: str) -> str:
    return textwrap.fill(
        text, width=_WIDTH, initial_indent=head, subsequent_indent=_INDENT, break_long_words=False
    )
