"""Finds the visitor's IP address, also behind proxies."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from typing import Any

import structlog
from django.conf import settings
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django_structlog.signals import bind_extra_request_metadata

THIS_MACHINE = "127.0.0.1"
"""The address of a client on a Unix socket, which has none."""


class VisitorAddressMiddleware:
    """Sets REMOTE_ADDR to the visitor's address; whatever asks for it, asks nothing else.

    Each proxy adds the address it was called from at the end of X-Forwarded-For. So as many of its
    last entries are true as there are proxies of ours (TRUSTED_PROXY_COUNT); whatever stands before
    them, the client may have written.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.META["REMOTE_ADDR"] = visitor_address(request.META)
        return self.get_response(request)


def visitor_address(meta: dict[str, Any]) -> str:
    """Return the address of whoever called the outermost proxy that is ours."""
    calls = [*str(meta.get("HTTP_X_FORWARDED_FOR", "")).split(","), meta.get("REMOTE_ADDR", "")]
    for call in calls[-1 - settings.TRUSTED_PROXY_COUNT :]:
        if address := _address_in(call):
            return address
    return THIS_MACHINE


def _address_in(call: str) -> str:
    """Return the IP address, without a port or brackets; "" where there is none."""
    host = call.strip()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ip_address(host)
    except ValueError:
        return ""
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(address).partition("%")[0]


@receiver(bind_extra_request_metadata)
def log_visitor(request: HttpRequest, **_signal: Any) -> None:
    """Have every line of the request's log say where it came from."""
    structlog.contextvars.bind_contextvars(ip=request.META["REMOTE_ADDR"])
