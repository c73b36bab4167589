"""The two demo logins, whose passwords everybody knows: there only while DEBUG is on."""

from __future__ import annotations

from django import template
from django.conf import settings

from accounts.models import User
from acmeco.management.commands.seed_demo import LOGINS

register = template.Library()


@register.simple_tag
def demo_logins() -> list[dict[str, str]]:
    """Return the demo logins that `seed_demo` has made; none in production."""
    made = User.objects.filter(email__in=[each["email"] for each in LOGINS] * settings.DEBUG)
    emails = set(made.values_list("email", flat=True))
    return [each for each in LOGINS if each["email"] in emails]
