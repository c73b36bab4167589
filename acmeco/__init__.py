"""The project: settings, URLs, the Celery application and the pages that belong to no app."""

from acmeco.celery import app as celery_app

__all__ = ["celery_app"]
