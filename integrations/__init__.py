"""Everything that talks to Alloy. Copy this app into your own project: it needs no other folder.

Read in this order: `alloy/` (the API client), `conf.py`, `models/`, then one flow at a time:
`tenants.py` and `provisioning.py` (sign-up), `snapshots.py`, `cards.py`, `views.py` and
`actions.py` (the integrations page), `webhooks.py` and `inbox.py` (order in), `events.py`,
`outbox.py`, `relay.py`, `handlers.py` and `event_handler.py` (status out).
What hooks in from outside does so by `signals.py`.
`contrib/` holds what not everybody needs: each part an app that can be left out.
"""

from __future__ import annotations

from typing import Any


def schedule() -> dict[str, dict[str, Any]]:
    """Return what Celery's beat has to do for this app: add it to CELERY_BEAT_SCHEDULE.

    Without beat, `manage.py relay` does the same.
    """
    every = {"sweep": 1.0, "keep_house": 60.0}  # seconds
    return {
        f"integrations: {task}": {
            "task": f"integrations.tasks.{task}",
            "schedule": seconds,
            "options": {"expires": seconds},
        }
        for task, seconds in every.items()
    }
