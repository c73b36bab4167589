"""The language and the time zone that somebody reads AcmeCo in.

What they chose in the settings is kept with the user and wins. Otherwise it is what their browser
says: `Accept-Language`, which Django's LocaleMiddleware reads, and the cookie with its time zone,
which static/js/acmeco.js sets.
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from accounts.models import User

TIME_ZONE_COOKIE = "timezone"


@cache
def time_zones() -> frozenset[str]:
    """Return every name of a time zone, old ones too: browsers still say "Asia/Calcutta"."""
    return frozenset(zoneinfo.available_timezones() - {"localtime", "Factory"})


@cache
def time_zones_by_region() -> dict[str, list[str]]:
    """Return the names that are in use, from tzdata's zone.tab, each below its continent."""
    lines = files("tzdata.zoneinfo").joinpath("zone.tab").read_text().splitlines()
    names = sorted(line.split("\t")[2] for line in lines if not line.startswith("#"))
    return {region: list(each) for region, each in groupby(names, _region)}


def _region(name: str) -> str:
    return name.partition("/")[0]


def browser_time_zone(request: HttpRequest) -> str:
    """Return the name of the zone the browser says it is in; "" where it says none we know."""
    name = request.COOKIES.get(TIME_ZONE_COOKIE, "")
    return name if name in time_zones() else ""


def activate_preferences(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Answer in the user's language and time zone; must stand after LocaleMiddleware."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = _user_of(request)
        if user is not None and user.language:
            translation.activate(user.language)
        zone = (user.time_zone if user is not None else "") or browser_time_zone(request)
        if zone in time_zones():
            timezone.activate(zone)
        else:
            timezone.deactivate()  # what the request before left in this thread
        return get_response(request)

    return middleware


def _user_of(request: HttpRequest) -> User | None:
    """Return who is logged in. The session of a visitor without one is not even looked for."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    return request.user if isinstance(request.user, User) else None


class PreferencesForm(forms.ModelForm):  # type: ignore[type-arg]
    """The language and the time zone, each of which may be left to the browser."""

    class Meta:
        model = User
        fields = ("language", "time_zone")

    language = forms.ChoiceField(label=_("Language"), required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        by_browser = ("", _("As my browser says"))
        self._offer("language", [by_browser, *settings.LANGUAGES])
        self._offer("time_zone", [by_browser, *_choices(now=self.instance.time_zone)])

    def _offer(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 -- for the type checker
        field.choices = choices


def _choices(*, now: str) -> list[Any]:
    """Return UTC, the zone of now, and all that are in use, below their continents."""
    groups = [
        (region, [(name, name.partition("/")[2].replace("_", " ")) for name in names])
        for region, names in time_zones_by_region().items()
    ]
    return [*((name, name) for name in dict.fromkeys(["UTC", now]) if name), *groups]
