"""Words for the outcome of an attempt, for merchants; operators see the call in the admin."""

from __future__ import annotations

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.models import Attempt

register = template.Library()

_WORDS: dict[str, Promise] = {
    Attempt.Outcome.STARTED: _("Under way"),
    Attempt.Outcome.ACCEPTED: _("Alloy took it"),
    Attempt.Outcome.TEMPORARY: _("Alloy could not take it, tried again"),
    Attempt.Outcome.AMBIGUOUS: _("No answer came, tried again"),
    Attempt.Outcome.REFUSED: _("Alloy refused it"),
    Attempt.Outcome.INTERRUPTED: _("Interrupted on our side, tried again"),
}


@register.filter
def in_plain_words(attempt: Attempt) -> str:
    """Return the outcome of the attempt."""
    return str(_WORDS[attempt.outcome])
