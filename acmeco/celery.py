"""The Celery application. Tasks live in each app's `tasks.py`; the schedule is in the settings."""

from __future__ import annotations

import os
import sys

from celery import Celery
from celery.signals import task_postrun, task_prerun
from django.db import close_old_connections
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "acmeco.settings")

app = Celery("acmeco")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].add(DjangoStructLogInitStep)
app.autodiscover_tasks()

# Celery closes the database connection around every task, whatever CONN_MAX_AGE says, and opening
# one costs more than most tasks do. So it may keep it for ever, and we do what web requests do:
# close one that broke, or is older than CONN_MAX_AGE.
app.conf.CELERY_DB_REUSE_MAX = sys.maxsize
task_prerun.connect(close_old_connections)
task_postrun.connect(close_old_connections)
