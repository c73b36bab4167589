"""Static files whose addresses begin with the prefix that AcmeCo is mounted under, if any."""

from __future__ import annotations

from django.contrib.staticfiles.storage import StaticFilesStorage
from django.urls import get_script_prefix
from whitenoise.storage import CompressedManifestStaticFilesStorage


class _UnderThePrefix:
    """Adds the prefix for each request: Django reads STATIC_URL once, before it knows one."""

    @property
    def base_url(self) -> str:
        return f"{get_script_prefix()}static/"


class DevelopmentStorage(_UnderThePrefix, StaticFilesStorage):
    """Files as they are."""


class ProductionStorage(_UnderThePrefix, CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Files named by their content, so that they are cached for ever. Its base has no types."""
