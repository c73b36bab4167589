"""Alloy's Embedded API; where its documents and clients spell a path in two ways, both."""

from __future__ import annotations

from alloy_sandbox.core.api import Api

api = Api("embedded")
