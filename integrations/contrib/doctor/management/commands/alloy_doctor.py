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

from integrations.contrib.doctor.examination import all_is_well, examine
from integrations.contrib.doctor.finding import Finding, State

_WIDTH = 100
_INDENT = " " * 28


class Command(BaseCommand):
    """Prints a line per finding, with its cure below."""

    help = __doc__ or ""
    # It has something to say about a set-up that Django's own checks would stop at.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print JSON, for scripts.")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = examine()
        if options["json"]:
            rows = {"ok": all_is_well(findings), "findings": [asdict(each) for each in findings]}
            self.stdout.write(json.dumps(rows, indent=2))
        else:
            for finding in findings:
                self._tell(finding)
        if not all_is_well(findings):
            raise SystemExit(1)

    def _tell(self, finding: Finding) -> None:
        head = f"{finding.state.upper():<9}{finding.name:<19}"
        self.stdout.write(self._style_of(finding.state)(_wrapped(head, finding.detail)))
        if finding.cure:
            self.stdout.write(_wrapped(_INDENT, f"-> {finding.cure}"))

    def _style_of(self, state: State) -> Callable[[str], str]:
        styles = {State.WARNING: self.style.WARNING, State.FAILED: self.style.ERROR}
        return styles.get(state, str)


def _wrapped(head: str, text: str) -> str:
    return textwrap.fill(
        text, width=_WIDTH, initial_indent=head, subsequent_indent=_INDENT, break_long_words=False
    )
