"""Send a signed webhook to the running site, as Alloy would: with the sandbox's key.

manage.py send_test_webhook orders --user jane@example.com
manage.py send_test_webhook errors --user 6749ddb3c68f4d9bbed27c4d --body error.json
"""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q
from django.utils import timezone

from integrations import conf
from integrations.destinations import destinations
from integrations.models import AlloyUser, Delivery
from integrations.redaction import redact

_SECONDS = 15.0
_WORKFLOW = "665d97562d8169fd95cc8ca2"


class Command(BaseCommand):
    """Makes a body up, or takes one from a file; has it signed; posts it; prints the answer."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=Delivery.Kind.values, help="Which of the webhooks.")
        parser.add_argument("--user", required=True, help="Whose: an e-mail address or a userId.")
        parser.add_argument("--url", help="Where to, if not where Alloy was told to post.")
        parser.add_argument("--body", type=Path, help="A file with the JSON to send.")

    def handle(self, *args: Any, **options: Any) -> None:
        sandbox = _sandbox()
        kind, user_id = options["kind"], _user_id(options["user"])
        sent = _read(options["body"]) if options["body"] else sample(kind, user_id, timezone.now())
        url = options["url"] or _url_for(kind, user_id)
        self.stdout.write(f"POST {redact(url)}")
        # As JavaScript writes it, and Alloy signs it: no spaces, non-ASCII as it is.
        body = json.dumps(sent, separators=(",", ":"), ensure_ascii=False)
        with requests.Session() as session:
            session.trust_env = False  # both are on this machine or near: no proxy in between
            signature = _sign(session, sandbox, url, body)
            answer = _post(session, url, body, {**_headers(kind, user_id, sent), **signature})
        self.stdout.write(f"{answer.status_code} {redact(answer.text)}")
        if not 200 <= answer.status_code < 300:
            raise CommandError("It was refused.")


def sample(kind: str, user_id: str, now: datetime) -> dict[str, Any]:
    """Return a body as Alloy's documentation shows it; another one each second, so each is new."""
    number = int(now.timestamp())
    match kind:
        case Delivery.Kind.INSTALLATION:
            return {
                "userId": user_id,
                "workflowIds": [_WORKFLOW],
                "integrationId": "665d974f8466237167bbc4ba",
                "credentials": {"bigcommerce": "6749ddddf9c3eb2808b50d6a"},
                "success": True,
            }
        case Delivery.Kind.ERROR:
            return {
                "_id": f"{number:024x}",
                "workflowId": _WORKFLOW,
                "executionId": f"{number:024x}",
                "blockId": "edb4e8e8-0d1c-4c5f-9a58-1f0e4ab6a7b1",
                "blockType": "alloy.bigcommerce",
                "error": "Error: Request failed with status code 403",
                "createdAt": now.isoformat(),
                "updatedAt": now.isoformat(),
            }
        case _:  # a BigCommerce order (V2 API), which is what the Stream Data block passes on
            return {
                "id": number,
                "date_created": format_datetime(now),
                "date_modified": format_datetime(now),
                "status_id": 11,
                "status": "Awaiting Fulfillment",
                "total_inc_tax": "49.9900",
                "default_currency_code": "USD",
                "currency_code": "USD",
                "items_total": 2,
                "billing_address": {
                    "first_name": "Test",
                    "last_name": "Webhook",
                    "email": "test-webhook@shopper.example",
                },
            }


def _headers(kind: str, user_id: str, body: dict[str, Any]) -> dict[str, str]:
    """Return the X-Alloy headers that come with what a workflow sends; not signed."""
    if kind == Delivery.Kind.INSTALLATION:
        return {}
    return {
        "X-Alloy-UserId": user_id,
        "X-Alloy-WorkflowId": str(body.get("workflowId", _WORKFLOW)),
        "X-Alloy-ExecutionUuid": str(body.get("executionId", uuid.uuid4())),
    }


def _url_for(kind: str, user_id: str) -> str:
    url = next(each.url for each in destinations() if each.kind == kind)
    return url.replace("{userId}", quote(user_id, safe=""))


def _sandbox() -> str:
    """Return the origin of the sandbox that stands in for Alloy."""
    origin = conf.account().stand_in
    if not origin:
        raise CommandError(
            "This is live: only Alloy has the key that signs its webhooks, so nobody here can"
            " make one up. Set SANDBOX_URL in place of API_KEY to use the sandbox."
        )
    return origin


def _sign(session: requests.Session, origin: str, url: str, body: str) -> dict[str, str]:
    """Have the sandbox sign: it holds the private half of the key that we check with."""
    wanted = {"url": url, "body": body}
    try:
        answer = session.post(f"{origin}/_sandbox/signatures", json=wanted, timeout=_SECONDS)
        answer.raise_for_status()
        signed = answer.json()
        return {str(signed["header"]): str(signed["signature"])}
    except (requests.RequestException, ValueError, KeyError, TypeError) as error:
        raise CommandError(
            f"The sandbox at {origin} did not sign it ({type(error).__name__}). Is it up?"
        ) from None


def _post(
    session: requests.Session, url: str, body: str, headers: dict[str, str]
) -> requests.Response:
    try:
        return session.post(
            url,
            data=body.encode(),
            headers={**headers, "Content-Type": "application/json"},
            timeout=_SECONDS,
            allow_redirects=False,
        )
    except (requests.RequestException, ValueError) as error:
        raise CommandError(f"Nobody took it: {type(error).__name__}. Is the site up?") from None


def _user_id(who: str) -> str:
    known = AlloyUser.objects.filter(environment=conf.environment()).exclude(user_id="")
    whose = Q(user_id=who) | Q(username=who)
    if "email" in {field.name for field in conf.tenant_class()._meta.fields}:
        whose |= Q(tenant__email=who)
    found = known.filter(whose).first()
    if found is None:
        raise CommandError(
            f"No user of ours at Alloy is called {who}, nor has that userId."
            " `manage.py relay` makes one of everybody, soon."
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
