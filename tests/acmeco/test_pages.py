from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client

from integrations import apps as integrations_apps

TEMPLATES = [
    *Path(settings.BASE_DIR, "templates").rglob("*.html"),
    *Path(integrations_apps.__file__).parent.joinpath("templates").rglob("*.html"),
]


@pytest.mark.parametrize("status", ["400", "403", "403_csrf", "404", "429", "500"])
def test_an_error_page_needs_neither_request_nor_database(status: str) -> None:
    html = render_to_string(f"{status}.html")
    assert "<h1>" in html
    assert 'href="/"' in html


def test_a_form_without_its_token_is_explained(db: None) -> None:
    answer = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "x"})
    assert answer.status_code == 403
    assert b"This form is out of date" in answer.content


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_has_no_inline_script_or_style(template: Path) -> None:
    html = template.read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|hx-on|javascript:", html)


def test_the_icon_is_found_where_icons_used_to_be(client: Client) -> None:
    answer = client.get("/favicon.ico")
    assert (answer.status_code, answer["Location"]) == (302, "/static/favicon.svg")


def test_crawlers_are_shown_the_welcome_page_only(client: Client) -> None:
    answer = client.get("/robots.txt")
    assert answer["Content-Type"] == "text/plain"
    assert answer.content.decode().splitlines() == ["User-agent: *", "Allow: /$", "Disallow: /"]


def test_signing_up_signs_in_at_once(client: Client, db: None) -> None:
    answer = client.post(
        "/accounts/signup/",
        {"email": "new@acme.example", "password1": "a long pass phrase"},
        follow=True,
    )
    assert answer.redirect_chain == [("/", 302)]
    assert b"new@acme.example" in answer.content


def test_a_login_page_that_came_unasked_says_why(client: Client, db: None) -> None:
    assert b"Log in to continue" in client.get("/orders/", follow=True).content
    assert b"Log in to continue" not in client.get("/accounts/login/").content


@pytest.mark.parametrize("page", ["password/reset", "password/change", "logout"])
def test_what_a_form_is_for_is_its_one_primary_button(admin_client: Client, page: str) -> None:
    html = admin_client.get(f"/accounts/{page}/").content.decode()
    assert html.count('class="button primary"') == 1


@pytest.mark.parametrize(
    "path", ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"]
)
def test_a_form_ties_every_error_to_its_field(client: Client, db: None, path: str) -> None:
    html = client.post(path, {"login": "", "email": "not an address"}).content.decode()
    described = set(re.findall(r'aria-describedby="([^"]+)"', html))
    assert 'aria-invalid="true"' in html
    for ids in described:
        for each in ids.split():
            assert f'id="{each}"' in html
