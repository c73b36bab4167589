"""Names Alloy's hosts: four origins per region, or a single one that stands in for them all.

Brackets name the page of Alloy's documentation, as in ``client``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Self

_ORIGIN = re.compile(r"https?://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")

_AT_ALLOY = re.compile(r"https://([a-z0-9-]+\.){1,9}runalloy\.com")


@dataclass(frozen=True, kw_only=True)
class Hosts:
    """The origins (scheme, host and port, no path) that Alloy's parts are reached at.

    - ``embedded`` answers the Embedded API [quick-start]
    - ``app`` shows the modal and the hosted link [quick-start, hosted-link]
    - ``production`` answers the Connectivity API and header-versioned Embedded calls
      [connectivity-api/quick-start]
    - ``cdn`` serves the browser SDK and the key that signs webhooks [rsa-header-signature]

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

        Two of them have a twin in the EU [clients]; the others serve every region.
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

    def address(self, version: str) -> tuple[str, dict[str, str]]:
        """Return the base URL and the headers that select an API version.

        Until 2024 the version stands in the path at the Embedded host; since 2025 it is a header at
        the host shared with the Connectivity API [docs/versioning-system].
        """
        if version < "2025":
            return f"{self.embedded}/{version}", {}
        return self.production, {"x-api-version": version}

    @property
    def consent_source(self) -> str:
        """Where consent pages may be, as a Content-Security-Policy writes it."""
        return "https://*.runalloy.com" if self._are_alloys else self.production

    def include(self, url: str) -> bool:
        """Whether the URL is at one of these hosts, or anywhere at Alloy where they are Alloy's.

        Consent pages are at an Alloy host of their own, api.runalloy.com
        [connectivity-api/credentials].
        """
        origin = "/".join(url.split("/")[:3]).lower()
        mine = (getattr(self, field.name) for field in fields(self))
        return origin in mine or (self._are_alloys and bool(_AT_ALLOY.fullmatch(origin)))

    @property
    def _are_alloys(self) -> bool:
        return bool(_AT_ALLOY.fullmatch(self.production))

    @property
    def script_url(self) -> str:
        """The browser SDK that shows the modal [quick-start]."""
        return f"{self.cdn}/scripts/embedded.js"

    @property
    def public_key_url(self) -> str:
        """The PEM file with the key that checks Alloy's signatures [rsa-header-signature]."""
        return f"{self.cdn}/security/alloy_public_key.pem"


def _origin(value: str, *, name: str) -> str:
    """Return ``value`` as a bare origin, or raise ``ValueError`` that says what to do."""
    origin = value.strip().rstrip("/").lower()
    match = _ORIGIN.fullmatch(origin)
    if not match or not 0 < int((match[2] or ":80")[1:]) < 65536:
        raise ValueError(
            f"The {name} host must be an origin such as https://example.com:8001: "
            "http or https, a host, perhaps a port, and nothing else."
        )
    return origin
