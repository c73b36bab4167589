"""The environment variables that tell the processes of one machine where the others are."""

from __future__ import annotations

from pathlib import Path


def acmeco_environment(
    *, port: int, sandbox_port: int, redis_url: str, metrics: Path
) -> dict[str, str]:
    """Return what web, worker, beat and the management commands need to find each other.

    In the `metrics` folder all of them keep the counters that /metrics adds up.
    """
    return {
        "DJANGO_SETTINGS_MODULE": "acmeco.settings",
        "DEBUG": "true",
        "PORT": str(port),
        "SANDBOX_PORT": str(sandbox_port),
        "REDIS_URL": redis_url,
        "PROMETHEUS_MULTIPROC_DIR": str(metrics),
    }


def sandbox_environment(*, port: int, webhook_base_url: str, webhook_token: str) -> dict[str, str]:
    """Return where the sandbox is, and where it posts its webhooks to."""
    webhooks = f"{webhook_base_url}/webhooks/alloy/{webhook_token}"
    return {
        "SANDBOX_PORT": str(port),
        "SANDBOX_INSTALLATIONS_URL": f"{webhooks}/installations/",
        "SANDBOX_ORDERS_URL": f"{webhooks}/orders/?userId={{userId}}",
        "SANDBOX_ERRORS_URL": f"{webhooks}/errors/",
    }
