"""The demo logins, for the login page."""

from __future__ import annotations

from django import template

from acmeco.demo import demo_logins

register = template.Library()
register.simple_tag(demo_logins)
