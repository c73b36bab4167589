"""Says an error to a merchant: what happened, and what they can do."""

from __future__ import annotations

import re

from django.utils.translation import gettext, gettext_lazy

_WORDS = (
    (r"\b(401|403)\b|unauthori[sz]ed|forbidden|expired token|invalid.?token",
     gettext_lazy("%(app)s refuses our access. Connect it again.")),
    (r"\b404\b|not found|no such",
     gettext_lazy("%(app)s could not find what was asked for. It may have been deleted there.")),
    (r"\b429\b|rate limit|too many requests",
     gettext_lazy("%(app)s was asked too often. It usually goes on by itself within minutes.")),
    (r"\b5\d\d\b|time(d)? ?out|ECONN|ENOTFOUND|socket hang up|unreachable",
     gettext_lazy("%(app)s did not answer. Run it again once it is back.")),
    (r"\b(400|409|422)\b|invalid|required|missing",
     gettext_lazy("%(app)s did not accept what it was sent. Check the settings, then run it"
                  " again.")),
)  # fmt: skip
_PATTERNS = tuple((re.compile(pattern, re.IGNORECASE), words) for pattern, words in _WORDS)


def in_plain_words(message: str, *, app: str) -> str:
    """Return the sentence that fits an error of `app`, a name people read."""
    name = app or gettext("The other system")
    for pattern, words in _PATTERNS:
        if pattern.search(message):
            return words % {"app": name}
    if app:
        return gettext("A step in %(app)s failed.") % {"app": app}
    return gettext("A step of the workflow failed.")


def is_refusal(message: str) -> bool:
    """Say whether the other system refuses the account, so that connecting it again helps."""
    return bool(_PATTERNS[0][0].search(message))
