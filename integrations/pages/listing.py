"""Selects the part of the catalogue that a page lists: searched, grouped, and cut to size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext

from integrations.pages.catalogue import Catalogue, Entry
from integrations.pages.health import State
from integrations.pages.search import find

PAGE_SIZE = 24
MOST = 480
"""How many entries a page shows at most, some 50 kB; a search finds the others."""


@dataclass(frozen=True)
class Wanted:
    """The request of a merchant; `show` is how many of the services not yet connected."""

    query: str = ""
    category: str = ""
    sort: str = ""
    show: int = PAGE_SIZE

    @classmethod
    def of(cls, request: HttpRequest) -> Wanted:
        """Return what an address asks for; what makes no sense in it is left out."""
        asked = request.GET
        show = asked.get("show", "")
        is_number = show.isascii() and show.isdigit() and len(show) < 10
        return cls(
            query=asked.get("q", "").strip()[:100],
            category=asked.get("category", "").strip()[:200],
            sort="name" if asked.get("sort") == "name" else "",
            show=max(PAGE_SIZE, min(int(show), MOST)) if is_number else PAGE_SIZE,
        )

    @property
    def is_flat(self) -> bool:
        """Whether all stands in one list."""
        return bool(self.query or self.category or self.sort)

    @property
    def address(self) -> str:
        """The query string that asks for this; what is as usual is left out."""
        usual = Wanted()
        asked = {"q": self.query, "category": self.category, "sort": self.sort}
        if self.show != usual.show:
            asked["show"] = str(self.show)
        return urlencode({name: value for name, value in asked.items() if value})


@dataclass(frozen=True)
class Category:
    """A category, with how many of the services found are of it, and the address of just those."""

    name: str
    label: str
    count: int
    address: str
    is_wanted: bool


@dataclass(frozen=True)
class Group:
    """The services of one category."""

    title: str
    entries: list[Entry]


@dataclass(frozen=True)
class Listing:
    """The page: what is connected, and the first `wanted.show` of what is available.

    `ready` is what has a use here; `directory` the rest, by category. A search, or sorting by name,
    puts all into `ready`. `available` counts all there are. `is_alike`: nothing fits the query, but
    these names are spelled much like it. `is_old`: Alloy could not be reached, so some may be
    missing.
    """

    wanted: Wanted
    connected: list[Entry]
    ready: list[Entry]
    directory: list[Group]
    available: int
    categories: list[Category]
    is_alike: bool = False
    is_old: bool = False

    @property
    def found(self) -> int:
        return len(self.connected) + self.available

    @property
    def more(self) -> int:
        """How many more the next press shows."""
        return min(PAGE_SIZE, self.available - self.wanted.show) if self._is_cut else 0

    @property
    def address_of_more(self) -> str:
        return replace(self.wanted, show=self.wanted.show + PAGE_SIZE).address

    @property
    def has_others(self) -> bool:
        """Whether there are services that only a search or a category brings."""
        return self.available > self.wanted.show >= MOST

    @property
    def is_filtered(self) -> bool:
        return bool(self.wanted.query or self.wanted.category)

    @property
    def _is_cut(self) -> bool:
        return self.wanted.show < min(self.available, MOST)


def listing_of(catalogue: Catalogue, wanted: Wanted) -> Listing:
    """Return what the page shows of the catalogue."""
    found, is_alike = find(catalogue.entries, wanted.query, name=lambda it: it.name, text=_text)
    categories = _categories(found, wanted)
    fits = [each for each in found if wanted.category in ("", *each.categories)]
    connected = [each for each in fits if each.is_connected]
    available = [each for each in fits if not each.is_connected]
    first = sorted(available, key=_by_name if wanted.is_flat else _by_use)[: wanted.show]
    ready = [each for each in first if wanted.is_flat or each.has_use]
    return Listing(
        wanted=wanted,
        connected=sorted(connected, key=_by_urgency),
        ready=ready,
        directory=_by_category(first[len(ready) :]),
        available=len(available),
        categories=categories,
        is_alike=is_alike and bool(fits),
        is_old=catalogue.is_old,
    )


def label_of(category: str) -> str:
    """Return a category as people read it: Alloy writes "crm" and "project management"."""
    return category.upper() if len(category) <= 3 else category[:1].upper() + category[1:]


def _text(entry: Entry) -> str:
    return " ".join((entry.description, *entry.categories, *entry.kinds))


def _categories(entries: Iterable[Entry], wanted: Wanted) -> list[Category]:
    counts = Counter(name for each in entries for name in each.categories)
    one_page = replace(wanted, show=PAGE_SIZE)
    return [
        Category(
            name,
            label_of(name),
            count,
            replace(one_page, category="" if name == wanted.category else name).address,
            is_wanted=name == wanted.category,
        )
        for name, count in sorted(counts.items())
    ]


def _by_category(entries: Iterable[Entry]) -> list[Group]:
    return [Group(title, list(found)) for title, found in groupby(entries, _category)]


def _category(entry: Entry) -> str:
    return label_of(entry.categories[0]) if entry.categories else gettext("Other services")


def _by_use(entry: Entry) -> tuple[bool, bool, str, str]:
    """Sort what has a use here first, by name, and the rest by category, what has none last."""
    if entry.has_use:
        return (False, False, "", _by_name(entry))
    return (True, not entry.categories, _category(entry).casefold(), _by_name(entry))


def _by_urgency(entry: Entry) -> tuple[int, str]:
    return (list(State).index(entry.state), _by_name(entry))


def _by_name(entry: Entry) -> str:
    return entry.name.casefold()
