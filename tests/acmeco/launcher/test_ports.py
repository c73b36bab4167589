from __future__ import annotations

import socket

import pytest

from acmeco.launcher.parts import free_port, is_free, require_free
from acmeco.launcher.processes import LaunchError


def test_a_port_that_nobody_listens_on_is_free() -> None:
    assert is_free(free_port())


def test_no_port_is_given_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    given = free_port()
    offered = iter([given, *range(20_000, 32_000)])
    monkeypatch.setattr("random.randrange", lambda *_: next(offered))
    assert is_free(given)
    assert free_port() != given


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])  # noqa: S104 -- as others may
def test_a_taken_port_is_named_with_the_variable_that_moves_it(host: str) -> None:
    with socket.create_server((host, 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(
            LaunchError, match=rf"Port {port} is taken.*`SANDBOX_PORT=\d+ make run`"
        ):
            require_free(port, variable="SANDBOX_PORT")


def test_a_port_is_free_again_right_after_its_last_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            server.accept()[0].close()  # the side that closes first keeps the port for a while
    assert is_free(port)
