from __future__ import annotations

import sys

from alloy_sandbox.cli import main

sys.exit(main())
