"""The project: settings, URLs, the Celery application and the pages that belong to no app."""

import gc

# What a start makes is there to stay. Looking for garbage in it, which Python does some three
# hundred times, would be a quarter of the work: `AcmeCoConfig.ready` switches it on again.
gc.disable()

from acmeco.celery import app as celery_app  # noqa: E402 -- it is most of the start

__all__ = ["celery_app"]
