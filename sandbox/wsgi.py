"""The sandbox's entry point: `gunicorn --workers 1 --threads 16 sandbox.wsgi:application`.

One process, because the thread that sends the webhooks lives in it.
"""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sandbox.settings")
application = get_wsgi_application()

from sandbox.webhooks import sender  # noqa: E402 - models can only be imported once Django is set up

sender.start()
