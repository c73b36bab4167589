"""AcmeCo refuses to start in a way that would be unsafe, and says what to set."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.core.exceptions import ImproperlyConfigured

from acmeco.environment import Environment

PROJECT = Path(__file__).resolve().parents[2]

PRODUCTION = {
    "DEBUG": "false",
    "SECRET_KEY": "long-and-random-" * 4,
    "ALLOY_API_KEY": "live-key-of-a-customer",
    "ALLOY_SANDBOX_URL": "",
    "ALLOY_WEBHOOK_BASE_URL": "https://acme.example",
    "ALLOY_WEBHOOK_TOKEN": "t" * 40,
    "ALLOWED_HOSTS": "acme.example",
    "DATABASE_URL": "sqlite:///:memory:",
}


def start(**environment: str) -> subprocess.CompletedProcess[str]:
    """Run Django's checks with these variables and no others of ours."""
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=PROJECT,
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "acmeco.settings",
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def read_settings(**environment: str) -> dict[str, Any]:
    """Return the settings as they are with these variables and no others."""
    with mock.patch.dict(os.environ, environment, clear=True):
        return runpy.run_path(str(PROJECT / "acmeco" / "settings.py"))


def test_a_complete_production_set_up_starts_without_a_warning() -> None:
    done = start(**PRODUCTION)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
        ({"ALLOY_API_KEY": ""}, "the sandbox is for development only"),
        ({"ALLOY_WEBHOOK_TOKEN": ""}, "ALLOY_WEBHOOK_TOKEN is not set"),
        ({"ALLOY_WEBHOOK_BASE_URL": "http://acme.example"}, "must start with https://"),
        ({"ALLOY_SANDBOX_URL": "http://localhost:8001"}, "are both set"),
        ({"ALLOY_REGION": "mars"}, "ALLOY_REGION must be one of: us, eu."),
    ],
)
def test_an_unsafe_production_set_up_does_not_start(changed: dict[str, str], said: str) -> None:
    done = start(**{**PRODUCTION, **changed})
    assert done.returncode != 0
    assert said in done.stderr


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"DEBUG": "maybe"}, "DEBUG cannot be used: it is neither true nor false."),
        ({"LOG_JSON": "perhaps"}, "LOG_JSON cannot be used: it is neither true nor false."),
        ({"PORT": "abc"}, "PORT cannot be used: it is not a whole number."),
        ({"PORT": "-1"}, "PORT cannot be used: it is not a whole number."),
        ({"SANDBOX_PORT": "80800"}, "SANDBOX_PORT must be from 1 to 65535."),
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL is not the URL of a database, such as"),
        ({"DATABASE_URL": "postgres://u:p@host:abc/x"}, "DATABASE_URL is not the URL of"),
        ({"REDIS_URL": "nonsense"}, "REDIS_URL is not the URL of a Redis, such as"),
        ({"REDIS_URL": "redis://localhost:abc"}, "REDIS_URL is not the URL of a Redis, such as"),
        ({"ACCOUNT_EMAIL_VERIFICATION": "perhaps"}, "must be one of: none, optional, mandatory."),
        ({"ALLOY_REGION": "mars"}, "ALLOY_REGION must be one of: us, eu."),
        ({"ALLOY_API_KEY": "a b"}, "ALLOY_API_KEY must be a key as Alloy shows it"),
        ({"ALLOY_API_VERSION": "latest"}, "ALLOY_API_VERSION must be a version by its month"),
        ({"ALLOY_API_VERSION": "2023-13"}, "must be a version by its month, such as 2023-12."),
        ({"ALLOY_CONNECTIVITY_VERSION": "v1"}, "ALLOY_CONNECTIVITY_VERSION must be a version by"),
        ({"ALLOY_SANDBOX_URL": "mars"}, "ALLOY_SANDBOX_URL must be an address such as"),
        ({"ALLOY_SANDBOX_URL": "http://localhost:99999"}, "ALLOY_SANDBOX_URL must be an address"),
        ({"ALLOY_SANDBOX_URL": "http://localhost/x"}, "ALLOY_SANDBOX_URL is wrong. The embedded"),
        ({"ALLOY_WEBHOOK_BASE_URL": "mars"}, "ALLOY_WEBHOOK_BASE_URL must be an address such as"),
        ({"ALLOY_WEBHOOK_BASE_URL": "ftp://mars"}, "must be an address such as https://acme.ex"),
        ({"ALLOY_WEBHOOK_BASE_URL": "https://a.example/?b"}, "with nothing added to it."),
        ({"ALLOY_WEBHOOK_TOKEN": "short"}, "ALLOY_WEBHOOK_TOKEN must be a token of 16 letters"),
        ({"ALLOY_WEBHOOK_TOKEN": "t/" * 20}, "ALLOY_WEBHOOK_TOKEN must be a token of 16 letters"),
        ({"ALLOY_ENVIRONMENT": "e" * 65}, "ALLOY_ENVIRONMENT must be a name of at most 64"),
        ({"ALLOY_API_KEY_FILE": "/nowhere"}, "ALLOY_API_KEY_FILE names a file that cannot be"),
        ({"ALLOY_INTEGRATIONS_MAX_AGE": "ten"}, "MAX_AGE cannot be used: it is not a whole"),
        ({"ALLOY_INTEGRATIONS_MAX_AGE": "9" * 12}, "MAX_AGE must be from 0 to 86400."),
        ({"ALLOWED_HOSTS": "https://acme.example"}, "ALLOWED_HOSTS must be host names such as"),
        ({"ALLOWED_HOSTS": "acme.example:443"}, "ALLOWED_HOSTS must be host names such as"),
        ({"EMAIL_URL": "post://office"}, "EMAIL_URL is not the URL of a mail server, such as"),
        ({"EMAIL_URL": "smtp://"}, "EMAIL_URL is not the URL of a mail server, such as"),
        ({"DEFAULT_FROM_EMAIL": "somebody"}, "DEFAULT_FROM_EMAIL must be an e-mail address"),
        ({"METRICS_TOKEN": "a b"}, "METRICS_TOKEN must be letters and digits, without spaces."),
    ],
)
def test_a_value_that_makes_no_sense_is_one_clear_sentence(
    changed: dict[str, str], said: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=re.escape(said)) as refusal:
        read_settings(**{"DEBUG": "true", **changed})
    assert len(str(refusal.value).splitlines()) == 1


