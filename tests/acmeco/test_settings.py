"""AcmeCo refuses to start in a way that would be unsafe, and says what to set."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import environ
import pytest
from django.core.checks import CheckMessage
from django.core.exceptions import ImproperlyConfigured

from acmeco import checks, variables

PROJECT = Path(__file__).resolve().parents[2]

PRODUCTION = {
    "DEBUG": "false",
    "SECRET_KEY": "b8yP0mTzKq3VnRw7LxJd2HsAf5UgCe9QiXoZtWvM4kN1lBhSpO6c",
    "ALLOY_API_KEY": "live-key-of-a-customer",
    "ALLOY_SANDBOX_URL": "",
    "ALLOY_WEBHOOK_BASE_URL": "https://acme.example",
    "ALLOY_WEBHOOK_TOKEN": "9f1c7be02ad84365b1f09e7d2c48a35f",
    "ALLOWED_HOSTS": "acme.example",
    "DATABASE_URL": "sqlite://:memory:",
    "EMAIL_URL": "smtp+tls://acme:pass@mail.acme.example:587",
}


def start(**environment: str) -> subprocess.CompletedProcess[str]:
    """Run Django's checks with these variables and no others of ours."""
    return run("manage.py", "check", "--deploy", "--fail-level", "DEBUG", **environment)


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python with these variables and no others of ours."""
    return subprocess.run(
        [sys.executable, *command],
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
    """Return the settings as they are with these variables and no others, a .env's neither."""
    with (
        mock.patch.dict(os.environ, environment, clear=True),
        mock.patch.object(environ.Env, "read_env"),
    ):
        return runpy.run_path(str(PROJECT / "acmeco" / "settings.py"))


def found_by_checks(**environment: str) -> list[CheckMessage]:
    """Return what the checks for production say of the settings with these variables."""
    settings = SimpleNamespace(**read_settings(**environment))
    with mock.patch.object(checks, "settings", settings):
        return checks.unsafe()


def test_a_complete_production_set_up_starts_without_a_warning() -> None:
    done = start(**PRODUCTION)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
        ({"SECRET_KEY": "a"}, "SECRET_KEY is shorter than 32 characters"),
        ({"SECRET_KEY": "a" * 64}, "SECRET_KEY repeats itself"),
        ({"SECRET_KEY": "only-for-development"}, "SECRET_KEY is not set, or is a placeholder"),
        ({"SECRET_KEY_FALLBACKS": "old"}, "SECRET_KEY_FALLBACKS is shorter than 32"),
        ({"METRICS_TOKEN": "a"}, "METRICS_TOKEN is shorter than 20 characters"),
        ({"ALLOY_API_KEY": ""}, "the sandbox is for development only"),
        ({"ALLOY_WEBHOOK_TOKEN": ""}, "ALLOY_WEBHOOK_TOKEN is not set"),
        ({"ALLOY_WEBHOOK_TOKEN": "a" * 16}, "ALLOY_WEBHOOK_TOKEN is shorter than 20"),
        ({"ALLOY_WEBHOOK_TOKEN": "a" * 32}, "ALLOY_WEBHOOK_TOKEN repeats itself"),
        ({"ALLOY_WEBHOOK_BASE_URL": "http://acme.example"}, "must start with https://"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS is not set"),
        ({"ALLOWED_HOSTS": "acme.example,*"}, "ALLOWED_HOSTS has *, which lets anybody's"),
        ({"ALLOWED_HOSTS": ".example"}, "ALLOWED_HOSTS has .example, which lets anybody's"),
        ({"EMAIL_URL": ""}, "EMAIL_URL names no mail server"),
        ({"EMAIL_URL": "consolemail://"}, "EMAIL_URL names no mail server"),
        ({"EMAIL_URL": "dummymail://"}, "EMAIL_URL names no mail server"),
        ({"DATABASE_URL": "postgres://db/n"}, "DATABASE_URL does not say how a PostgreSQL"),
        ({"DATABASE_REPLICA_URL": "postgres://localhost,b/n"}, "DATABASE_REPLICA_URL does not say"),
    ],
)
def test_an_unsafe_production_set_up_does_not_start(changed: dict[str, str], said: str) -> None:
    found = found_by_checks(**{**PRODUCTION, **changed})
    assert [each.msg for each in found if said in each.msg]
    assert all(each.hint for each in found)


