"""The connectors there are. They are the same for everybody, so a copy is kept for a while."""

from __future__ import annotations

import time
from dataclasses import dataclass

import structlog

from integrations import conf
from integrations.alloy import AlloyError
from integrations.contrib.connectivity.client import Connector, connectivity

log = structlog.get_logger(__name__)

SECONDS_TO_KEEP = 300.0
SECONDS_TO_LEAVE_ALONE = 15.0
SECONDS_TO_WAIT = 4.0


@dataclass(frozen=True)
class Catalogue:
    """The connectors as they were last read; `is_old` when they could not be read anew."""

    connectors: tuple[Connector, ...] = ()
    is_old: bool = False

    def find(self, connector_id: str) -> Connector | None:
        """Return the connector with this id; ids are case-sensitive."""
        return next((each for each in self.connectors if each.id == connector_id), None)

    @property
    def categories(self) -> list[str]:
        return sorted({name for each in self.connectors for name in each.category})

    def matching(self, *, query: str = "", category: str = "") -> list[Connector]:
        """Return the connectors whose name has the words in it, and that are of the category."""
        wanted = query.casefold()
        return [
            each
            for each in self.connectors
            if wanted in each.name.casefold() and (not category or category in each.category)
        ]


_copies: dict[str, tuple[float, Catalogue]] = {}


def catalogue() -> Catalogue:
    """Return what can be connected to: from a copy where there is one, otherwise from Alloy.

    Never raises because of Alloy: what could not be read is old, and perhaps empty.
    """
    environment = conf.environment()
    good_until, known = _copies.get(environment, (0.0, Catalogue()))
    if time.monotonic() < good_until:
        return known
    try:
        found = connectivity().within(SECONDS_TO_WAIT).list_connectors()
    except AlloyError as error:
        log.warning("connectors_not_read", error=str(error))
        return _keep(environment, Catalogue(known.connectors, is_old=True), SECONDS_TO_LEAVE_ALONE)
    return _keep(environment, Catalogue(tuple(found)), SECONDS_TO_KEEP)


def forget() -> None:
    """Read anew the next time; for tests."""
    _copies.clear()


def _keep(environment: str, known: Catalogue, seconds: float) -> Catalogue:
    _copies[environment] = (time.monotonic() + seconds, known)
    return known
