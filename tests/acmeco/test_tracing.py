"""One trace leads from the click through the outbox to the call to Alloy, and to what ran there."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid

import pytest
from django.test import Client

from acmeco.tracing import masked
from integrations import correlation
from tests.documents import ROOT

PLAY = """
import logging, uuid
import django
django.setup()
logging.disable()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.test import Client
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from acmeco.tracing import trace
from django.utils import timezone
from integrations import correlation
from integrations.models import Message
from integrations.outbox import relay

kept = InMemorySpanExporter()
trace(SimpleSpanProcessor(kept))
form = {"email": "ada@acme.example", "password1": "a long pass phrase"}
answer = Client(SERVER_NAME="localhost").post("/accounts/signup/", form)
assert answer.status_code == 302, answer
Client(SERVER_NAME="localhost").get("/webhooks/alloy/this-token-is-secret/orders/")
relay.Relay(senders=1).drain(seconds=30)

[message] = Message.objects.all()
assert message.state == "delivered", message.last_error
now, heard_in = timezone.now(), str(uuid.uuid4())
with correlation.continued(heard_in, name="error webhook"):
    correlation.trace_run(message.correlation_id, "run of Orders", began=now, ended=now)
for span in kept.get_finished_spans():
    print(f"{span.context.trace_id:032x}", span.name, dict(span.attributes))
    for link in span.links:
        assert link.context.trace_id == uuid.UUID(heard_in).int
        print("linked", span.name)
print("message", message.correlation_id.replace("-", ""))
"""


def test_the_click_the_wait_and_the_call_are_one_trace_without_secrets(sandbox: object) -> None:
    printed = _play(sandbox_url=sandbox.url)  # type: ignore[attr-defined]
    trace_id = printed[-1].split()[1]
    names = [line.split(" ", 1)[1] for line in printed[:-1] if line.startswith(trace_id)]

    assert [name.split(" {")[0] for name in names] == [
        *("POST accounts/signup/", "provision: waiting", "POST /users", "provision"),
        "run of Orders",
    ]
    assert "linked run of Orders" in printed
    assert "this-token-is-secret" not in "".join(printed)
    assert "/webhooks/alloy/[masked]/orders/" in "".join(printed)


def _play(*, sandbox_url: str) -> list[str]:
    """Trace in a process of its own: instrumenting is for good."""
    done = subprocess.run(
        [sys.executable, "-c", PLAY],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "acmeco.settings",
            "DEBUG": "true",
            "DATABASE_URL": "sqlite://:memory:",
            "ALLOY_SANDBOX_URL": sandbox_url,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_an_id_that_is_no_traces_begins_one_of_its_own() -> None:
    assert correlation._parent("req-17") is None
    assert correlation._parent(str(uuid.UUID(int=0xABC << 64))) is not None


@pytest.mark.django_db
def test_nothing_is_traced_unless_it_is_configured(client: Client) -> None:
    client.get("/")
    assert correlation.of_trace() is None


def test_a_crash_report_holds_no_secret_part_of_an_address() -> None:
    text = (
        "GET https://acme.example/webhooks/alloy/abcdefgh/orders/ with Bearer sandbox_dev_12345678"
    )
    assert "abcdefgh" not in masked(text)
    assert "12345678" not in masked(text)
