"""Everything that talks to Alloy. Copy this app into your own project: it needs no other folder.

Read it by flow: `alloy/` (the API client); `tenants/` (sign-up); `pages/` (the integrations page);
`webhooks.py` and `inbox.py` (order in); `events.py` and `outbox/` (status out). `conf.py` has the
settings, `models/` the rows, `signals.py` the hooks for other apps. Each part of `contrib/` is an
app that can be left out.
"""

from __future__ import annotations

from typing import Any


def schedule() -> dict[str, dict[str, Any]]:
    """Return what Celery's beat has to do for this app: add it to CELERY_BEAT_SCHEDULE.

    Without beat, `manage.py relay` does the same.
    """
    every = {"sweep": 1.0, "maintain": 60.0}  # seconds
    return {
        f"integrations: {task}": {
            "task": f"integrations.tasks.{task}",
            "schedule": seconds,
            "options": {"expires": seconds},
        }
        for task, seconds in every.items()
    }
