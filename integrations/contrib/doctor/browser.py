"""Checks what a merchant's browser needs to show Alloy's modal."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from django.urls import NoReverseMatch, reverse

from integrations import conf
from integrations.alloy import AlloyError
from integrations.contrib.doctor.calls import get, needs_alloy
from integrations.contrib.doctor.result import Result, failed, ok, skipped


@needs_alloy
def script_is_there() -> Result:
    """Fetch the script that shows the modal."""
    url = conf.account().hosts.script_url
    parts = urlsplit(url)
    answer = get(f"{parts.scheme}://{parts.netloc}", parts.path)
    if answer.ok and "javascript" in answer.headers.get("Content-Type", ""):
        return ok(f"{url} is there.")
    return failed(
        f"{url} answers {answer.status} and no script.",
        "Open it in a browser; if it shows there, let this machine's proxy pass it.",
    )


def policy_allows_alloy() -> Result:
    """Read the Content Security Policy as our own site sends it, through whatever stands before."""
    base = conf.webhook_base_url()
    try:
        answer = get(base, reverse("integrations:list"))
    except (AlloyError, NoReverseMatch):
        return skipped(f"{base} shows no integrations page from here.")
    policy = _parse(answer.headers.get("Content-Security-Policy", ""))
    if forbidden := _forbidden(policy):
        return failed(
            f"The site's Content Security Policy forbids {' and '.join(forbidden)}.",
            "Add them to your policy (SECURE_CSP, CONTENT_SECURITY_POLICY), or to the proxy's.",
        )
    return ok("The site's Content Security Policy allows Alloy's script, modal and calls.")


def _forbidden(policy: Mapping[str, list[str]]) -> list[str]:
    hosts = conf.account().hosts
    needed = {"script-src": hosts.cdn, "frame-src": hosts.app, "connect-src": hosts.embedded}
    return [
        f"{origin} in {directive}"
        for directive, origin in needed.items()
        if not _allows(policy.get(directive, policy.get("default-src")), origin)
    ]


def _parse(policy: str) -> dict[str, list[str]]:
    words = (directive.split() for directive in policy.split(";"))
    return {name.lower(): sources for name, *sources in filter(None, words)}


def _allows(sources: list[str] | None, origin: str) -> bool:
    """Say whether a browser would fetch from the origin; None stands for a directive not given."""
    if sources is None:
        return True
    scheme, host = origin.split("://")
    return any(
        source in ("*", f"{scheme}:", origin, host)
        or ("*." in source and host.endswith(source.split("*")[-1]))
        for source in (each.rstrip("/").lower() for each in sources)
    )
