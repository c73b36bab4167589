"""The URLs that Alloy is to post to, as they are pasted into its dashboard."""

from __future__ import annotations

from dataclasses import dataclass

from integrations import conf


@dataclass(frozen=True)
class Destination:
    """A webhook URL and the place at Alloy it is pasted into."""

    kind: str
    where: str
    url: str


def destinations() -> list[Destination]:
    """Return the three URLs, with the current token; `{userId}` is for the builder to fill in."""
    base = f"{conf.webhook_base_url()}/webhooks/alloy/{conf.webhook_tokens()[0]}"
    return [
        Destination(
            "installations",
            "Settings > General > Integration Installation Webhook",
            f"{base}/installations/",
        ),
        Destination(
            "orders", "Stream Data block > Destination URL", f"{base}/orders/?userId={{userId}}"
        ),
        Destination("errors", "Settings > Logging > Route Error Logs", f"{base}/errors/"),
    ]
