"""The promise of the room: copied alone into a stock Django project, it works."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import integrations

SETTINGS = """
from pathlib import Path

SECRET_KEY = "only-for-this-test"
DEBUG = True
ALLOWED_HOSTS = ["testserver"]
ROOT_URLCONF = "stock.urls"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": Path(__file__).parent / "db.sqlite3",
        "OPTIONS": {"transaction_mode": "IMMEDIATE"},
    }
}
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "integrations",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
STATIC_URL = "static/"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

ALLOY_API_KEY = "sandbox_of_a_stock_project"
ALLOY_WEBHOOK_BASE_URL = "https://stock.example"
ALLOY_WEBHOOK_TOKENS = ["a-token-nobody-can-guess"]
"""

URLS = """
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("integrations/connections/", include("integrations.connections.urls")),
    path("integrations/", include("integrations.pages.urls")),
    path("", include("integrations.urls")),
]
"""

BASE = "<title>{% block title %}{% endblock %}</title>{% block scripts %}{% endblock %}"
BASE += "{% block main %}{% endblock %}"

PLAY = """
import django
django.setup()

from django.contrib.auth import get_user_model
from django.test import Client

from integrations.models import AlloyUser, Message

jane = get_user_model().objects.create_superuser("jane", "jane@stock.example", "a pass phrase")
assert AlloyUser.objects.get(tenant=jane).username == "jane@stock.example"
assert Message.objects.get(tenant=jane).kind == "provision"

client = Client()
client.force_login(jane)
for path in (
    "/integrations/",
    "/integrations/connections/",
    "/admin/integrations/message/",
    f"/admin/integrations/message/{Message.objects.get().pk}/change/",
    "/admin/integrations/installlink/add/",
):
    assert client.get(path).status_code == 200, path
answer = client.post("/webhooks/alloy/wrong/orders/", b"{}", content_type="application/json")
assert answer.status_code == 404
print("It works.")
"""

ORGANISATION = """
from django.conf import settings
from django.db import models

class Organisation(models.Model):
    name = models.CharField(max_length=100)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL)

def of_member(request):
    return Organisation.objects.get(members=request.user)
"""

OF_ORGANISATIONS = """
INSTALLED_APPS += ["organisations"]
ALLOY_TENANT_MODEL = "organisations.Organisation"
ALLOY_TENANT_OF_REQUEST = "organisations.models.of_member"
"""

PLAY_AS_A_MEMBER = """
import django
django.setup()

from django.contrib.auth import get_user_model
from django.test import Client
from integrations.models import AlloyUser, Erasure
from organisations.models import Organisation

jane = get_user_model().objects.create_superuser("jane", "jane@stock.example", "a pass phrase")
shop = Organisation.objects.create(name="Jane's shop")
shop.members.add(jane)
alloy_user = AlloyUser.objects.get()
assert (alloy_user.tenant, alloy_user.full_name) == (shop, "Jane's shop")
assert alloy_user.username == f"organisations.organisation-{shop.pk}"

client = Client()
client.force_login(jane)
assert b"setting up your account" in client.get("/integrations/").content
to_make = {"email": "new@stock.example"}
answer = client.post("/admin/integrations/installlink/add/", to_make)
assert b"Nobody has this address." in answer.content and b'name="make"' not in answer.content

chosen = {"action": "erase_account", "_selected_action": alloy_user.pk, "confirmed": "yes"}
assert jane.pk == shop.pk
client.post("/admin/integrations/alloyuser/", chosen)
assert not Organisation.objects.exists() and Erasure.objects.get().tenant_key == str(shop.pk)
print("It works.")
"""


@pytest.fixture
def stock_project(tmp_path: Path) -> Path:
    """A Django project with nothing in it but a copy of the room."""
    shutil.copytree(Path(integrations.__file__).parent, tmp_path / "integrations")
    project = tmp_path / "stock"
    project.mkdir()
    for name, content in {
        "__init__.py": "",
        "settings.py": SETTINGS,
        "urls.py": URLS,
        "base.html": BASE,
    }.items():
        project.joinpath(name).write_text(content)
    return tmp_path


def run(project: Path, *arguments: str) -> str:
    """Run Python in the project, with nothing of ours in reach, and return what it printed."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(project),
        "DJANGO_SETTINGS_MODULE": "stock.settings",
    }
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_copy_of_the_room_works_in_a_stock_project(stock_project: Path) -> None:
    run(stock_project, "-m", "django", "check", "--fail-level", "WARNING")
    run(stock_project, "-m", "django", "makemigrations", "--check", "--dry-run")
    run(stock_project, "-m", "django", "migrate", "--verbosity", "0")
    assert run(stock_project, "-c", PLAY).endswith("It works.\n")


def test_a_tenant_may_be_an_organisation(stock_project: Path) -> None:
    organisations = stock_project / "organisations"
    organisations.mkdir()
    for name, content in {"__init__.py": "", "models.py": ORGANISATION}.items():
        organisations.joinpath(name).write_text(content)
    with stock_project.joinpath("stock", "settings.py").open("a") as settings:
        settings.write(OF_ORGANISATIONS)
    run(stock_project, "-m", "django", "makemigrations", "organisations", "--verbosity", "0")
    run(stock_project, "-m", "django", "makemigrations", "--check", "--dry-run")
    run(stock_project, "-m", "django", "migrate", "--verbosity", "0")
    assert run(stock_project, "-c", PLAY_AS_A_MEMBER).endswith("It works.\n")
