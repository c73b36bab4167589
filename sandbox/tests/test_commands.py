"""The commands beside serving: sign, record, diff; and how serving begins and ends."""

from __future__ import annotations

import json
import shlex
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests

from alloy_sandbox import differences, recording
from alloy_sandbox.cli import main
from alloy_sandbox.core.masking import MASK
from alloy_sandbox.testing import running
from tests.conftest import BIGCOMMERCE, KEY, Sandbox
from tests.test_signature import verify

ALLOY_SANDBOX = (sys.executable, "-m", "alloy_sandbox")
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs a command here; it returns the exit code and what was said."""

    def run(*arguments: str) -> tuple[int, str]:
        capsys.readouterr()  # what was said before
        try:
            code = main(list(arguments))
        except SystemExit as refused:  # by argparse
            code = int(refused.code or 0)
        return code, "".join(capsys.readouterr())

    return run


def start(*arguments: str) -> tuple[int, str]:
    """Start a sandbox that cannot start, in a process of its own; it may not break."""
    command = [*ALLOY_SANDBOX, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_it_with_zero_and_without_a_traceback(how: signal.Signals) -> None:
    command = [*ALLOY_SANDBOX, "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        while "Ctrl-C" not in process.stdout.readline():
            pass
        process.send_signal(how)
        assert process.wait(30) == 0
        assert process.stderr.read() == ""


@pytest.mark.parametrize("why", ["cannot listen", "File exists", "another version"])
def test_why_it_cannot_start_is_a_sentence(sandbox: Sandbox, tmp_path: Path, why: str) -> None:
    with closing(sqlite3.connect(tmp_path / "sandbox.sqlite3")) as database:
        database.execute("CREATE TABLE theirs (id)")
    options = {
        "cannot listen": ("--port", sandbox.origin.rpartition(":")[2]),
        "File exists": ("--port", "0", "--data", __file__),
        "another version": ("--port", "0", "--data", str(tmp_path)),
    }
    code, said = start(*options[why])
    assert (code, why in said) == (1, True), said


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--port", "99999"], 2, "no port"),
        (["--port", "many"], 2, "invalid"),
        (["--origin", "nonsense"], 2, "is no origin"),
        (["--origin", "http://a.example/path"], 2, "is no origin"),
        (["diff", "nowhere"], 2, "There is no fixture in nowhere"),
        (["sign", "--url", "http://a/", "--sandbox", "http://localhost:1"], 1, "did not sign it"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(
    run: Run, arguments: list[str], code: int, said: str
) -> None:
    answered, printed = run(*arguments)
    assert (answered, said in printed) == (code, True), printed


def test_a_file_that_is_no_fixture_is_named(tmp_path: Path) -> None:
    for text in ("{cut", "[]", "{}"):
        (tmp_path / "0001.json").write_text(text)
        with pytest.raises(ValueError, match="is no fixture"):
            list(differences.fixtures_in(tmp_path))


def test_what_is_kept_in_a_folder_is_there_the_next_time(tmp_path: Path) -> None:
    data = f"--data={tmp_path}"
    with running(data) as origin:
        user_id = Sandbox(origin).new_user()
    with running(data) as origin:
        assert Sandbox(origin).get("/users/gregg")["userId"] == user_id


def test_a_signed_webhook_is_printed_to_be_posted(run: Run, sandbox: Sandbox) -> None:
    url, body = "http://localhost:9/orders/?userId=1", '{"name":"Björn\'s"}'
    code, printed = run("sign", "--url", url, "--body", body, "--sandbox", sandbox.origin)
    command = shlex.split(printed)
    assert code == 0
    headers = dict(each.split(": ") for each in command if ": " in each and each[0] != "{")
    pem = sandbox.call("GET", "/security/alloy_public_key.pem").text
    verify(pem, headers["X-Alloy-Signature"], f"POST{url}{body}")
    assert command[:4] == ["curl", "--request", "POST", url]
    assert command[-1] == body


def test_nothing_is_signed_for_what_is_no_address(run: Run, sandbox: Sandbox) -> None:
    code, said = run("sign", "--url", "localhost:3000/hooks", "--sandbox", sandbox.origin)
    assert (code, "http or https URL" in said, "curl" in said) == (1, True, False)


@pytest.fixture
def proxy(sandbox: Sandbox, tmp_path: Path) -> Iterator[str]:
    """Return the origin of a recording proxy whose upstream is the sandbox itself."""
    with recording.server(sandbox.origin, tmp_path, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


def record_a_life(proxy: str) -> None:
    """Make the calls of an app whose user installs something, through the proxy."""
    through = Sandbox(proxy)
    user_id = through.new_user()
    through.get(f"/users/{user_id}/token")
    through.get("/2024-03/integrations", userId=user_id)
    through.send(
        "POST",
        f"/users/{user_id}/credentials",
        {"credential": {"type": "bigcommerce", "data": {"accessToken": "hush"}}},
    )
    path = f"/users/{user_id}/integrations/{BIGCOMMERCE}/install-url"
    through.get(path)
    through.call("GET", "/users/nobody")
    through.send("DELETE", f"/users/{user_id}")


def test_what_a_proxy_records_has_no_secret_and_is_no_difference(
    run: Run, proxy: str, tmp_path: Path
) -> None:
    record_a_life(proxy)
    files = sorted(tmp_path.glob("*.json"))
    everything = "".join(file.read_text() for file in files)
    assert len(files) == 7
    assert not [secret for secret in (KEY, "hush", "eyJ") if secret in everything]
    assert json.loads(files[1].read_text())["answer"] == {"token": MASK}
    assert run("diff", str(tmp_path)) == (0, "0 differences\n")


def test_where_the_sandbox_answers_otherwise_is_said(run: Run, proxy: str, tmp_path: Path) -> None:
    Sandbox(proxy).new_user()
    Sandbox(proxy).get("/users/gregg")
    for file, answer in zip(
        sorted(tmp_path.glob("*.json")),
        ({"userId": 7, "extra": True}, {"userId": "x", "username": "gregg", "fullName": ""}),
        strict=True,
    ):
        file.write_text(json.dumps({**json.loads(file.read_text()), "answer": answer}))
    code, said = run("diff", str(tmp_path))
    assert (code, sorted(said.splitlines())) == (
        1,
        [
            "0001-POST-users.json: answer.extra is missing",
            "0001-POST-users.json: answer.userId is a text instead of a number",
            "2 differences",
        ],
    )


def test_a_proxy_hands_on_what_came_in_chunks(proxy: str, sandbox: Sandbox) -> None:
    Sandbox(proxy).call("POST", "/users", data=iter([b'{"username":', b'"gregg"}']))
    assert sandbox.get("/users/gregg")["username"] == "gregg"


def test_a_proxy_without_its_upstream_says_so(tmp_path: Path) -> None:
    with recording.server("http://localhost:1", tmp_path, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        answer = requests.get(f"http://localhost:{server.server_port}/users", timeout=30)
        server.shutdown()
    assert answer.status_code == 502
    assert "No answer" in answer.json()["message"]


def test_shapes_are_compared_however_deep() -> None:
    wanted = {"data": [{"a": 1, "b": {"c": "x"}}], "n": None}
    assert list(differences.differences(wanted, {"data": [], "n": "x"})) == []
    found = list(differences.differences(wanted, {"data": [{"a": 2, "b": {"c": []}}], "n": 0}))
    assert found == ["answer.data[].b.c is a list instead of a text"]
