"""`alloy-sandbox diff`: where the sandbox answers a recorded call otherwise, in status or shape."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import urllib3

from alloy_sandbox.testing import KEY, running

Json = dict[str, Any]

IDENTIFIER = re.compile(r"[0-9a-f]{24}|[\w-]{21}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_connections = urllib3.PoolManager(retries=False, timeout=60)


def diff(options: argparse.Namespace) -> int:
    """Play the fixtures to a new sandbox, print what differs; return 1 if something does.

    Without anything to compare, say so and return 2.
    """
    try:
        fixtures = list(fixtures_in(options.fixtures))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    found = 0
    with running(*([f"--seed={options.seed}"] if options.seed else [])) as origin:
        ids: dict[str, str] = {}
        for name, fixture in fixtures:
            for line in play(fixture, origin, ids):
                found += 1
                print(f"{name}: {line}")
    print(f"{found} differences")
    return int(found > 0)


def fixtures_in(folder: Path) -> Iterator[tuple[str, Json]]:
    """Yield each fixture with its name; raises `ValueError` for none, or for what is not one."""
    files = sorted(folder.glob("*.json"))
    if not files:
        raise ValueError(f"There is no fixture in {folder}: fill it with `alloy-sandbox record`")
    for file in files:
        try:
            fixture = json.loads(file.read_text())
        except ValueError as error:
            raise ValueError(f"{file} is no fixture: {error}") from None
        if not isinstance(fixture, dict) or not fixture.keys() >= {"request", "status", "answer"}:
            raise ValueError(f"{file} is no fixture: it has no request, status and answer")
        yield file.name, fixture


def play(fixture: Json, origin: str, ids: dict[str, str]) -> Iterator[str]:
    """Make one recorded call to the sandbox; yield how its answer differs.

    `ids` are the recorded ids with those that the sandbox has in their places; new ones are added.
    """
    status, answer = _call(origin, fixture["request"], ids)
    if status != fixture["status"]:
        yield f"status {status} instead of {fixture['status']}"
        return
    if status < 300:
        _learn(fixture["answer"], answer, ids)
    yield from differences(fixture["answer"], answer)


def differences(wanted: Any, given: Any, where: str = "answer") -> Iterator[str]:
    """Yield where two JSON values differ in shape: keys, and kinds of values."""
    if wanted is None or given is None:
        return
    if isinstance(wanted, dict) and isinstance(given, dict):
        yield from (f"{where}.{key} is missing" for key in wanted.keys() - given.keys())
        yield from (
            f"{where}.{key} is not in the recording" for key in given.keys() - wanted.keys()
        )
        for key in wanted.keys() & given.keys():
            yield from differences(wanted[key], given[key], f"{where}.{key}")
    elif isinstance(wanted, list) and isinstance(given, list):
        if wanted and given:
            yield from differences(wanted[0], given[0], f"{where}[]")
    elif _kind(wanted) != _kind(given):
        yield f"{where} is {_kind(given)} instead of {_kind(wanted)}"


def _call(origin: str, request: Json, ids: dict[str, str]) -> tuple[int, Any]:
    said = json.dumps([request["path"], request["body"], request["headers"]])
    for recorded, here in ids.items():
        said = said.replace(recorded, here)
    path, body, headers = json.loads(said)
    sent = None if body is None else json.dumps(body).encode()
    headers |= {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    response = _connections.request(request["method"], origin + path, body=sent, headers=headers)
    try:
        return response.status, json.loads(response.data)
    except ValueError:
        return response.status, f"({len(response.data)} bytes that are no JSON)"


def _learn(recorded: Any, here: Any, ids: dict[str, str]) -> None:
    if isinstance(recorded, dict) and isinstance(here, dict):
        for key in recorded.keys() & here.keys():
            _learn(recorded[key], here[key], ids)
    elif isinstance(recorded, list) and isinstance(here, list):
        for one, other in zip(recorded, here, strict=False):
            _learn(one, other, ids)
    elif _is_id(recorded) and _is_id(here):
        ids.setdefault(recorded, here)


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and IDENTIFIER.fullmatch(value) is not None


def _kind(value: Any) -> str:
    kinds = {bool: "a boolean", int: "a number", float: "a number", str: "a text"}
    return kinds.get(type(value), "an object" if isinstance(value, dict) else "a list")
