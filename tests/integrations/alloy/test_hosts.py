"""Where Alloy is looked for."""

from __future__ import annotations

import pytest

from integrations.alloy import Hosts


def test_the_regions_have_the_hosts_of_alloys_own_sdks() -> None:
    assert Hosts.for_region("us").embedded == "https://embedded.runalloy.com"
    assert Hosts.for_region("eu").embedded == "https://eu-embedded.runalloy.com"
    assert Hosts.for_region("eu").app == "https://eu-app.runalloy.com"


def test_an_unknown_region_is_refused_and_the_known_ones_are_named() -> None:
    with pytest.raises(ValueError, match='"us" and "eu"'):
        Hosts.for_region("US-EAST")


def test_one_origin_can_stand_in_for_all() -> None:
    hosts = Hosts.at("http://localhost:8001/")
    assert {hosts.embedded, hosts.app, hosts.production, hosts.cdn} == {"http://localhost:8001"}
    assert hosts.script_url == "http://localhost:8001/scripts/embedded.js"
    assert hosts.public_key_url == "http://localhost:8001/security/alloy_public_key.pem"


@pytest.mark.parametrize(
    "not_an_origin",
    [
        *("", "localhost:8001", "ftp://localhost", "javascript:alert(1)", "http://"),
        *("http://localhost/api", "http://localhost?x=1", "http://user:secret@localhost"),
        *("http://localhost:port", "http://local host"),
    ],
)
def test_what_is_not_an_origin_is_refused(not_an_origin: str) -> None:
    with pytest.raises(ValueError, match="must be an origin"):
        Hosts.at(not_an_origin)
