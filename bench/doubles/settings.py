"""AcmeCo's settings, and the double that BENCH_DOUBLE names ("": none)."""

from __future__ import annotations

import os

from acmeco.settings import *  # noqa: F403 -- everything but what follows is as shipped
from acmeco.settings import INSTALLED_APPS

DOUBLE = os.environ.get("BENCH_DOUBLE", "")
if DOUBLE == "views":
    ROOT_URLCONF = "bench.doubles.views"
elif DOUBLE:
    INSTALLED_APPS = [*INSTALLED_APPS, "bench.doubles"]
# Only now: with DEBUG off from the start AcmeCo would refuse the sandbox. On, Django would keep a
# record of every query.
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
if DOUBLE == "plain":
    # Celery's own defaults, as somebody has them who never thought about it.
    CELERY_BROKER_TRANSPORT_OPTIONS = {}
    CELERY_WORKER_PREFETCH_MULTIPLIER = 4
