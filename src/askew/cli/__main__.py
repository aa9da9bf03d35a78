"""``python -m askew.cli``: the same as ``python -m askew``."""

import sys

from askew.cli.main import main

sys.exit(main())
