"""Makes text that came from outside fit to log, store and show."""

from __future__ import annotations

import re

_BREAKS = re.compile("[\t-\r\x1c-\x1f\x85\u2028\u2029]+")
# Control characters, marks that make text read in another order than it is written, and halves of
# surrogate pairs, which no database stores. Joiners and spaces of every kind are part of the words.
_UNFIT = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

MASK = "[masked]"
# The one list of what is secret by its form. Each pattern comes after something that is always in
# it, and is tried only where that is found. Nothing follows an unbounded repetition, so that a text
# is read once, however it was made: `"eyJ" * 20_000` must not be read 20,000 times.
_SECRETS = (
    ("eyj", re.compile(r"eyJ[\w.-]{16,}"), MASK),  # a JWT, wherever it stands
    ("/", re.compile(r"(/webhooks/alloy/|/connections/callback/)[^/\s\"']+"), rf"\1{MASK}"),
    ("bearer", re.compile(r"(?i)(bearer\s{1,8})[^\s\"',}]+"), rf"\1{MASK}"),
    *(
        (
            header,
            re.compile(
                rf"(?i)({header}['\"]{{0,2}}\s{{0,8}}[:=,]"
                r"\s{0,8}['\"]{0,2}(?:basic\s{1,8})?)[^\s'\",}]+"
            ),
            rf"\1{MASK}",
        )
        for header in ("authorization", "x-alloy-signature", "x-alloy-user-token")
    ),
    (
        '"',
        re.compile(
            r"(?i)(\"(?:access_token|refresh_token|client_secret|api_?key|password|secret)\""
            r"\s{0,8}:\s{0,8}\")[^\"]+"
        ),
        rf"\1{MASK}",
    ),
    ("token=", re.compile(r"(?i)(token=)[^&\s\"']+"), rf"\1{MASK}"),  # an Alloy Link's
    ("", re.compile(r"(?<![0-9a-fA-F])[0-9a-fA-F]{256,}"), MASK),  # an RSA signature
    ("sandbox_", re.compile(r"sandbox_\w+"), MASK),
)


def one_line(text: str) -> str:
    """Return the text without control characters; a line break or tab becomes a space."""
    return _UNFIT.sub("", _BREAKS.sub(" ", text))


def clean_text(text: str, *, lines: bool = False) -> str:
    """Return people's words without control characters; ``lines`` keeps their lines.

    All spaces stay (NBSP, U+3000), as do joiners (ZWJ, ZWNJ). Half a surrogate pair, which JSON can
    hold and no database stores, goes.
    """
    if not lines:
        return one_line(text).strip()
    return "\n".join(one_line(line).rstrip() for line in text.splitlines()).strip()


def clean(text: str, *, longest: int) -> str:
    """Return the text on one line, without control characters, at most ``longest`` characters."""
    # Cut first and generously: what is thrown away need not be searched.
    line = one_line(text[: longest * 4]).strip()
    return line if len(line) <= longest else line[: longest - 1] + "…"


def mask(text: str, *secrets: str, longest: int = 100_000) -> str:
    """Return the first ``longest`` characters without these secrets and what looks like one.

    Secrets are looked for before the cut, so that none is cut in two and then not recognised.
    """
    for secret in filter(None, secrets):
        text = text.replace(secret, MASK)
    text = text[:longest]
    folded = text.casefold()
    for sign, pattern, replacement in _SECRETS:
        if sign in folded:
            text = pattern.sub(replacement, text)
    return text
