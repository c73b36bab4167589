"""The bytes of a calendar file as unfolded lines of text (RFC 5545, 3.1). No letter is guessed.

Lines are unfolded as bytes, since a line may be folded inside a letter. A line is UTF-8 unless its
CHARSET parameter (as in iCalendar 1.0), an escape sequence of ISO-2022-JP, or the merchant names
another encoding.
"""

from __future__ import annotations

import binascii
import codecs
import re
from collections.abc import Iterable, Iterator

from meetings.calendar.errors import NotACalendar, UnknownEncoding

MOST_LINES = 50_000

CHOICES = (
    ("cp1252", "Western Europe (Windows-1252)"),
    ("cp1250", "Central Europe (Windows-1250)"),
    ("cp1251", "Cyrillic (Windows-1251)"),
    ("koi8_u", "Cyrillic (KOI8)"),
    ("cp1253", "Greek (Windows-1253)"),
    ("cp1254", "Turkish (Windows-1254)"),
    ("cp1255", "Hebrew (Windows-1255)"),
    ("cp1256", "Arabic (Windows-1256)"),
    ("cp1257", "Baltic (Windows-1257)"),
    ("cp1258", "Vietnamese (Windows-1258)"),
    ("cp932", "Japanese (Shift_JIS)"),
    ("euc_jp", "Japanese (EUC-JP)"),
    ("gb18030", "Chinese, simplified (GB 18030)"),
    ("big5hkscs", "Chinese, traditional (Big5)"),
    ("cp949", "Korean (EUC-KR)"),
)
"""Python's codec and its name, for a file that does not say which encoding it is in."""

# Names are looked up here, never by `codecs.lookup`: that remembers every unknown name for good,
# and knows codecs whose work is not linear (punycode) or which are no encodings of text (zlib).
_CODECS = {
    "utf8": "utf-8",
    "usascii": "cp1252",
    "iso88591": "cp1252",
    "iso885915": "iso8859-15",
    "koi8r": "koi8_u",
    "koi8u": "koi8_u",
    "shiftjis": "cp932",
    "sjis": "cp932",
    "eucjp": "euc_jp",
    "iso2022jp": "iso2022_jp",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5hkscs",
    "euckr": "cp949",
    "ksc56011987": "cp949",
    **{f"iso8859{part}": f"iso8859-{part}" for part in range(2, 11)},
    **{f"{prefix}125{n}": f"cp125{n}" for prefix in ("windows", "cp") for n in range(9)},
}

_WIDE = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"B\0\0\0", "utf-32-le"),
    (b"\0\0\0B", "utf-32-be"),
    (b"B\0", "utf-16-le"),
    (b"\0B", "utf-16-be"),
)
"""How a file of wide letters begins: with a mark, or with the B of BEGIN."""

_CHARSET = re.compile(r';CHARSET="?([\w.:-]{1,40})', re.IGNORECASE | re.ASCII)
_TO_JAPANESE = b"\x1b$"  # the rest is ASCII, and would pass for UTF-8
_QUOTED = re.compile(r';ENCODING="?QUOTED-PRINTABLE', re.IGNORECASE | re.ASCII)


def lines_of(content: bytes, *, codec: str = "") -> list[str]:
    """Return the unfolded lines; `codec` is what the merchant chose, one of `CHOICES`.

    Raises `UnknownEncoding` for letters that cannot be told, `NotACalendar` for too many lines.
    """
    data = _narrow(content).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    data = data.replace(b"\n ", b"").replace(b"\n\t", b"")
    if data.count(b"\n") > MOST_LINES:
        raise NotACalendar("This file has too many lines. Export a shorter time.")
    return [_decoded(line, codec) for line in _joined(data.split(b"\n")) if line]


def _narrow(content: bytes) -> bytes:
    for mark, encoding in _WIDE:
        if content.startswith(mark):
            try:
                return content.decode(encoding).encode().removeprefix(codecs.BOM_UTF8)
            except UnicodeError as error:
                raise UnknownEncoding(
                    f"This file says it is {encoding.upper()}, and is not."
                ) from error
    return content.removeprefix(codecs.BOM_UTF8)


def _joined(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines; a quoted-printable one goes on in the next after an equals sign."""
    parts: list[bytes] = []
    for line in lines:
        if line.endswith(b"=") and (parts or _QUOTED.search(_head(line))):
            parts.append(line[:-1])
            continue
        yield b"".join([*parts, line])
        parts.clear()
    yield b"".join(parts)


def _head(line: bytes) -> str:
    """Return what stands before the value, where every byte that matters is ASCII."""
    return line.partition(b":")[0].decode("latin-1")


def _decoded(line: bytes, chosen: str) -> str:
    head = _head(line)
    if _QUOTED.search(head):
        name, colon, value = line.partition(b":")
        line = name + colon + binascii.a2b_qp(value)
    named = _CHARSET.search(head)
    charset = named[1] if named else ""
    try:
        usual = "iso2022_jp" if _TO_JAPANESE in line else chosen or "utf-8"
        return line.decode(_codec(charset) if charset else usual)
    except UnicodeError as error:
        raise _unknown(charset, chosen) from error


def _codec(charset: str) -> str:
    name = "".join(filter(str.isalnum, charset)).lower()
    if name not in _CODECS:
        raise UnknownEncoding(f"This file is in an encoding that we cannot read: {charset}.")
    return _CODECS[name]


def _unknown(charset: str, chosen: str) -> UnknownEncoding:
    if named := charset or dict(CHOICES).get(chosen, ""):
        return UnknownEncoding(f"The letters of this file are not in the encoding {named}.")
    return UnknownEncoding(
        "This file is not in the encoding UTF-8 and does not name another. Choose its encoding and"
        " the file once more: programs in Western Europe mostly write Windows-1252."
    )