@pytest.mark.parametrize(
    "url",
    ["db/n?sslmode=verify-full", "db/n?sslmode=disable", "localhost,127.0.0.1/n", "/n", "[::1]/n"],
)
def test_a_postgresql_is_near_or_says_who_it_is(url: str) -> None:
    assert not found_by_checks(**PRODUCTION | {"DATABASE_URL": f"postgres://{url}"})


@pytest.mark.parametrize(
    "command",
    [
        ["manage.py", "check"],
        ["-m", "celery", "-A", "acmeco", "report"],
        ["-c", "import acmeco.wsgi"],
    ],
)
def test_no_process_starts_unsafe(command: list[str]) -> None:
    done = run(*command, **{**PRODUCTION, "SECRET_KEY": "short-but-mine", "ALLOWED_HOSTS": "*"})
    assert done.returncode != 0
    assert "does not start" in done.stderr
    assert "SECRET_KEY is shorter than 32 characters. Make one with" in done.stderr
    assert "ALLOWED_HOSTS has *" in done.stderr
    assert PRODUCTION["ALLOY_API_KEY"] not in done.stderr
    assert "short-but-mine" not in done.stderr


def test_secrets_from_files_and_lists_are_looked_at_too(tmp_path: Path) -> None:
    weak = tmp_path / "weak"
    weak.write_text("b" * 64 + "\n")
    listed = f"{PRODUCTION['ALLOY_WEBHOOK_TOKEN']},{'c' * 32}"
    environment = {**PRODUCTION, "SECRET_KEY_FILE": str(weak), "ALLOY_WEBHOOK_TOKEN": listed}
    found = [each.msg.split()[0] for each in found_by_checks(**environment)]
    assert found == ["SECRET_KEY", "ALLOY_WEBHOOK_TOKEN"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"DEBUG": "maybe"}, "DEBUG must be one of: true, false, yes, no, on, off, 1, 0."),
        ({"LOG_JSON": "perhaps"}, "LOG_JSON must be one of: true, false"),
        ({"PORT": "abc"}, "PORT must be a whole number from 1 to 65535."),
        ({"PORT": "-1"}, "PORT must be a whole number from 1 to 65535."),
        ({"SANDBOX_PORT": "80800"}, "SANDBOX_PORT must be a whole number from 1 to 65535."),
        ({"TRUSTED_PROXY_COUNT": "all"}, "TRUSTED_PROXY_COUNT must be a whole number from 0 to"),
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL must be the URL of a PostgreSQL or SQLite"),
        ({"REDIS_URL": "nonsense"}, "REDIS_URL must be the URL of one Redis, such as"),
        ({"ALLOY_REGION": "mars"}, "ALLOY_REGION must be one of: us, eu."),
        ({"ALLOY_API_KEY": "a b"}, "ALLOY_API_KEY must be a key as Alloy shows it"),
        ({"ALLOY_API_VERSION": "latest"}, "ALLOY_API_VERSION must be a version by its month"),
        ({"ALLOY_API_VERSION": "2023-13"}, "must be a version by its month, such as 2023-12."),
        ({"ALLOY_CONNECTIVITY_VERSION": "v1"}, "ALLOY_CONNECTIVITY_VERSION must be a version by"),
        ({"ALLOY_SANDBOX_URL": "mars"}, "ALLOY_SANDBOX_URL must be an address such as"),
        ({"ALLOY_SANDBOX_URL": "http://localhost:99999"}, "ALLOY_SANDBOX_URL must be an address"),
        ({"ALLOY_SANDBOX_URL": "http://s", "ALLOY_API_KEY": "k"}, "are both set"),
        ({"ALLOY_WEBHOOK_BASE_URL": "mars"}, "ALLOY_WEBHOOK_BASE_URL must be an address such as"),
        ({"ALLOY_WEBHOOK_BASE_URL": "ftp://mars"}, "must be an address such as https://acme.ex"),
        ({"ALLOY_WEBHOOK_BASE_URL": "https://a.example/?b"}, "with nothing added to it."),
        ({"ALLOY_WEBHOOK_TOKEN": "t/" * 20}, "ALLOY_WEBHOOK_TOKEN must be letters, digits and"),
        ({"ALLOY_ENVIRONMENT": "e" * 65}, "ALLOY_ENVIRONMENT must be a name of at most 64"),
        ({"TRUSTED_PROXY_COUNT": "9" * 30}, "PROXY_COUNT must be a whole number from 0 to 10."),
        ({"ALLOY_API_KEY_FILE": "/nowhere"}, "ALLOY_API_KEY_FILE names a file that cannot be"),
        ({"ALLOWED_HOSTS": "https://acme.example"}, "ALLOWED_HOSTS must be host names such as"),
        ({"ALLOWED_HOSTS": "acme.example:443"}, "ALLOWED_HOSTS must be host names such as"),
        ({"ALLOWED_HOSTS": "."}, "ALLOWED_HOSTS must be host names such as"),
        ({"ALLOWED_HOSTS": "*.acme.example"}, "ALLOWED_HOSTS must be host names such as"),
        ({"EMAIL_URL": "post://office"}, "EMAIL_URL must be the URL of a mail server, such as"),
        ({"DEFAULT_FROM_EMAIL": "somebody"}, "DEFAULT_FROM_EMAIL must be an e-mail address"),
        ({"METRICS_TOKEN": "a b"}, "METRICS_TOKEN must be letters, digits and -._~, as they"),
    ],
)
def test_a_value_that_makes_no_sense_is_one_clear_sentence(
    changed: dict[str, str], said: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=re.escape(said)) as refusal:
        read_settings(**{"DEBUG": "true", **changed})
    assert len(str(refusal.value).splitlines()) == 1


