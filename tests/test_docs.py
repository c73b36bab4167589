"""What the documents link to, and what they tell to type, is there."""

from __future__ import annotations

import importlib.util
import re
import shlex
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from django.core.management import get_commands, load_command_class
from django.core.management.base import BaseCommand

from integrations.alloy import AlloyClient
from integrations.contrib.connectivity.client import ConnectivityClient
from tests.documents import DOCUMENTS, ROOT, all_blocks

LENGTHS = re.findall(r"\]\(([^)]+\.py)\) \((\d+)\)", (ROOT / "README.md").read_text())
CODE = "\n".join(
    [
        each.text
        for each in all_blocks()
        if each.language == "sh" and not each.text.startswith("python ")
    ]
    + [text for path in DOCUMENTS for text in re.findall(r"`[^`\n]+`", path.read_text())]
)
MANAGE = sorted(set(re.findall(r"manage\.py ([a-z_]+(?: --?[a-z][\w-]*(?:[ =]\d+)?)*)", CODE)))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_a_document_links_to_is_there(document: Path) -> None:
    text = document.read_text()
    for link in re.findall(r"\]\((?!https?:|mailto:)([^)\s]+)\)|<img src=\"([^\"]+)", text):
        name, _, anchor = (link[0] or link[1]).partition("#")
        target = document.parent / unquote(name) if name else document
        assert target.exists(), link
        if anchor and target.suffix == ".md":
            assert anchor in {_anchor(line) for line in target.read_text().splitlines()}, link


def _anchor(heading: str) -> str:
    """Return what a heading is linked by, as GitHub makes it."""
    if not heading.startswith("#"):
        return ""
    plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading.lstrip("# "))
    return re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")


@pytest.mark.parametrize(("path", "said"), LENGTHS)
def test_a_stop_of_the_hour_is_about_as_long_as_it_says(path: str, said: str) -> None:
    lines = len((ROOT / path).read_text().splitlines())
    assert abs(lines - int(said)) <= 0.15 * lines


@pytest.mark.parametrize("line", MANAGE)
def test_each_management_command_knows_the_options_it_is_shown_with(line: str) -> None:
    name, *options = shlex.split(line)
    app = get_commands()[name]
    command = app if isinstance(app, BaseCommand) else load_command_class(app, name)
    known = command.create_parser("manage.py", name)._option_string_actions
    assert {each.partition("=")[0] for each in options if each.startswith("-")} <= known.keys()


def test_each_target_of_make_and_each_bench_that_is_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    benches = set(re.findall(r"python -m (bench\.\w+)", CODE))

    assert set(re.findall(r"(?:^    |`)make ([a-z]+)", CODE, re.MULTILINE)) <= targets
    assert [name for name in benches if importlib.util.find_spec(name) is None] == []


def test_every_page_of_docs_can_be_reached_from_the_readme() -> None:
    seen, waiting = set(), [ROOT / "README.md"]
    while waiting:
        path = waiting.pop()
        if path in seen or path.suffix != ".md":
            continue
        seen.add(path)
        links = re.findall(r"\]\((?!https?:)([^)#\s]+)", path.read_text())
        waiting += [(path.parent / link).resolve() for link in links]
    tracked = subprocess.run(
        ["git", "ls-files", "docs/*.md"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert {ROOT / name for name in tracked.stdout.split()} <= seen


def test_every_page_of_docs_is_in_the_menu_of_the_site() -> None:
    config = tomllib.loads((ROOT / "zensical.toml").read_text())
    assert set(_pages(config["project"]["nav"])) == {
        path.relative_to(ROOT).as_posix() for path in DOCUMENTS
    }


def _pages(menu: Any) -> Iterator[str]:
    if isinstance(menu, str):
        yield menu
    else:
        for each in menu.values() if isinstance(menu, dict) else menu:
            yield from _pages(each)


def test_api_calls_names_every_method_that_calls_alloy() -> None:
    clients = ("integrations/alloy/client.py", "integrations/contrib/connectivity/client.py")
    calls = {
        name
        for path in clients
        for name, body in re.findall(
            r"^    def ([a-z]\w+)\((.*?)(?=^    def |^class |\Z)",
            (ROOT / path).read_text(),
            re.MULTILINE | re.DOTALL,
        )
        if re.search(r"self\._(one|many|do|answer|each)\(", body)
    }
    listed = (ROOT / "docs" / "api-calls.md").read_text()

    assert sorted(name for name in calls if f"`{name}`" not in listed) == []


def test_api_calls_names_files_that_make_the_call() -> None:
    for row in (ROOT / "docs" / "api-calls.md").read_text().splitlines():
        _, _, methods, _, places, *_ = [*row.split("|"), *([""] * 5)]
        for place in re.findall(r"`((?:integrations|contrib|meetings)/[\w/.]+)`", places):
            path = ROOT / ("integrations" if place.startswith("contrib") else "") / place
            code = "\n".join(
                each.read_text() for each in [path, *path.rglob("*.py")] if each.is_file()
            )
            for method in re.findall(r"`(\w+)`", methods):
                assert re.search(rf"\.{method}\b", code), (method, place)


@pytest.mark.parametrize("client", [AlloyClient, ConnectivityClient])
def test_each_method_that_calls_alloy_names_the_page_its_rules_come_from(client: type) -> None:
    methods = [name for name in vars(client) if not name.startswith("_")]
    unnamed = [name for name in methods if not re.search(r"\[[a-z]", getattr(client, name).__doc__)]
    assert unnamed == []


NAMED = r"`((?:[\w.-]+/)*[\w.-]+\.(?:py|md|js|html|yaml|json|toml))(?:::(\w+))?`"
OF_THE_READER = {"tests/orders/test_delays.py", "shipments.json", "app.js", "django.po"}


OF_NOW = [  # the files of the one are the reader's, and the other names what is gone
    path for path in DOCUMENTS if path.name not in ("use-it-in-your-project.md", "CHANGELOG.md")
]


@pytest.mark.parametrize("document", OF_NOW, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_file_test_and_setting_that_a_document_names_is_there(
    document: Path, names: Names
) -> None:
    text = document.read_text()
    for path, test in re.findall(NAMED, text):
        assert path in OF_THE_READER or names.has_file(path), path
        assert f"def {test}" in names.code, test
    for setting in re.findall(r"`([A-Z]+_[A-Z_]+)`", text):
        assert re.search(rf"\b{setting.removesuffix('_FILE')}\b", names.code), setting


class Names:
    """What is in the repository: the paths of its files, and their code as one text."""

    def __init__(self) -> None:
        listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
        done = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True)
        self._paths = done.stdout.split("\n")
        code = (".py", ".env", ".yaml", ".yml", "Dockerfile")
        self.code = "\n".join(
            (ROOT / path).read_text()
            for path in self._paths
            if path.endswith(code) and (ROOT / path).exists()
        )

    def has_file(self, path: str) -> bool:
        return any(each == path or each.endswith(f"/{path}") for each in self._paths)


@pytest.fixture(scope="module")
def names() -> Names:
    return Names()
