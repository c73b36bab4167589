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
SECONDS_BEFORE_RETRY = 15.0
SECONDS_TO_WAIT_WITH_A_COPY = 1.0
SECONDS_TO_WAIT = 4.0


@dataclass(frozen=True)
class Connectors:
    """The connectors as they were last read; `is_old` if they could not be read again."""

    connectors: tuple[Connector, ...] = ()
    is_old: bool = False

    def find(self, connector_id: str) -> Connector | None:
        """Return the connector with this id; ids are case-sensitive."""
        return next((each for each in self.connectors if each.id == connector_id), None)


_copies: dict[str, tuple[float, Connectors]] = {}


def connectors_listed() -> Connectors:
    """Return what can be connected to: from a copy where there is one, otherwise from Alloy.

    Never raises because of Alloy: what could not be read is old, and perhaps empty.
    """
    environment = conf.environment()
    good_until, known = _copies.get(environment, (0.0, Connectors()))
    if time.monotonic() < good_until:
        return known
    seconds = SECONDS_TO_WAIT_WITH_A_COPY if known.connectors else SECONDS_TO_WAIT
    try:
        found = connectivity().within(seconds).list_connectors()
    except AlloyError as error:
        log.warning("connectors_not_read", error=str(error))
        return _keep(environment, Connectors(known.connectors, is_old=True), SECONDS_BEFORE_RETRY)
    return _keep(environment, Connectors(tuple(found)), SECONDS_TO_KEEP)


def _keep(environment: str, known: Connectors, seconds: float) -> Connectors:
    _copies[environment] = (time.monotonic() + seconds, known)
    return known
