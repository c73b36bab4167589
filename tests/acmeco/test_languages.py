"""Pages in the reader's own language and time zone, and the catalogues they are written from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.test import Client
from django.utils import timezone, translation

from accounts.models import User
from acmeco.management.commands import collectmessages as messages

IN_GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.1"}
CATALOGUES = [
    pytest.param(*each, id=f"{each[1]}-{each[0].parent.name}") for each in messages.CATALOGUES
]


@pytest.fixture(autouse=True)
def _nothing_left_behind() -> Iterator[None]:
    """A client answers in this very thread, which goes on to the next test."""
    yield
    translation.deactivate()
    timezone.deactivate()


def test_a_page_comes_in_the_language_the_browser_asks_for(client: Client) -> None:
    answer = client.get("/", headers=IN_GERMAN)
    assert b'<html lang="de" dir="ltr">' in answer.content
    assert answer["Content-Language"] == "de"
    assert "Accept-Language" in answer["Vary"]
    assert (
        b'<html lang="ar" dir="rtl">' in client.get("/", headers={"Accept-Language": "ar"}).content
    )


def test_a_visitor_without_an_account_chooses_a_language(client: Client) -> None:
    client.post("/language/", {"language": "de"})
    assert b'<html lang="de"' in client.get("/").content


def test_the_language_chosen_in_the_settings_is_kept_with_the_user(
    merchant: User, merchant_client: Client
) -> None:
    answer = merchant_client.post("/settings/preferences/", {"language": "de"}, follow=True)
    assert b'<html lang="de"' in answer.content
    elsewhere = Client(headers={"Accept-Language": "ar"})
    elsewhere.force_login(merchant)
    assert b'<html lang="de"' in elsewhere.get("/settings/").content
    merchant_client.post("/settings/preferences/", {"language": ""})
    assert b'<html lang="ar"' in elsewhere.get("/settings/").content


def test_a_language_or_time_zone_that_does_not_exist_is_refused(
    merchant: User, merchant_client: Client
) -> None:
    wrong = {"language": "tlh", "time_zone": "../etc/passwd"}
    answer = merchant_client.post("/settings/preferences/", wrong)
    assert answer.status_code == 422
    assert answer.content.count(b'class="errorlist"') == 2
    merchant.refresh_from_db()
    assert (merchant.language, merchant.time_zone) == ("", "")


def test_a_file_is_the_same_in_every_language(client: Client, db: None) -> None:
    answer = client.get("/static/favicon.svg", headers=IN_GERMAN)
    answer.close()
    assert "Accept-Language" not in answer.get("Vary", "")


def test_no_language_is_left_behind_for_who_comes_next(client: Client, db: None) -> None:
    client.get("/", headers=IN_GERMAN)
    assert b'<html lang="en"' in client.get("/?q=%00").content
    assert b'<html lang="de"' in client.get("/?q=%00", headers=IN_GERMAN).content


def test_the_admin_stays_in_english_and_utc(operator: User, operator_client: Client) -> None:
    operator_client.cookies["timezone"] = "Asia/Tokyo"
    User.objects.filter(pk=operator.pk).update(date_joined="2026-01-01T23:30:00Z")
    page = operator_client.get("/admin/accounts/user/", headers=IN_GERMAN).content.decode()
    assert 'lang="en"' in page
    assert "1 January 2026, 23:30" in page


def test_times_are_in_the_browsers_zone_until_the_settings_name_another(
    merchant_client: Client, other_merchant_client: Client
) -> None:
    merchant_client.cookies["timezone"] = "Asia/Tokyo"
    with time_machine.travel("2026-11-28T20:30:00Z", tick=False):
        page = merchant_client.get("/meetings/new/").content.decode()
        assert "In the time zone Asia/Tokyo." in page
        assert 'value="2026-11-29T05:30"' in page
        merchant_client.post("/settings/preferences/", {"time_zone": "America/New_York"})
        assert 'value="2026-11-28T15:30"' in merchant_client.get("/meetings/new/").content.decode()
        assert (
            'value="2026-11-28T20:30"'
            in other_merchant_client.get("/meetings/new/").content.decode()
        )


@pytest.mark.parametrize(("said", "kept"), [("Asia/Tokyo", "Asia/Tokyo"), ("../../etc", "")])
def test_the_browsers_zone_is_kept_at_the_first_login(
    client: Client, db: None, said: str, kept: str
) -> None:
    client.cookies["timezone"] = said
    account = {"email": "new@acme.example", "password1": "a long pass phrase"}
    client.post("/accounts/signup/", account)
    assert User.objects.get().time_zone == kept


@pytest.mark.parametrize(("place", "language", "sources"), CATALOGUES)
def test_a_catalogue_holds_every_text_and_is_compiled(
    place: Path, language: str, sources: list[Path]
) -> None:
    """`make messages` brings it up to date."""
    path = messages.path_of(place, language)
    with path.open("rb") as file:
        kept = read_po(file, locale=language)
    assert _texts(kept) == _texts(messages.updated(path, language, messages.texts_in(sources)))
    translated = {text: words for text, words in _texts(kept).items() if all(words)}
    assert language == "ar" or translated == _texts(kept)
    with path.with_suffix(".mo").open("rb") as file:
        compiled = read_mo(file)
    assert _texts(compiled) == translated
    assert [error for message in compiled if message.id for error in message.check(kept)] == []


def _texts(catalogue: Catalog) -> dict[tuple[object, ...], tuple[str, ...]]:
    """Return each text, by its context, with its translation or the plurals of that."""
    return {
        (*_words(message.id), message.context): _words(message.string)
        for message in catalogue
        if message.id
    }


def _words(string: object) -> tuple[str, ...]:
    return tuple(string) if isinstance(string, (tuple, list)) else (str(string or ""),)
