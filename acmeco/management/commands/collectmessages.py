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

from babel.messages.catalog import Catalog
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
    (PROJECT / "locale", "en", [PROJECT / "acmeco" / "borrowed_texts.py"]),
]
_NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)  # else every run would change every file


class Command(BaseCommand):
    help = "Collects the texts of templates and Python files into locale/, and compiles them."

    def handle(self, *args: Any, **options: Any) -> None:
        """Bring all catalogues up to date; say what is not translated."""
        for place, language, sources in CATALOGUES:
            catalogue = updated(place, language, texts_in(sources))
            path = path_of(place, language)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(as_po(catalogue))
            path.with_suffix(".mo").write_bytes(as_mo(catalogue))
            missing = sum(not is_translated(each.string) for each in catalogue if each.id)
            name = path.relative_to(PROJECT)
            self.stdout.write(f"  {name}: {len(catalogue)} texts, {missing} to translate")


def path_of(place: Path, language: str) -> Path:
    """Return where the catalogue of a language is."""
    return place / language / "LC_MESSAGES" / "django.po"


def read(place: Path, language: str) -> Catalog:
    """Return a catalogue as it is; empty where there is none yet."""
    path = path_of(place, language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


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


def updated(place: Path, language: str, template: Catalog) -> Catalog:
    """Return the language's catalogue with exactly the texts of the template."""
    kept = read(place, language)
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
    for message in template:
        if message.id:
            before = kept.get(message.id, message.context)
            string = before.string if before and not before.fuzzy else None
            catalogue.add(
                message.id,
                string,
                message.locations,
                auto_comments=message.auto_comments,
                context=message.context,
            )
    return catalogue


def is_translated(string: str | tuple[str, ...] | list[str] | None) -> bool:
    """Return whether a text, or each plural of it, has words."""
    return all(string) if isinstance(string, (tuple, list)) else bool(string)


def as_po(catalogue: Catalog) -> bytes:
    """Return a catalogue as the text that translators edit."""
    file = io.BytesIO()
    write_po(file, catalogue, width=98, include_lineno=False)
    return file.getvalue()


def as_mo(catalogue: Catalog) -> bytes:
    """Return a catalogue as Django reads it, without what is not translated."""
    compiled = Catalog(locale=catalogue.locale, fuzzy=False)
    compiled.mime_headers = catalogue.mime_headers
    for message in catalogue:
        if message.id and is_translated(message.string):
            compiled.add(message.id, message.string, context=message.context)
    file = io.BytesIO()
    write_mo(file, compiled)
    return file.getvalue()


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
