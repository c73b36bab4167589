"""How often somebody may do something. Counted in memory, so each web process counts for itself.

That is enough to stop a loop or a flood, needs no Redis, and cannot fail.
"""

from __future__ import annotations

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

MODAL_TOKENS = parse("20/minute")
INSTALL_LINKS = parse("10/minute")
CONNECTS = parse("20/minute")
REFUSED_WEBHOOKS = parse("300/minute")

_limiter = FixedWindowRateLimiter(MemoryStorage())


def exceeded(limit: RateLimitItem, *who: str) -> bool:
    """Count one more for `who`, and say whether it is one too many."""
    # To look is much cheaper than to count, which starts a thread at times: a flood is only seen.
    return not (_limiter.test(limit, *who) and _limiter.hit(limit, *who))


def forget_all() -> None:
    """Start counting anew; for tests."""
    _limiter.storage.reset()
