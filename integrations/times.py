"""Times, whether the project has time zones (USE_TZ) or not."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils import timezone


def stored(moment: datetime) -> datetime:
    """Return a time that came from Alloy as this project stores and compares times."""
    return moment if settings.USE_TZ else timezone.make_naive(moment)


def local(moment: datetime) -> datetime:
    """Return a time as the reader's clock shows it."""
    return timezone.localtime(moment) if timezone.is_aware(moment) else moment
