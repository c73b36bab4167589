from __future__ import annotations

import pytest

from integrations.pages.search import find, normalized

NAMES = ["BigCommerce", "Google Drive", "Google Sheets", "Notion"]
NAMES += ["Shopify", "Slack", "Zoho CRM", "Über"]


@pytest.mark.parametrize(
    ("query", "names", "is_alike"),
    [
        ("", NAMES, False),
        ("big", ["BigCommerce"], False),
        ("STATUSES", ["BigCommerce"], False),
        ("googledrive", ["Google Drive"], False),
        ("uber", ["Über"], False),
        ("shopfy", ["Shopify"], True),
        ("notoin", ["Notion"], True),
        ("slak", ["Slack"], True),
        ("bigcomerce", ["BigCommerce"], True),
        ("google shets", ["Google Sheets"], True),
        ("nothing", [], False),
        ("%_\\'\"<", [], False),
    ],
)
def test_search_forgives_spelling(query: str, names: list[str], is_alike: bool) -> None:
    texts = {"BigCommerce": "Orders in, statuses out."}
    found = find(NAMES, query, name=str, text=lambda name: texts.get(name, ""))
    assert found == (names, is_alike)


def test_a_service_is_known_by_its_letters() -> None:
    assert normalized("🚀") != normalized("***")
    assert normalized("Google Drive") == normalized("googleDrive") != normalized("Google Drives")
