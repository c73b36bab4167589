"""The one call that every baseline makes."""

from __future__ import annotations

import os

import requests

_session = requests.Session()
_session.trust_env = False
_session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=200))


def post(order: int, number: int) -> None:
    """Tell Alloy of an order's event; raises on anything but a 2xx."""
    answer = _session.post(
        f"{os.environ['ALLOY']}/2023-12/run/event",
        json={"event": "Fulfillment Updated", "data": {"orderId": str(order), "number": number}},
        headers={"Idempotency-Key": f"{order}:{number}", "Authorization": "Bearer sandbox_bench"},
        timeout=8,
    )
    answer.raise_for_status()
