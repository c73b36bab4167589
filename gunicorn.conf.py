"""Gunicorn's settings, which it reads by itself when it is started in this folder."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from gunicorn.glogging import Logger


class MaskingLogger(Logger):
    """Masks the secret parts of addresses, and leaves queries out, in the access and error logs."""

    def atoms(self, *args: Any) -> dict[str, Any]:
        """Return what an access log can be made of."""
        atoms = super().atoms(*args)
        for name in ("r", "q", "f"):  # the request line, its query, the Referer
            atoms[name] = _without_query(str(atoms[name]))
        return {name: _masked(value) for name, value in atoms.items()}

    def exception(self, message: str, *args: Any, **options: Any) -> None:
        """Log an error that the application could not answer."""
        super().exception(message, *(_masked(each) for each in args), **options)


def _without_query(text: str) -> str:
    address, _, rest = text.partition("?")
    return " ".join((address, *rest.split(" ")[1:])) if rest else address


def _masked(value: Any) -> Any:
    from acmeco.secret_urls import mask_addresses

    return mask_addresses(unquote(value)) if isinstance(value, str) else value


logger_class = MaskingLogger
