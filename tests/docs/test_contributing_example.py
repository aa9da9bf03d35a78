"""The worked example of CONTRIBUTING.md: the two files, added to a copy of the package, are a whole method."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from markdown_blocks import ROOT, blocks


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of the package with the example's two files in it."""
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    detector, test = blocks("CONTRIBUTING.md", "python")
    (folder / "src/askew/detectors/mahalanobis.py").write_text(detector.text, encoding="utf-8")
    (folder / "test_mahalanobis.py").write_text(test.text, encoding="utf-8")
    few = "ignore:.*are too few to tell:UserWarning"  # as in pyproject.toml: values by hand are of few rows
    (folder / "pytest.ini").write_text(f"[pytest]\nfilterwarnings =\n    error\n    {few}\n")
    return folder


def python(folder, *words):
    environment = os.environ | {"PYTHONPATH": str(folder / "src")}
    done = subprocess.run(
        [sys.executable, *words], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_its_test_and_its_doctest_pass(checkout):
    paths = ("test_mahalanobis.py", "src/askew/detectors/mahalanobis.py")
    printed = python(checkout, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--doctest-modules", *paths)
    assert "4 passed" in printed


def test_command_line_finds_it(checkout):
    printed = python(checkout, "-c", "from askew.cli.main import main; main(['methods', '--json'])")
    found = {each["name"]: each for each in json.loads(printed)["methods"]}
    assert found["mahalanobis"]["class"] == "Mahalanobis"
    assert found["mahalanobis"]["summary"].startswith("Mahalanobis distance from the mean")
