"""Copied alone into a stock Django project, the app works with any one of its optional parts.

Celery is optional, too: there is none.

Without any, and with all of them: see test_use_it.py.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import integrations
from tests.services.python import copytree, python_in_forks, without_celery

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
    *[f"integrations.contrib.{name}" for name in PARTS],
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
LOGIN_URL = "admin:login"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the others are slow
# Django's own tables without its twenty migrations: they take half of the time.
MIGRATION_MODULES = dict.fromkeys(("admin", "auth", "contenttypes", "sessions"))

ALLOY = {
    "API_KEY": "sandbox_of_a_stock_project",
    "WEBHOOK_BASE_URL": "https://stock.example",
    "WEBHOOK_TOKENS": ["a-token-nobody-can-guess"],
}
"""

URLS = """
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("integrations.urls")),
]
"""

BASE = "<title>{% block title %}{% endblock %}</title>{% block scripts %}{% endblock %}"
BASE += "{% block main %}{% endblock %}"

PLAY = """
from importlib import import_module
from pkgutil import walk_packages

import django
django.setup()

import integrations
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client
from django.urls import get_resolver, reverse

call_command("check", fail_level="WARNING", verbosity=0)
call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)
call_command("migrate", run_syncdb=True, verbosity=0)
for each in walk_packages(integrations.__path__, "integrations."):
    import_module(each.name)

from integrations.models import AlloyUser, Message

jane = get_user_model().objects.create_superuser("jane", "jane@stock.example", "a pass phrase")
alloy_user = AlloyUser.objects.get(tenant=jane)
AlloyUser.objects.update(user_id="6749ddb3c68f4d9bbed27c4d")
message = Message.objects.get(tenant=jane)
assert message.kind == "provision"

client = Client()
client.force_login(jane)
ours = [each for each in admin.site._registry if each.__module__.startswith("integrations.")]
lists = [f"/admin/{each._meta.app_label}/{each._meta.model_name}/" for each in ours]
rows = [f"{path}{row.pk}/" for path in lists for row in (message, alloy_user)
        if path.endswith(f"/{row._meta.model_name}/")]
parts = [reverse(f"{name}:list") for name in get_resolver().namespace_dict if "conn" in name]
for path in ("/integrations/", *parts, "/admin/", *lists, *rows):
    assert client.get(path, follow=True).status_code == 200, path
answer = client.post("/webhooks/alloy/wrong/orders/", b"{}", content_type="application/json")
assert answer.status_code == 404
jane.delete()
call_command("relay", "--once", verbosity=0)
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
ALLOY["TENANT_OF_REQUEST"] = "organisations.models.of_member"
"""

MAKE_ITS_MIGRATION = """
import django
django.setup()
django.core.management.call_command("makemigrations", "organisations")
"""

PLAY_AS_A_MEMBER = """
import django
django.setup()

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client

call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)
call_command("migrate", run_syncdb=True, verbosity=0)

from integrations.contrib.privacy.models import Erasure
from integrations.models import AlloyUser
from organisations.models import Organisation

jane = get_user_model().objects.create_superuser("jane", "jane@stock.example", "a pass phrase")
shop = Organisation.objects.create(name="Jane's shop")
shop.members.add(jane)
alloy_user = AlloyUser.objects.get()
assert (alloy_user.tenant, alloy_user.full_name) == (shop, "Jane's shop")
assert alloy_user.username.startswith(f"stock.example.organisations.organisation-{shop.pk}-")

client = Client()
client.force_login(jane)
assert b"setting up your account" in client.get("/integrations/").content
assert jane.pk == shop.pk
client.post(f"/admin/alloy_privacy/erasure/of/{alloy_user.pk}/", {"scope": "account"})
assert not Organisation.objects.exists() and Erasure.objects.get().tenant_key == str(shop.pk)
"""


PARTS = sorted(
    each.name
    for each in Path(integrations.__file__).parent.joinpath("contrib").iterdir()
    if each.joinpath("apps.py").exists()
)


def stock_project(folder: Path, parts: Sequence[str]) -> Path:
    """A Django project with nothing in it but a copy of the app, with these of its parts."""
    copy = folder / "integrations"
    copytree(Path(integrations.__file__).parent, copy)
    for name in PARTS:
        if name not in parts:
            shutil.rmtree(copy / "contrib" / name)
    without_celery(folder)
    project = folder / "stock"
    project.mkdir()
    settings = f"PARTS = {list(parts)!r}\n{SETTINGS}"
    files = {"__init__.py": "", "settings.py": settings, "urls.py": URLS, "base.html": BASE}
    for name, content in files.items():
        project.joinpath(name).write_text(content)
    return folder


def run(*steps: tuple[Path, str]) -> None:
    python_in_forks(*steps, DJANGO_SETTINGS_MODULE="stock.settings")


def test_the_core_works_with_each_part_alone(tmp_path: Path) -> None:
    run(*((stock_project(tmp_path / part, [part]), PLAY) for part in PARTS))


def test_a_tenant_may_be_an_organisation(tmp_path: Path) -> None:
    project = stock_project(tmp_path / "project", PARTS)
    organisations = project / "organisations"
    organisations.mkdir()
    for name, content in {"__init__.py": "", "models.py": ORGANISATION}.items():
        organisations.joinpath(name).write_text(content)
    with project.joinpath("stock", "settings.py").open("a") as settings:
        settings.write(OF_ORGANISATIONS)
    run((project, MAKE_ITS_MIGRATION), (project, PLAY_AS_A_MEMBER))
