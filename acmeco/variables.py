"""Types for django-environ: each turns a variable's text into a value, or says what it must be."""

from __future__ import annotations

import re
from collections.abc import Callable
from email.utils import parseaddr
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

T = TypeVar("T")

_LINE = re.compile(r"#|(export )?[A-Za-z_0-9]+=")
_HOST_NAME = re.compile(r"\*|\.?[\w-]+(\.[\w-]+)*|\[[0-9a-f:.]+\]", re.IGNORECASE)


class Variables(environ.fileaware_mapping.FileAwareMapping):  # type: ignore[misc]  # untyped
    """The environment; NAME_FILE names a file that holds NAME, and what is empty is not set."""

    def __getitem__(self, key: str) -> str:
        try:
            value: str = super().__getitem__(key).strip()
        except (OSError, ValueError) as error:
            raise ImproperlyConfigured(f"{key}_FILE names a file that cannot be read.") from error
        if not value:
            raise KeyError(key)
        return value.replace("$", r"\$")  # else a secret's dollar would name another variable


def read(file: Path, **types: tuple[Callable[[str], Any], Any]) -> environ.Env:
    """Return the variables, with those of a file where the environment is silent.

    Each name comes with its type and its default.

    Raises:
        ImproperlyConfigured: naming a variable and what it must be, but never its value, which may
            be a secret.
    """
    env = environ.Env(**types)
    env.escape_proxy = True
    if file.exists():
        _require_lines(file)
        env.read_env(file)
    env.ENVIRON = Variables()
    for name in types:
        try:
            env(name)
        except ValueError as error:
            raise ImproperlyConfigured(f"{name} must be {error}.") from error
    return env


def _require_lines(file: Path) -> None:
    try:
        lines = file.read_text().splitlines()
    except (OSError, ValueError) as error:
        raise ImproperlyConfigured(f"{file} cannot be read as text.") from error
    for number, line in enumerate(lines, start=1):
        if line.strip() and not _LINE.match(line):
            raise ImproperlyConfigured(
                f"Line {number} of {file} is neither a comment (# ...) nor NAME=value,"
                " without spaces around the equals sign."
            )


def flag(text: str) -> bool:
    """Return true or false."""
    return one_of("true", "false", "yes", "no", "on", "off", "1", "0")(text.lower()) in (
        *("true", "yes", "on", "1"),
    )


def one_of(*choices: str) -> Callable[[str], str]:
    """Return a type that takes one of these words."""

    def chosen(text: str) -> str:
        if text not in choices:
            raise ValueError(f"one of: {', '.join(choices)}")
        return text

    return chosen


def number(least: int, most: int) -> Callable[[str], int]:
    """Return a type that takes whole numbers between two others."""

    def whole(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and least <= int(text[:18]) <= most):
            raise ValueError(f"a whole number from {least} to {most}")
        return int(text)

    return whole


def matching(pattern: str, wanted: str) -> Callable[[str], str]:
    """Return a type that takes what fits a pattern."""

    def fitting(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(wanted)
        return text

    return fitting


def several(of: Callable[[str], T]) -> Callable[[str], list[T]]:
    """Return a type that takes several of another, on lines of their own or between commas."""
    return lambda text: [of(each.strip()) for each in re.split(r"[,\n]", text) if each.strip()]


def host_name(text: str) -> str:
    """Return a host name as ALLOWED_HOSTS has them."""
    if not _HOST_NAME.fullmatch(text):
        raise ValueError(
            "host names such as acme.example, separated by commas: no https://, no port, no path"
        )
    return text


def web_address(text: str) -> str:
    """Return the URL of a web server, without a slash at its end."""
    try:
        parts = urlsplit(text)
        is_whole = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # a port that is none
        is_whole = False
    if not is_whole or re.search(r"[^!-~]|[?#@]", text):
        raise ValueError("an address such as https://acme.example, with nothing added to it")
    return text.rstrip("/")


def sender(text: str) -> str:
    """Return who e-mail comes from: an address, perhaps with a name before it."""
    try:
        validate_email(parseaddr(text)[1])
    except ValidationError as error:
        raise ValueError("an e-mail address, such as AcmeCo <hello@acme.example>") from error
    return text
