"""Everything the sandbox remembers."""

from alloy_sandbox.core.models.catalogue import *  # noqa: F403
from alloy_sandbox.core.models.traffic import *  # noqa: F403
from alloy_sandbox.core.models.users import *  # noqa: F403
