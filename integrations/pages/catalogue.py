"""The catalogue: one entry for each service that a tenant can connect, whatever connects it.

Each integration that Alloy lists is an entry. Other apps add services of their own, and say what
they do with one, by the signals `services_wanted` and `work_wanted`. An integration and a service
of the same name, or about the same app, are one entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from integrations.alloy import Integration
from integrations.pages.cards import Card
from integrations.pages.health import State
from integrations.pages.search import normalized
from integrations.signals import answers, services_wanted, work_wanted

_BLOCKS_OF_ALLOY = {"customevent", "streamdata"}


@dataclass(frozen=True)
class Service:
    """A service that another app can connect.

    `key` is its id at Alloy, `url` the page about it, `template` what it adds to a card, `detail`
    whatever the template needs.
    """

    key: str
    name: str
    url: str
    template: str
    state: State = State.AVAILABLE
    icon: str = ""
    categories: tuple[str, ...] = ()
    detail: Any = None


@dataclass(frozen=True)
class Services:
    """The services an app can connect; `is_old` if they could not be read again."""

    services: Sequence[Service] = ()
    is_old: bool = False


@dataclass(frozen=True)
class Work:
    """Work that an app does with a service: its kind, and what it reads and writes there.

    `of` is the id of an integration, or the id or name of a service; `url` the page where the work
    is done. When something was last read or written is known only where it was asked for.
    """

    of: str
    kind: str
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    url: str = ""
    last_read_at: datetime | None = None
    last_written_at: datetime | None = None


@dataclass(frozen=True)
class Entry:
    """One service of the catalogue: an integration, another app's service, or both."""

    card: Card | None = None
    service: Service | None = None
    works: tuple[Work, ...] = ()

    @property
    def ids(self) -> set[str]:
        """The ids that an address may name it by."""
        ids = {self.card.integration_id} if self.card else set()
        return ids | ({self.service.key} if self.service else set())

    @property
    def name(self) -> str:
        if self.card is not None:
            return self.card.name
        return self.service.name if self.service else ""

    @property
    def icon(self) -> str:
        return (self.card and self.card.integration.icon) or (
            self.service.icon if self.service else ""
        )

    @property
    def description(self) -> str:
        """Its description by the builder: the integration's, or else its first workflow's name."""
        if self.card is None:
            return ""
        return self.card.integration.description or next(
            (each.name for each in self.card.integration.workflows), ""
        )

    @property
    def categories(self) -> tuple[str, ...]:
        return self.service.categories if self.service else ()

    @property
    def kinds(self) -> list[str]:
        """The kinds of work that can be done with it."""
        return list(dict.fromkeys(each.kind for each in self.works))

    @property
    def kinds_of_service(self) -> list[str]:
        """The kinds of work for which the other app's service has to be connected."""
        card_id = self.card.integration_id if self.card else ""
        return list(dict.fromkeys(each.kind for each in self.works if each.of != card_id))

    @property
    def is_read(self) -> bool:
        return any(each.reads for each in self.works)

    @property
    def is_written(self) -> bool:
        return any(each.writes for each in self.works)

    @property
    def last_read_at(self) -> datetime | None:
        return max((each.last_read_at for each in self.works if each.last_read_at), default=None)

    @property
    def last_written_at(self) -> datetime | None:
        moments = (each.last_written_at for each in self.works if each.last_written_at)
        return max(moments, default=None)

    @property
    def state(self) -> State:
        """The worse of the integration's state and the service's."""
        states = {self.card.health.state} if self.card else set()
        states |= {self.service.state} if self.service else set()
        return next(each for each in State if each in states)

    @property
    def is_connected(self) -> bool:
        return self.state != State.AVAILABLE

    @property
    def has_use(self) -> bool:
        """Whether this site works with it; if not, it can only be connected."""
        return self.card is not None or bool(self.works)

    @property
    def shows_service(self) -> bool:
        """Whether its card shows the service: not beside an integration while nothing uses it."""
        if self.service is None:
            return False
        is_used = self.service.state != State.AVAILABLE or bool(self.kinds_of_service)
        return self.card is None or is_used


@dataclass(frozen=True)
class Catalogue:
    """All entries, in no order; `is_old` if some could not be read again."""

    entries: list[Entry]
    is_old: bool = False

    def find(self, wanted: str) -> Entry | None:
        """Return the entry of an integration's id, or of a service's key."""
        return next((each for each in self.entries if wanted in each.ids), None)


def catalogue_of(
    tenant: Any, cards: Sequence[Card], *, refresh: bool = False, latest: bool = False
) -> Catalogue:
    """Return all that a tenant can connect.

    `refresh`: apps read their services again. `latest`: they say when they last worked with each.
    """
    offered: list[Services] = answers(services_wanted, tenant=tenant, refresh=refresh)
    works = works_with(tenant, [card.integration for card in cards], latest=latest)
    services = [service for each in offered for service in each.services]
    by_name = _by_name(works)
    entries = [
        Entry(card, service, _works_of(card, service, by_name))
        for card, service in _paired(cards, services)
    ]
    return Catalogue(entries, is_old=any(each.is_old for each in offered))


def works_with(
    tenant: Any, integrations: Sequence[Integration], *, latest: bool = False
) -> list[Work]:
    """Return what apps do with these integrations, and with services that they connect."""
    found: list[list[Work]] = answers(
        work_wanted, tenant=tenant, integrations=integrations, latest=latest
    )
    return [work for each in found for work in each]


def works_with_service(tenant: Any, key: str) -> list[Work]:
    """Return what apps do with a service that one of them connects."""
    return [each for each in works_with(tenant, []) if normalized(each.of) == normalized(key)]


def _paired(
    cards: Sequence[Card], services: Sequence[Service]
) -> list[tuple[Card | None, Service | None]]:
    """Return each card with its service, then the services without one; no service twice."""
    known = {normalized(name): each for each in services for name in (each.key, each.name)}
    left = {id(each): each for each in services}

    def take(*names: str) -> Service | None:
        found = next((known[name] for name in names if name in known), None)
        return left.pop(id(found), None) if found else None

    by_name = {card.integration_id: take(normalized(card.name)) for card in cards}
    pairs: list[tuple[Card | None, Service | None]] = [
        (card, by_name[card.integration_id] or take(*_app_of(card.integration))) for card in cards
    ]
    return pairs + [(None, each) for each in left.values()]


def _app_of(integration: Integration) -> set[str]:
    """Return the one app that an integration's blocks are about; nothing where there are more."""
    apps = {normalized(block.kind) for each in integration.workflows for block in each.blocks}
    apps -= _BLOCKS_OF_ALLOY
    return apps if len(apps) == 1 else set()


def _by_name(works: Iterable[Work]) -> dict[str, list[Work]]:
    named: dict[str, list[Work]] = {}
    for each in works:
        named.setdefault(normalized(each.of), []).append(each)
    return named


def _works_of(
    card: Card | None, service: Service | None, works: Mapping[str, list[Work]]
) -> tuple[Work, ...]:
    names = [normalized(card.integration_id)] if card else []
    names += [normalized(service.key), normalized(service.name)] if service else []
    return tuple(each for name in dict.fromkeys(names) for each in works.get(name, ()))
