"""Makes people's words fit to store and to show, and takes no letter from them."""

from __future__ import annotations

from integrations.alloy.text import one_line


def clean_text(text: str, *, lines: bool = False) -> str:
    """Return the text without control characters, on one line unless `lines` are to be kept.

    A line break or tab that goes leaves a space, so that words stay apart. All other spaces stay
    (NBSP, U+3000), as do joiners (ZWJ, ZWNJ). Half a surrogate pair, which JSON can hold and no
    database stores, goes.
    """
    if not lines:
        return one_line(text).strip()
    return "\n".join(one_line(line).rstrip() for line in text.splitlines()).strip()