def test_a_file_is_read_and_the_environment_goes_first(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# a comment\n\nA=1\nexport B='2'\nC=x\n")
    with mock.patch.dict(os.environ, {"C": "y"}, clear=True):
        env = variables.read(tmp_path / ".env", A=(str, ""), B=(str, ""), C=(str, ""), D=(str, "z"))
        assert [env(name) for name in "ABCD"] == ["1", "2", "y", "z"]


@pytest.mark.parametrize("line", ["SECRET_KEY = secret-value", "DEBUG: secret-value", "=", "x"])
def test_a_line_that_makes_no_sense_is_named_but_not_repeated(tmp_path: Path, line: str) -> None:
    (tmp_path / ".env").write_text(f"DEBUG=true\n{line}\n")
    with pytest.raises(ImproperlyConfigured, match=r"Line 2 of .* is neither") as refusal:
        variables.read(tmp_path / ".env")
    assert "secret-value" not in str(refusal.value)


def test_a_file_that_is_no_text_is_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"\xff\xfe")
    for file in (tmp_path / ".env", tmp_path):
        with pytest.raises(ImproperlyConfigured, match="cannot be read as text"):
            variables.read(file)


def test_the_sentence_is_all_that_is_printed() -> None:
    done = start(DEBUG="true", ALLOY_API_VERSION="latest")
    assert done.returncode != 0
    assert done.stderr == ("ALLOY_API_VERSION must be a version by its month, such as 2023-12.\n")


def test_a_key_may_come_from_a_file(tmp_path: Path) -> None:
    mounted = tmp_path / "key"
    mounted.write_text("live-key-from-a-file\n")
    environment = {**PRODUCTION, "ALLOY_API_KEY_FILE": str(mounted)}
    del environment["ALLOY_API_KEY"]
    assert read_settings(**environment)["ALLOY"]["API_KEY"] == "live-key-from-a-file"
    assert found_by_checks(**environment) == []


@pytest.mark.parametrize("key", ["$key", r"\$key", r"a$b\\$c$"])
def test_a_secret_with_a_dollar_is_no_reference_to_another_variable(key: str) -> None:
    assert read_settings(DEBUG="true", ALLOY_API_KEY=key)["ALLOY"]["API_KEY"] == key


def test_every_variable_that_is_read_is_explained() -> None:
    explained = (PROJECT / ".env.example").read_text()
    read = read_settings(DEBUG="true")["env"].scheme
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
