"""JSON under /_sandbox/, for tests and scripts: what can be done beside what Alloy's API can.

The dashboard's forms make the same calls. Unlike Alloy they refuse keys that they do not know, and
whatever changes something says in `message` what was done.
"""

from __future__ import annotations

from alloy_sandbox.core.api import Api

api = Api("control", who="anybody", prefix="_sandbox/")
