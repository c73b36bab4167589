"""Tells what is new in a version by the builder's name for it and the steps that came and went.

Alloy shows the steps of the newest version only. So those of the installed one are kept from the
last copy in which it was the newest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from pydantic import TypeAdapter, ValidationError

from integrations.alloy import AlloyError, Block, Integration, Workflow, WorkflowVersion
from integrations.client import alloy
from integrations.models import AlloyUser, IntegrationsSnapshot

log = structlog.get_logger(__name__)

SECONDS_TO_WAIT = 4.0
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_BLOCKS = TypeAdapter(tuple[Block, ...])


@dataclass(frozen=True)
class News:
    """The changes of a workflow; `notes` are the names of the newer versions.

    `is_known`: the steps of the installed version are; else `added` and `removed` are empty.
    """

    workflow: Workflow
    notes: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    is_known: bool = False


def news_in(workflows: Iterable[Workflow], snapshot: IntegrationsSnapshot) -> list[News]:
    """Return what is new in each outdated workflow; one call for each."""
    outdated = (each for each in workflows if each.update_available)
    return [
        news_of(each, snapshot.former_blocks, _newer_versions(snapshot.alloy_user, each))
        for each in outdated
    ]


def former_blocks(
    known: Mapping[str, Any], before: Iterable[Integration], now: Iterable[Integration]
) -> dict[str, Any]:
    """Return the blocks of the versions that tenants have, where a newer one is out: {id: blocks}.

    `known` is what this returned the last time, `before` the copy of that time.
    """
    earlier = {each.workflow_id: each for it in before for each in it.workflows}
    kept = {}
    for workflow in (each for it in now for each in it.workflows if each.update_available):
        previous = earlier.get(workflow.workflow_id)
        if previous is not None and previous.version == workflow.installed_version:
            kept[workflow.workflow_id] = [each.model_dump(mode="json") for each in previous.blocks]
        elif workflow.workflow_id in known:
            kept[workflow.workflow_id] = known[workflow.workflow_id]
    return kept


def news_of(
    workflow: Workflow, former: Mapping[str, Any], versions: Iterable[WorkflowVersion]
) -> News:
    """Return what is new in the workflow's newest version."""
    notes = tuple(each.version_name for each in versions if _says_something(each))
    blocks = _read(former.get(workflow.workflow_id))
    if blocks is None:
        return News(workflow, notes)
    had, has = _counted(blocks), _counted(workflow.blocks)
    return News(workflow, notes, tuple(has - had), tuple(had - has), is_known=True)


def _newer_versions(alloy_user: AlloyUser, workflow: Workflow) -> list[WorkflowVersion]:
    """Return the versions released after the installed one; none where Alloy does not tell."""
    client = alloy().within(SECONDS_TO_WAIT)
    try:
        versions = client.workflow_versions(
            workflow_id=workflow.workflow_id, user_id=alloy_user.user_id
        )
    except AlloyError as error:
        log.warning("versions_not_read", error=str(error))
        return []
    released = [each for each in versions if each.status.casefold() != "draft"]
    released.sort(key=lambda each: each.last_modified or _LONG_AGO, reverse=True)
    return released[: (workflow.version or 0) - (workflow.installed_version or 0)]


def _says_something(version: WorkflowVersion) -> bool:
    """Say whether somebody named the version: "Version 2" is what Alloy calls it by itself."""
    word, _, number = version.version_name.partition(" ")
    return bool(version.version_name) and not (word.casefold() == "version" and number.isdigit())


def _counted(blocks: Iterable[Block]) -> Counter[str]:
    return Counter(block.name or block.kind for block in blocks)


def _read(blocks: Any) -> tuple[Block, ...] | None:
    try:
        return _BLOCKS.validate_python(blocks)
    except ValidationError:
        return None
