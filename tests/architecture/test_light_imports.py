"""`import askew` and `askew --help` import nothing heavy."""

import subprocess
import sys

import pytest

HEAVY = ("torch", "sklearn", "pandas", "scipy", "polars", "pyarrow", "matplotlib", "skops")

CASES = {
    "import askew": "import askew",
    "its attributes": "import askew; dir(askew); askew.index.entries(); askew.__version__",
    "labels": "import askew; askew.labels.from_pyod([0, 1])",
    "errors": "import askew.errors, askew.index, askew.cli",
    "help": "from askew.cli.main import main; main(['--help'])",
    "help of a command": "from askew.cli.main import main; main(['fit', '--help'])",
    "methods": "from askew.cli.main import main; main(['methods'])",
}


@pytest.mark.parametrize("case", CASES)
def test_nothing_heavy_is_imported(case):
    program = f"{CASES[case]}\nimport sys; print('heavy:', *[m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.splitlines()[-1] == "heavy:"


def test_a_heavy_import_would_be_seen():
    program = f"import askew.base\nimport sys; print('heavy:', *[m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert "torch" in done.stdout.splitlines()[-1]
