from __future__ import annotations

from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "meetings"

    def ready(self) -> None:
        from meetings import work  # noqa: F401
        from meetings.copies import handler  # noqa: F401
