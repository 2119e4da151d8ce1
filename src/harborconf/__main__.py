"""`python -m harborconf`."""

from __future__ import annotations

import sys

from harborconf.cli import main

sys.exit(main())
