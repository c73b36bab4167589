"""No part of an address that opens something is ever written to a log."""

from __future__ import annotations

import logging
import re
import runpy
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver
from gunicorn.config import Config
from structlog.stdlib import ProcessorFormatter

from accounts.models import User
from acmeco.secret_urls import has_secret, mask_addresses
from tests.pages import logged_in

SECRET = "S3cretpart"


def secret_addresses(patterns: Any = None, prefix: str = "/") -> Iterator[str]:
    """Yield an address for every route that takes something secret."""
    for pattern in patterns or get_resolver().url_patterns:
        route = prefix + str(pattern.pattern).lstrip("^")
        if isinstance(pattern, URLResolver):
            yield from secret_addresses(pattern.url_patterns, route)
            continue
        names = re.findall(r"\(\?P<(\w+)>|<(?:\w+:)?(\w+)>", route)
        if has_secret(["".join(each) for each in names]):
            known = route.replace("(?P<kind>installations|orders|errors)", "orders")
            filled = re.sub(r"\(\?P<\w+>[^)]*\)|<[^>]*>", SECRET, known)
            yield filled.replace("/?$", "/").rstrip("$").replace("\\", "")


ADDRESSES = sorted(set(secret_addresses()))


def test_resets_confirmations_connections_and_webhooks_are_among_them() -> None:
    for part in (
        "password/reset/key/",
        "confirm-email/",
        "connections/callback/",
        "webhooks/alloy/",
    ):
        assert any(part in address for address in ADDRESSES)


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(
    "told",
    [
        "GET {}",
        "Not Found: {}more",
        "Referer checking failed - https://acme.example{} does not match",
        "/accounts/login/?next={quoted}&x=1",
        "/accounts/login/?next=/accounts/login/%3Fnext%3D{twice}",
        "{'path': '{}'}",
        "//shop{}",
    ],
)
def test_a_secret_part_is_masked_wherever_its_address_is_told(told: str, address: str) -> None:
    quoted = quote(address, safe="")
    text = told.replace("{quoted}", quoted).replace("{twice}", quote(quoted, safe=""))
    assert SECRET not in mask_addresses(text.replace("{}", address))


@pytest.mark.parametrize(
    "text",
    [
        "GET /orders/12/",
        "GET /integrations/63ea/connect/",
        "/admin/orders/order/5/change/",
        "a/b/c",
    ],
)
def test_what_is_no_secret_stays_readable(text: str) -> None:
    assert mask_addresses(text) == text


@pytest.mark.django_db
@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_that_is_logged_about_a_request_holds_it(
    merchant: User, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    careful = Client(enforce_csrf_checks=True, raise_request_exception=False)
    known = logged_in(merchant, raise_request_exception=False)
    for client in (careful, known):
        for path in (address, address.rstrip("/"), f"{address}?token={SECRET}", f"/x/{address}"):
            client.get(path)
            client.post(path, secure=True, headers={"Referer": f"https://else.example{path}"})
    [formatter] = [
        handler.formatter
        for handler in logging.getLogger().handlers
        if isinstance(handler.formatter, ProcessorFormatter)
    ]
    written = "\n".join(map(formatter.format, caplog.records))
    assert "request_finished" in written or "webhook_refused" in written
    assert SECRET not in written


@pytest.mark.parametrize("address", ADDRESSES)
def test_gunicorns_access_log_masks_them_too(address: str) -> None:
    logger = runpy.run_path("gunicorn.conf.py")["logger_class"](Config())
    encoded = address.replace("a", "%61", 1)
    environ = {
        "REQUEST_METHOD": "GET",
        "RAW_URI": f"{encoded}?q={SECRET}",
        "QUERY_STRING": f"q={SECRET}",
        "PATH_INFO": address,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_REFERER": f"https://acme.example{address}?token={SECRET}",
    }
    request = SimpleNamespace(headers=[("REFERER", environ["HTTP_REFERER"])])
    response = SimpleNamespace(status="200 OK", sent=1, headers=[])
    atoms = logger.atoms(response, request, environ, timedelta(seconds=1))
    shown = logger.cfg.access_log_format % logger.atoms_wrapper_class(atoms)
    assert "GET /" in shown
    assert SECRET not in shown
