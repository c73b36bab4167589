"""Reads what the steps of one run were given and gave back, when somebody opens it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import structlog
from django.utils.translation import gettext as _

from integrations.alloy import AlloyError, Execution, Workflow
from integrations.contrib.activity.runs import (
    NOT_READ,
    PAGES_PER_CALL,
    TOO_OFTEN,
    LogQuery,
    executions_of,
)
from integrations.models import AlloyUser
from integrations.pages.rate_limits import ACTIVITY, exceeded
from integrations.redaction import redact

log = structlog.get_logger(__name__)

LONGEST_JSON = 8_000


@dataclass(frozen=True)
class Step:
    """One block of a run: what it was given and gave back, as indented JSON; "" for nothing."""

    name: str
    given: str
    gave: str


@dataclass(frozen=True)
class Payload:
    """The steps of a run in their order; with `problem` there is nothing to show, and why."""

    steps: list[Step] = field(default_factory=list)
    problem: str = ""


def payload_of(alloy_user: AlloyUser, query: LogQuery, execution_id: str) -> Payload:
    """Find a run in the tenant's own log, where the page shows it or one call further down.

    Alloy gives out single runs in pages only. Newer ones may have pushed it down meanwhile.
    """
    if exceeded(ACTIVITY, alloy_user.tenant_id):
        return Payload(problem=str(TOO_OFTEN))
    first = query.page // PAGES_PER_CALL
    try:
        for call in (first, first + 1):
            for each in executions_of(alloy_user, query, call=call):
                if each.execution_id == execution_id:
                    return Payload(_steps_of(query.workflow, each))
    except AlloyError as error:
        log.warning("payload_not_read", error=str(error))
        return Payload(problem=str(NOT_READ))
    return Payload(problem=_("Our integration partner no longer keeps this run."))


def _steps_of(workflow: Workflow, execution: Execution) -> list[Step]:
    names = {block.block_id: block.name for block in workflow.blocks}
    given = {each.block_id: each.data for each in execution.inputs}
    gave = {each.block_id: list(each.data) for each in execution.results}
    blocks = dict.fromkeys([*given, *gave])
    return [
        Step(
            name=names.get(block) or _("Step %(number)d") % {"number": number},
            given=_pretty(given.get(block)),
            gave=_pretty(gave.get(block)),
        )
        for number, block in enumerate(blocks, start=1)
    ]


def _pretty(value: Any) -> str:
    if value is None:
        return ""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    shown = redact(text, longest=LONGEST_JSON)
    if len(text) <= LONGEST_JSON:
        return shown
    words = _("the first %(shown)s of %(all)s characters")
    return f"{shown}\n… {words % {'shown': f'{LONGEST_JSON:,}', 'all': f'{len(text):,}'}}"
