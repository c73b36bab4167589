"""Alloy's Connectivity API: one pattern for every service, with made-up services behind it.

At production.runalloy.com; its users are those of the Embedded API.
"""

from __future__ import annotations

from alloy_sandbox.core.api import Api

api = Api("connectivity")
