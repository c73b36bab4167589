"""The WSGI entry point that gunicorn serves."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "acmeco.settings")

_OTHER_CHARSET = re.compile(r'(charset=)(?!"?utf-?8"?\s*(?:;|$))[^;]*', re.IGNORECASE)

django = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Serve a request.

    Django decodes the query by the charset of the body before any middleware is asked, and Python
    knows charsets that fail at that ("undefined", "hex"). One that nobody knows is passed over, and
    refused later where it matters: see acmeco/middleware.py.
    """
    if kind := environ.get("CONTENT_TYPE"):
        environ["CONTENT_TYPE"] = _OTHER_CHARSET.sub(r"\1unreadable", kind)
    return django(environ, start_response)
