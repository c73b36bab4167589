"""Collects the texts of AcmeCo into its catalogues, and compiles them: `make messages`.

Each app carries its own `locale/`, so that whoever copies a folder, or deletes a part of
`contrib/`, has the texts of what is left. Written with Babel: it is on every machine that runs
AcmeCo, which GNU gettext is not. The compiled files are committed, since who copies a folder has
neither.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation.template import templatize

PROJECT: Path = settings.BASE_DIR
LANGUAGES = ("de", "ar")
KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
}
CONTRIB = PROJECT / "integrations" / "contrib"
# Where a catalogue is, and whose texts it holds. Operators' tools stay in English.
SOURCES: dict[Path, list[Path]] = {
    PROJECT / "locale": [PROJECT / "templates", PROJECT / "acmeco"],
    **{
        PROJECT / app / "locale": [PROJECT / app]
        for app in ("accounts", "integrations", "meetings", "orders")
    },
    **{
        CONTRIB / app / "locale": [CONTRIB / app]
        for app in ("activity", "connectivity", "links", "privacy")
    },
}
CATALOGUES = [
    *((place, language, sources) for place, sources in SOURCES.items() for language in LANGUAGES),
    (PROJECT / "locale", "en", [PROJECT / "acmeco" / "allauth_texts.py"]),
]
_NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)  # else every run would change every file


class Command(BaseCommand):
    help = "Collects the texts of templates and Python files into locale/, and compiles them."

    def handle(self, *args: Any, **options: Any) -> None:
        """Bring all catalogues up to date; say what is not translated."""
        for place, language, sources in CATALOGUES:
            path = path_of(place, language)
            path.parent.mkdir(parents=True, exist_ok=True)
            catalogue = updated(path, language, texts_in(sources))
            with path.open("wb") as file:
                write_po(file, catalogue, width=98, include_lineno=False)
            missing = [each for each in catalogue if not is_translated(each)]
            for each in missing:
                catalogue.delete(each.id, each.context)
            with path.with_suffix(".mo").open("wb") as file:
                write_mo(file, catalogue)
            name = path.relative_to(PROJECT)
            self.stdout.write(f"  {name}: {len(catalogue)} translated, {len(missing)} to do")


def path_of(place: Path, language: str) -> Path:
    """Return where the catalogue of a language is."""
    return place / language / "LC_MESSAGES" / "django.po"


def texts_in(sources: list[Path]) -> Catalog:
    """Return all texts of Python files and templates, not translated."""
    found = Catalog()
    for path in sorted(file for source in sources for file in _files(source)):
        where = path.relative_to(PROJECT).as_posix()
        if path.suffix == ".py" and b"gettext" not in path.read_bytes():
            continue  # much quicker
        for line, text, comments, context in extract(
            "python", io.BytesIO(_as_python(path)), KEYWORDS, ("Translators:",), {}
        ):
            found.add(text, None, [(where, line)], auto_comments=comments, context=context)
    return found


def updated(path: Path, language: str, template: Catalog) -> Catalog:
    """Return the catalogue in a file, if there is one, with exactly the texts of the template."""
    catalogue = Catalog(
        locale=language,
        project="AcmeCo",
        version="1.0",
        msgid_bugs_address="hello@acme.example",
        last_translator="AcmeCo <hello@acme.example>",
        language_team="AcmeCo <hello@acme.example>",
        header_comment=f"# {language}: collected by `make messages`",
        creation_date=_NO_DATE,
        revision_date=_NO_DATE,
        fuzzy=False,
    )
    if path.exists():
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language)
    catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    return catalogue


def is_translated(message: Message) -> bool:
    """Return whether a text, or each plural of it, has words."""
    words = message.string
    return all(words) if isinstance(words, (tuple, list)) else bool(words)


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*") if folder.is_dir() else (folder,):
        is_elsewhere = path.is_relative_to(CONTRIB) and not folder.is_relative_to(CONTRIB)
        is_for_operators = "admin" in path.with_suffix("").parts
        if path.suffix in (".py", ".html", ".txt") and not is_elsewhere and not is_for_operators:
            yield path


def _as_python(path: Path) -> bytes:
    """Return a file as Python: of a template, only what Django finds to translate."""
    source = path.read_text()
    if path.suffix != ".py":
        python = templatize(source, origin=str(path))
        source = "\n".join(line.strip() for line in python.splitlines())  # no indentation to heed
    return source.encode()
