"""Where the feedback on an action waits for the next page."""

from __future__ import annotations

from django.contrib.messages.storage.cookie import CookieStorage


class SandboxNotices(CookieStorage):
    """Django's cookie storage under a name of its own.

    Cookies know no ports: under the usual name they would mix with those of the app beside it.
    """

    cookie_name = "sandbox_notices"
