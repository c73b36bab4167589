"""The key, and where it leads."""

from __future__ import annotations

import time
from contextlib import suppress
from email.utils import parsedate_to_datetime

from integrations import conf
from integrations.alloy import AlloyClient, Hosts, NotFound, Refused, Unauthorized
from integrations.contrib.doctor.calls import SECONDS, briefly, get, needs_alloy
from integrations.contrib.doctor.result import Result, failed, ok, skipped, warning

REGIONS = ("us", "eu")
KNOWN_VERSIONS = ("2023-12", "2024-03", "2025-06", "2025-09")
TOLERATED_SKEW = 30.0  # seconds


@needs_alloy
def key_is_accepted() -> Result:
    """Ask for something that only the key opens."""
    if _opens(briefly()):
        return ok(f"Alloy accepts the key. Its environment is called {conf.environment()} here.")
    return failed(
        "Alloy does not accept the key.",
        "Copy it again from Alloy's dashboard (Settings > API Key) into API_KEY,"
        " and look at the region below.",
    )


@needs_alloy
def region_is_the_keys() -> Result:
    """Call Alloy with the key, which opens one region only; where it is refused, try the other."""
    account = conf.account()
    if account.stand_in:
        return skipped(f"All of Alloy is {account.stand_in} here, which has no regions.")
    here = next((each for each in REGIONS if account.hosts == Hosts.for_region(each)), "")
    if not here or _opens(briefly()):
        return ok(f"The account is in {here or account.hosts.embedded}.")
    for other in REGIONS:
        if other != here and _opens(_client_for(other)):
            return failed(f"The account is in {other}, not in {here}.", f"Set REGION to {other}.")
    return skipped("Alloy accepts the key in no region.")


@needs_alloy
def version_is_known() -> Result:
    """Call a path of the version: one that Alloy does not have is answered 404."""
    version = conf.account().version
    hint = f"Set API_VERSION to {KNOWN_VERSIONS[0]}, which this code is tested with."
    try:
        briefly().list_events()
    except NotFound:
        return failed(f"Alloy has no API version {version}.", hint)
    if version not in KNOWN_VERSIONS:
        return warning(f"Alloy answers version {version}, which nobody has tried here.", hint)
    return ok(f"Alloy answers version {version}.")


@needs_alloy
def clock_is_right() -> Result:
    """Compare our time with Alloy's: the Date of an answer."""
    asked_at = time.time()
    answer = get(conf.account().hosts.embedded, "/")
    ours = (asked_at + time.time()) / 2
    try:
        theirs = parsedate_to_datetime(answer.headers.get("Date", "")).timestamp()
    except ValueError:
        return skipped("Alloy does not say what time it is.")
    skew = ours - theirs
    if abs(skew) <= TOLERATED_SKEW:
        return ok(f"Our clock and Alloy's are {abs(skew):.0f} s apart, at most.")
    way = "ahead of" if skew > 0 else "behind"
    return warning(
        f"Our clock is {abs(skew):.0f} s {way} Alloy's.",
        "Switch on time synchronisation (NTP) on this machine.",
    )


def _opens(client: AlloyClient) -> bool:
    try:
        with suppress(NotFound, Refused):  # only somebody it knows is told so
            client.list_events()
    except Unauthorized:
        return False
    return True


def _client_for(region: str) -> AlloyClient:
    account = conf.account()
    hosts = Hosts.for_region(region)
    client = AlloyClient(api_key=account.api_key, hosts=hosts, version=account.version)
    return client.within(SECONDS)
