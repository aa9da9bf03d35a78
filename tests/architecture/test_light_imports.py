"""What imports nothing heavy: the package, its lists and helps. One process shows what each step adds."""

import json
import os
import subprocess
import sys

import pytest

HEAVY = {
    "torch",
    "sklearn",
    "pandas",
    "scipy",
    "numpy",
    "polars",
    "pyarrow",
    "matplotlib",
    "narwhals",
    "skops",
}

STEPS = {
    "import askew": "import askew",
    "its attributes": "dir(askew); askew.index.entries(); askew.__version__",
    "errors": "import askew.errors, askew.index, askew.cli",
    "benchmarks": "import askew.benchmarks",
    "nothing": "assert main([]) == 0",
    "help": "assert main(['--help']) == 0",
    "version": "assert main(['--version']) == 0",
    "help of fit": "assert main(['fit', '--help']) == 0",
    "help of score": "assert main(['score', '-h']) == 0",
    "methods": "assert main(['methods']) == 0",
    "import labels": "import askew.labels",
    "labels": "askew.labels.from_pyod([0, 1])",
}

PROGRAM = """
import json, sys
from contextlib import redirect_stdout
from io import StringIO
heavy, steps = json.loads(sys.argv[1])
added, before = {}, set(sys.modules)
for name, code in steps.items():
    with redirect_stdout(StringIO()):
        exec("from askew.cli.main import main" if "main(" in code else "")
        exec(code)
    added[name] = sorted({*heavy} & (set(sys.modules) - before))
    before = set(sys.modules)
print(json.dumps(added))
"""


@pytest.fixture(scope="module")
def added():
    words = [sys.executable, "-c", PROGRAM, json.dumps([sorted(HEAVY), STEPS])]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=60, check=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize("step", STEPS)
def test_nothing_heavy_is_imported_but_numpy_by_labels(added, step):
    assert added[step] == (["numpy"] if step == "import labels" else [])
