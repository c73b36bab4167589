"""Environment variables, read so that a value nobody can use stops the start with a sentence."""

from __future__ import annotations

import re
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

_FALSE = ("false", "off", "n", "no", "0", "")
_HIGHEST_PORT = 65_535
_LINE = re.compile(r"#|(export )?[A-Za-z_0-9]+=")
_MONTH = r"20\d\d-(0[1-9]|1[0-2])"
_TOKEN = re.compile(r"[A-Za-z0-9._~-]{16,}")
_HOST_NAME = re.compile(r"\*|\.?[\w-]+(\.[\w-]+)*|\[[0-9a-f:.]+\]", re.IGNORECASE)


class Environment(environ.FileAwareEnv):  # type: ignore[misc]  # it comes without types
    """django-environ, with words in place of tracebacks, and no guessing at what may be true.

    A variable that is set but empty counts as not set.

    Raises:
        ImproperlyConfigured: naming the variable, but never its value, which may be a secret.
    """

    def read_file(self, file: Path) -> None:
        """Read variables from a file, if it is there; what is in the environment goes first."""
        try:
            lines = file.read_text().splitlines()
        except FileNotFoundError:
            return
        except (OSError, ValueError) as error:
            raise ImproperlyConfigured(f"{file} cannot be read as text.") from error
        for number, line in enumerate(lines, start=1):
            if line.strip() and not _LINE.match(line):
                raise ImproperlyConfigured(
                    f"Line {number} of {file} is neither a comment (# ...) nor NAME=value,"
                    " without spaces around the equals sign."
                )
        self.read_env(file)

    def get_value(self, var: str, *arguments: Any, **options: Any) -> Any:
        """Return the variable's value, cast as asked for."""
        try:
            value = self.ENVIRON.get(var)
            if value == "":
                return options.get("default")
            if value is not None and options.get("cast") is str:
                return value  # as it stands: a secret may begin with a dollar sign
            return super().get_value(var, *arguments, **options)
        except ValueError as error:
            raise ImproperlyConfigured(f"{var} cannot be used: {error}.") from error
        except OSError as error:
            raise ImproperlyConfigured(
                f"{var}_FILE names a file that cannot be read: {error.strerror}."
            ) from error

    @classmethod
    def parse_value(cls, value: Any, cast: Any) -> Any:
        """Cast a value; `ValueError` says what it should have been."""
        if cast is bool and value.lower() not in (*cls.BOOLEAN_TRUE_STRINGS, *_FALSE):
            raise ValueError("it is neither true nor false")
        if cast is int and not value.strip().isdecimal():
            raise ValueError("it is not a whole number")
        return super().parse_value(value, cast)

    def text(self, name: str, *, default: str = "", pattern: str = "", wanted: str = "") -> str:
        """Return a text that fits the pattern, where one is given; `wanted` says what fits."""
        value: str = self.str(name, default="").strip() or default
        if value and pattern and not re.fullmatch(pattern, value):
            raise ImproperlyConfigured(f"{name} must be {wanted}.")
        return value

    def tokens(self, name: str, *, default: str) -> list[str]:
        """Return texts that nobody can guess and that may stand in a URL."""
        tokens = [token.strip() for token in self.text(name, default=default).split(",")]
        if not all(_TOKEN.fullmatch(token) for token in tokens if token):
            raise ImproperlyConfigured(
                f"{name} must be a token of 16 letters and digits or more, or several of them"
                " separated by commas. Make one with `openssl rand -hex 32`."
            )
        return [token for token in tokens if token]

    def number(self, name: str, *, default: int, least: int = 0, most: int) -> int:
        """Return a whole number between two others."""
        value: int = self.int(name, default=default)
        if not least <= value <= most:
            raise ImproperlyConfigured(f"{name} must be from {least} to {most}.")
        return value

    def port(self, name: str, *, default: int) -> int:
        """Return a TCP port."""
        return self.number(name, default=default, least=1, most=_HIGHEST_PORT)

    def choice(self, name: str, *choices: str) -> str:
        """Return one of the choices; the first is the default."""
        chosen = self.text(name, default=choices[0])
        if chosen not in choices:
            raise ImproperlyConfigured(f"{name} must be one of: {', '.join(choices)}.")
        return chosen

    def version(self, name: str, *, default: str) -> str:
        """Return a version that is called by its month, as those of Alloy's APIs are."""
        wanted = f"a version by its month, such as {default}"
        return self.text(name, default=default, pattern=_MONTH, wanted=wanted)

    def hosts(self, name: str, *, default: list[str]) -> list[str]:
        """Return host names."""
        hosts = [host.strip() for host in self.list(name, default=default)]
        if not all(_HOST_NAME.fullmatch(host) for host in hosts):
            raise ImproperlyConfigured(
                f"{name} must be host names such as acme.example, separated by commas:"
                " no https://, no port, no path."
            )
        return hosts

    def web_address(self, name: str, *, default: str = "") -> str:
        """Return the URL of a web server, without a slash at its end."""
        url = self.text(name, default=default).rstrip("/")
        parts = _parts(url)
        if url and not (parts and parts.scheme in ("http", "https") and parts.hostname):
            raise ImproperlyConfigured(f"{name} must be an address such as https://acme.example.")
        if re.search(r"[^!-~]|[?#@]", url):
            raise ImproperlyConfigured(
                f"{name} must be an address such as https://acme.example, with nothing added to it."
            )
        return url

    def redis(self, name: str, *, default: str) -> str:
        """Return the URL of a Redis."""
        url = self.text(name, default=default)
        parts = _parts(url)
        if parts is None or parts.scheme not in ("redis", "rediss", "unix"):
            raise ImproperlyConfigured(
                f"{name} is not the URL of a Redis, such as redis://localhost:6379/0."
            )
        return url

    def database(self, name: str, *, default: str) -> dict[str, Any]:
        """Return what Django's DATABASES holds for the database at a URL."""
        url = self.text(name, default=default)
        parts = _parts(url)
        if parts is None or parts.scheme not in self.DB_SCHEMES:
            raise ImproperlyConfigured(
                f"{name} is not the URL of a database, such as sqlite:///var/acmeco.sqlite3"
                " or postgres://user:password@host:5432/name."
            )
        return dict(self.db_url_config(url))

    def email(self, name: str, *, default: str) -> dict[str, Any]:
        """Return Django's EMAIL settings for a mail server at a URL."""
        url = self.text(name, default=default)
        parts = _parts(url)
        is_known = parts is not None and parts.scheme in self.EMAIL_SCHEMES
        if not is_known or (parts and parts.scheme.startswith("smtp") and not parts.hostname):
            raise ImproperlyConfigured(
                f"{name} is not the URL of a mail server, such as"
                " smtp+tls://user:password@host:587, nor consolemail://."
            )
        return dict(self.email_url_config(url))

    def sender(self, name: str, *, default: str) -> str:
        """Return who e-mail comes from: an address, perhaps with a name before it."""
        value = self.text(name, default=default)
        try:
            validate_email(parseaddr(value)[1])
        except ValidationError as error:
            raise ImproperlyConfigured(
                f"{name} must be an e-mail address, such as AcmeCo <hello@acme.example>."
            ) from error
        return value


def _parts(url: str) -> SplitResult | None:
    """Return the parts of a URL; None for what is none, such as one with a port that is none."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # looked at only when somebody asks
    except ValueError:
        return None
    return parts
