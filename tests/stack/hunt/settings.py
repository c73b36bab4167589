"""AcmeCo's settings with DEBUG off, and a key that can be told from every other text."""

from __future__ import annotations

from acmeco.settings import *  # noqa: F403 -- everything but what follows is as shipped
from acmeco.settings import ALLOY

API_KEY = "sandbox_KeyThatNobodyMaySee"
METRICS_TOKEN = "metrics-token-of-the-hunt"

# Only now: with DEBUG off from the start AcmeCo would refuse the sandbox.
DEBUG = False
ALLOWED_HOSTS = ["localhost"]
ALLOY = {**ALLOY, "API_KEY": API_KEY}
ROOT_URLCONF = "tests.stack.hunt.urls"