def test_a_file_is_read_and_the_environment_goes_first(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# a comment\n\nA=1\nexport B='2'\nPATH=x\n")
    with mock.patch.dict(os.environ, {"PATH": "y"}, clear=True):
        Environment().read_file(tmp_path / ".env")
        assert dict(os.environ) == {"PATH": "y", "A": "1", "B": "2"}


def test_no_file_is_needed(tmp_path: Path) -> None:
    Environment().read_file(tmp_path / ".env")


@pytest.mark.parametrize("line", ["SECRET_KEY = secret-value", "DEBUG: secret-value", "=", "x"])
def test_a_line_that_makes_no_sense_is_named_but_not_repeated(tmp_path: Path, line: str) -> None:
    (tmp_path / ".env").write_text(f"DEBUG=true\n{line}\n")
    with pytest.raises(ImproperlyConfigured, match=r"Line 2 of .* is neither") as refusal:
        Environment().read_file(tmp_path / ".env")
    assert "secret-value" not in str(refusal.value)


def test_a_file_that_is_no_text_is_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"\xff\xfe")
    for file in (tmp_path / ".env", tmp_path):
        with pytest.raises(ImproperlyConfigured, match="cannot be read as text"):
            Environment().read_file(file)


def test_the_sentence_is_all_that_is_printed() -> None:
    done = start(DEBUG="true", ALLOY_API_VERSION="latest")
    assert done.returncode != 0
    assert done.stderr == ("ALLOY_API_VERSION must be a version by its month, such as 2023-12.\n")


def test_the_example_token_is_refused_however_it_is_listed() -> None:
    listed = f"{'t' * 40}, development-webhook-token"
    done = start(**{**PRODUCTION, "ALLOY_WEBHOOK_TOKEN": listed})
    assert "ALLOY_WEBHOOK_TOKEN is not set" in done.stderr


def test_a_key_may_come_from_a_file(tmp_path: Path) -> None:
    mounted = tmp_path / "key"
    mounted.write_text("live-key-from-a-file\n")
    environment = {**PRODUCTION, "ALLOY_API_KEY_FILE": str(mounted)}
    del environment["ALLOY_API_KEY"]
    done = start(**environment)
    assert done.returncode == 0, done.stderr


def test_a_secret_that_begins_with_a_dollar_is_no_reference_to_another_variable() -> None:
    assert read_settings(DEBUG="true", ALLOY_API_KEY="$key")["ALLOY_API_KEY"] == "$key"


def test_no_secret_is_in_what_it_says_when_it_refuses() -> None:
    done = start(**{**PRODUCTION, "ALLOY_WEBHOOK_BASE_URL": "http://acme.example"})
    assert PRODUCTION["ALLOY_API_KEY"] not in done.stderr
    assert PRODUCTION["SECRET_KEY"] not in done.stderr


def test_every_variable_that_is_read_is_explained() -> None:
    explained = (PROJECT / ".env.example").read_text()
    source = (PROJECT / "acmeco" / "settings.py").read_text()
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', source))
    assert read
    assert {name for name in read if f"#{name}=" not in explained} == set()


def test_a_variable_that_is_set_but_empty_counts_as_not_set() -> None:
    explained = (PROJECT / ".env.example").read_text()
    names = set(re.findall(r"^#([A-Z_]+)=", explained, re.MULTILINE)) - {"DEBUG"}
    empty = read_settings(DEBUG="true", **dict.fromkeys(names, ""))
    unset = read_settings(DEBUG="true")
    assert {name: empty[name] for name in names & set(unset)} == {
        name: unset[name] for name in names & set(unset)
    }
