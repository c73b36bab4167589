"""The project: settings, URLs, the Celery application and the pages that belong to no app."""

import gc

# What a start makes is there to stay: it is looked through for garbage a few times, instead of the
# three hundred that Python would look, and never again after `AcmeCoConfig.ready`.
gc.set_threshold(50_000, 20, 20)

from acmeco.celery import app as celery_app  # noqa: E402 -- it is most of the start

__all__ = ["celery_app"]
