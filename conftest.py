"""What tests and doctests have in common: after each, the process is as it was."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "tests"))  # the doctests of src have no other way to it

pytest_plugins = ["whole_process"]
