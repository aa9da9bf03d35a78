"""``python -m askew``: the command without its script."""

import sys

from askew.cli.main import main

sys.exit(main())
