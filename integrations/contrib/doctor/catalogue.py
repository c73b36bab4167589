"""Checks what was built at Alloy: integrations, and the events that start their workflows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from integrations import conf
from integrations.contrib.doctor.calls import briefly, needs_alloy
from integrations.contrib.doctor.result import Result, failed, ok, skipped, warning
from integrations.events import declared_events
from integrations.models import AlloyUser


@needs_alloy
def integrations_are_released() -> Result:
    """Ask as the newest of our users would: what is not released, nobody is shown."""
    # The row of somebody who left stays, and may name a user whom Alloy has deleted.
    here = AlloyUser.objects.filter(environment=conf.environment(), tenant__isnull=False)
    somebody = here.exclude(user_id="").last()
    if somebody is None:
        return skipped("No user of ours is at Alloy yet. Sign somebody up, or run the backfill.")
    found = briefly().list_integrations(user_id=somebody.user_id)
    hint = "Release it in Alloy's dashboard: an integration with at least one workflow."
    if not found:
        return failed("Alloy has no released integration.", hint)
    if empty := [each.app for each in found if not each.workflows]:
        return warning(f"Without a workflow: {', '.join(empty)}.", hint)
    return ok(f"Released: {', '.join(each.app for each in found)}.")


@needs_alloy
def events_are_declared() -> Result:
    """Compare the events that this code publishes with those that Alloy's builder knows."""
    at_alloy = {event.name: event.body for event in briefly().list_events()}
    problems = [
        problem
        for name, event in declared_events().items()
        for problem in _problems(name, event.builder_schema(), at_alloy.get(name))
    ]
    if problems:
        return failed(
            " ".join(problems),
            "Paste what `manage.py alloy_events` prints into the event in Alloy's builder.",
        )
    names = ", ".join(declared_events()) or "none"
    return ok(f"Alloy knows the events that are published: {names}.")


def _problems(
    name: str, ours: Mapping[str, str], theirs: Mapping[str, Any] | None
) -> Iterator[str]:
    if theirs is None:
        yield f"Alloy has no event {name!r}."
        return
    if missing := ours.keys() - theirs.keys():
        yield f"{name!r} lacks {', '.join(sorted(missing))} there."
    if surplus := theirs.keys() - ours.keys():
        yield f"{name!r} has {', '.join(sorted(surplus))} there, which we do not send."
    for field in sorted(ours.keys() & theirs.keys()):
        if (kind := _kind_of(theirs[field])) != ours[field]:
            yield f"{name!r} has {field} as {kind} there; we send {ours[field]}."


def _kind_of(sample: Any) -> str:
    """Return the type that a sample value stands for; the builder's dummies are their names."""
    if isinstance(sample, str):
        return sample if sample in ("Number", "Boolean") else "String"
    if isinstance(sample, bool):
        return "Boolean"
    return "Number" if isinstance(sample, (int, float)) else type(sample).__name__
