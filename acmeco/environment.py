"""Environment variables, read so that a value nobody can use stops the start with a sentence."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

_FALSE = ("false", "off", "n", "no", "0", "")
_HIGHEST_PORT = 65_535


class Environment(environ.FileAwareEnv):  # type: ignore[misc]  # it comes without types
    """django-environ, with words in place of tracebacks, and no guessing at what may be true.

    Raises:
        ImproperlyConfigured: naming the variable, but never its value, which may be a secret.
    """

    def get_value(self, var: str, *arguments: Any, **options: Any) -> Any:
        """Return the variable's value, cast as asked for."""
        try:
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

    def port(self, name: str, *, default: int) -> int:
        """Return a TCP port."""
        port: int = self.int(name, default=default)
        if not 0 < port <= _HIGHEST_PORT:
            raise ImproperlyConfigured(f"{name} must be from 1 to {_HIGHEST_PORT}.")
        return port

    def choice(self, name: str, *choices: str) -> str:
        """Return one of the choices; the first is the default."""
        chosen: str = self.str(name, default="") or choices[0]
        if chosen not in choices:
            raise ImproperlyConfigured(f"{name} must be one of: {', '.join(choices)}.")
        return chosen

    def redis(self, name: str, *, default: str) -> str:
        """Return the URL of a Redis."""
        url: str = self.str(name, default="") or default
        if urlsplit(url).scheme not in ("redis", "rediss", "unix"):
            raise ImproperlyConfigured(
                f"{name} is not the URL of a Redis, such as redis://localhost:6379/0."
            )
        return url

    def database(self, name: str, *, default: str) -> dict[str, Any]:
        """Return what Django's DATABASES holds for the database at a URL."""
        url = self.str(name, default=default)
        try:
            if urlsplit(url).scheme in self.DB_SCHEMES:
                return dict(self.db_url_config(url))
        except ValueError:
            pass  # such as a port that is none
        raise ImproperlyConfigured(
            f"{name} is not the URL of a database, such as sqlite:///var/acmeco.sqlite3"
            " or postgres://user:password@host:5432/name."
        )
