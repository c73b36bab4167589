"""Send a signed webhook to the running site, as Alloy would: with the sandbox's key.

manage.py send_test_webhook orders --user jane@example.com
manage.py send_test_webhook errors --user 6749ddb3c68f4d9bbed27c4d --body error.json
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q
from django.utils import timezone

from integrations import conf
from integrations.inbox import rehearsal, samples
from integrations.models import AlloyUser, Delivery
from integrations.redaction import redact


class Command(BaseCommand):
    """Makes a body up, or takes one from a file; has it signed; posts it; prints the answer."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=Delivery.Kind.values, help="Which of the webhooks.")
        parser.add_argument("--user", required=True, help="Whose: an e-mail address or a userId.")
        parser.add_argument("--url", help="Where to, if not where Alloy was told to post.")
        parser.add_argument("--body", type=Path, help="A file with the JSON to send.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            rehearsal.sandbox()
            answered = self._send(**options)
        except rehearsal.CannotRehearse as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{answered.status} {redact(answered.body)}")
        if not 200 <= answered.status < 300:
            raise CommandError("It was refused.")

    def _send(
        self, *, kind: str, user: str, url: str | None, body: Path | None, **_: Any
    ) -> rehearsal.Answered:
        user_id = _user_id(user)
        sent = _read(body) if body else samples.sample_of(kind, user_id=user_id, now=timezone.now())
        url = url or rehearsal.url_for(kind, user_id=user_id)
        self.stdout.write(f"POST {redact(url)}")
        return rehearsal.post(
            url=url,
            body=rehearsal.as_javascript_writes(sent),
            headers=samples.headers_of(kind, user_id=user_id, body=sent),
        )


def _user_id(who: str) -> str:
    known = AlloyUser.objects.filter(environment=conf.environment()).exclude(user_id="")
    found = known.filter(Q(user_id=who) | Q(username=who)).first()
    if found is None:
        raise CommandError(
            f"No user of ours at Alloy is called {who}, nor has that userId."
            " `manage.py provision_alloy_users` makes one of everybody."
        )
    return found.user_id


def _read(file: Path) -> dict[str, Any]:
    try:
        body = json.loads(file.read_bytes())
    except (OSError, ValueError) as error:
        raise CommandError(f"{file} cannot be read as JSON: {error}") from error
    if not isinstance(body, dict):
        raise CommandError(f"{file} must hold a JSON object.")
    return body
