"""docs/use-it-in-your-project.md, run line by line, in a project of its own."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

import psycopg
import pytest

import integrations
from tests.documents import texts_of
from tests.services.python import copytree, python, python_in_forks, without_celery
from tests.services.sandbox import Sandbox

PYTHON = os.environ.get("USE_IT_PYTHON", sys.executable)
"""Where Django is installed; CI names another one, which has the newest Django."""
INSTALL, SETTINGS, URLS, EVENT, RUN, *ORDERS, ORGANISATION, SHOP, FRAME, PARTS = texts_of(
    "docs/use-it-in-your-project.md"
)
RECEIVERS, APP = ORDERS
COMMANDS = (INSTALL + RUN).splitlines()
BASE = "<title>{% block title %}{% endblock %}</title>{% block head %}{% endblock %}My own frame"
BASE += "{% block content %}{% endblock %}"

STRICTER = """
MIDDLEWARE.append("django.contrib.auth.middleware.LoginRequiredMiddleware")
USE_TZ = False
"""

SETUP = """
import django
django.setup()
from django.core.management import call_command
"""
MEMBER = """
from django.contrib.auth.models import User
from shops.models import Shop
Shop.objects.create(name="Jane's").members.add(User.objects.get())
"""
AN_ORDER = """
from django.utils import timezone
from integrations.models import Delivery
Delivery.objects.create(kind="orders", digest="1", body=b'{"id": 7, "status": "NEW"}',
                        tenant_id=Shop.objects.get().pk, due_at=timezone.now())
call_command("relay", "--once")
assert Delivery.objects.get().state == "processed"
"""
QUICK = "PASSWORD_HASHERS = ['django.contrib.auth.hashers.MD5PasswordHasher']"
LOOK = """
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
call_command("check", fail_level="WARNING")
client = Client()
webhook = client.post("{prefix}webhooks/alloy/wrong/orders/", b"{{}}", content_type="text/plain")
assert webhook.status_code == 404, webhook
client.force_login(User.objects.get())
page = client.get("{prefix}integrations/")
assert page.status_code == 200, page
print(page.content.decode())
call_command("alloy_webhook_urls")
"""


class Project:
    """A Django project in a folder, with a copy of the app."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.folder = folder
        self._sandbox = sandbox
        self._scripts: list[str] = []

    def start(self, *, more: str = "", shops: bool = False) -> None:
        """Do what the document says up to the first migrate."""
        start = ("-m", "django", "startproject", "mysite", ".")
        python(*start, executable=PYTHON, project=self.folder)
        copytree(Path(integrations.__file__).parent, self.folder / "integrations")
        settings = SETTINGS.replace("http://localhost:8001", self._sandbox.url)
        settings = settings.replace("replace-me-by-openssl-rand-hex-32", secrets.token_hex(32))
        with self.folder.joinpath("mysite", "settings.py").open("a") as file:
            file.write(f"ALLOWED_HOSTS = ['testserver']\n{QUICK}\n{settings}\n{more}\n")
        self.write("mysite/urls.py", URLS)
        self.write("mysite/events.py", EVENT)
        if shops:
            self.write("shops/models.py", SHOP)
            self.write("shops/receivers.py", RECEIVERS)
            self.write("shops/apps.py", APP)
            self._scripts.append(f"{SETUP}\ncall_command('makemigrations', 'shops')")

    def write(self, name: str, content: str) -> None:
        """Write a file."""
        self.folder.joinpath(name).parent.mkdir(parents=True, exist_ok=True)
        self.folder.joinpath(name).write_text(content)

    def play(self, *, prefix: str = "/", member: str = "", tenant: str = "") -> str:
        """Run the document's commands, in one process; return the integrations page."""
        lines = [_split(each) for each in COMMANDS if each.startswith("python manage.py")]
        script = [SETUP]
        for name, *arguments in lines:
            if name == "shell" and member:
                script += [member, "call_command('relay', '--once')", AN_ORDER]
                arguments[1] = arguments[1].replace("User.objects.get()", tenant)
                arguments[1] = f"from shops.models import Shop; {arguments[1]}"
            if name == "shell":
                script.append(arguments[1])
            elif name != "runserver":
                script.append(f"call_command({name!r}, *{arguments!r})")
        self._scripts.append("\n".join([*script, LOOK.format(prefix=prefix)]))
        page = python_in_forks(
            *((self.folder, each) for each in self._scripts),
            executable=PYTHON,
            DJANGO_SETTINGS_MODULE="mysite.settings",
            DJANGO_SUPERUSER_PASSWORD="a long pass phrase",
        )
        (event,) = self._sandbox.events()
        assert event["data"] == {"orderId": "100", "status": "SHIPPED"}
        return page


def _split(line: str) -> list[str]:
    """Return the name of a management command, and its arguments."""
    before, quoted, code = line.removeprefix("python manage.py ").partition(' -c "')
    return [*before.split(), "-c", code.rstrip('"')] if quoted else before.split()


@pytest.fixture
def project(tmp_path: Path, sandbox: Sandbox) -> Project:
    return Project(tmp_path, sandbox)


def test_it_is_ten_lines_of_settings_and_twelve_commands() -> None:
    assert len([line for line in SETTINGS.splitlines() if line]) <= 10
    assert len(COMMANDS) <= 12


@pytest.mark.parametrize(
    "more",
    ["", PARTS + STRICTER],
    ids=["core alone, no Celery", "everything, login required, no time zones, no Celery"],
)
def test_the_lines_of_the_document_lead_to_a_page_and_an_event(project: Project, more: str) -> None:
    without_celery(project.folder)
    project.start(more=more)
    page = project.play()
    assert "BigCommerce" in page
    assert "integrations/integrations.css" in page
    assert ("Notion" in page) == bool(more)  # a connector's, which the core does not know


def test_an_organisation_with_a_uuid_is_a_tenant_under_a_prefix_and_in_an_own_frame(
    project: Project,
) -> None:
    templates = f"TEMPLATES[0]['DIRS'] = [{str(project.folder / 'templates')!r}]\n"
    project.start(more=templates + ORGANISATION + PARTS, shops=True)
    project.write("templates/base.html", BASE)
    project.write("templates/integrations/base.html", FRAME)
    project.write("mysite/urls.py", URLS.replace('path("", inc', 'path("apps/alloy/", inc'))
    page = project.play(prefix="/apps/alloy/", member=MEMBER, tenant="Shop.objects.get()")
    assert "BigCommerce" in page
    assert "7 NEW" in page
    assert "My own frame" in page
    assert 'action="/apps/alloy/integrations/' in page
    assert "/apps/alloy/webhooks/alloy/" in page


@pytest.mark.postgresql
@pytest.mark.skipif("DATABASE_URL" not in os.environ, reason="runs where there is a PostgreSQL")
def test_it_works_on_postgresql(project: Project) -> None:
    url, name = os.environ["DATABASE_URL"], f"use_it_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        info = connection.info
        database = {
            "ENGINE": "django.db.backends.postgresql",
            **{"NAME": name, "USER": info.user, "HOST": info.host, "PORT": info.port},
        }
        project.start(more=f"DATABASES = {{'default': {database!r}}}\n{PARTS}")
        try:
            assert "BigCommerce" in project.play()
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
