"""Where Alloy lives: four origins per region, or a single one that stands in for them all."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self
from urllib.parse import urlsplit


@dataclass(frozen=True, kw_only=True)
class Hosts:
    """The origins (scheme, host and port, no path) that Alloy's parts are reached at.

    ``embedded`` answers the Embedded API, ``app`` shows the modal and the hosted link,
    ``production`` answers the Connectivity API and header-versioned Embedded calls, ``cdn``
    serves the browser SDK and the key that signs webhooks.

    Raises ``ValueError`` when one of them is not an origin.
    """

    embedded: str
    app: str
    production: str
    cdn: str

    def __post_init__(self) -> None:
        for field in fields(self):
            origin = _origin(getattr(self, field.name), name=field.name)
            object.__setattr__(self, field.name, origin)

    @classmethod
    def for_region(cls, region: str) -> Self:
        """Return Alloy's own hosts in ``"us"`` or ``"eu"``.

        The EU twins of the first two are those of Alloy's SDKs. For the other two Alloy names one
        host for every region.
        """
        if region not in ("us", "eu"):
            raise ValueError(f'Alloy has the regions "us" and "eu", not {region!r}.')
        prefix = "" if region == "us" else "eu-"
        return cls(
            embedded=f"https://{prefix}embedded.runalloy.com",
            app=f"https://{prefix}app.runalloy.com",
            production="https://production.runalloy.com",
            cdn="https://cdn.runalloy.com",
        )

    @classmethod
    def at(cls, origin: str) -> Self:
        """Return hosts that are all one origin, as a sandbox has them."""
        return cls(embedded=origin, app=origin, production=origin, cdn=origin)

    @property
    def script_url(self) -> str:
        """The browser SDK that shows the modal."""
        return f"{self.cdn}/scripts/embedded.js"

    @property
    def public_key_url(self) -> str:
        """The PEM file with the key that checks Alloy's webhook signatures."""
        return f"{self.cdn}/security/alloy_public_key.pem"


def _origin(value: str, *, name: str) -> str:
    """Return ``value`` as a bare origin, or raise ``ValueError`` with the cure."""
    parts = urlsplit(value.strip())
    surplus = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in ("http", "https") or not parts.hostname or surplus:
        raise ValueError(
            f"The {name} host must be an origin such as https://example.com:8001, not {value!r}."
        )
    parts.port  # noqa: B018  # raises ValueError itself when the port is not a number
    return f"{parts.scheme}://{parts.netloc.lower()}"
