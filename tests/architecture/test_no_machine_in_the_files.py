"""No file names a machine: neither its folders nor the package registry that it installs from."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = {".py", ".md", ".toml", ".txt", ".json", ".csv", ".yml", ".yaml", ".cfg", ".html", ".sh", ""}

# The shared folder beside the checkout may be named, but only relatively.
FORBIDDEN = re.compile(
    r"""
    (?<![\w.])/(work|root|mnt|Users)/[\w.]    # folders of a machine
    | /home/\w+ | C:\\Users
    | (py[p]i|python[h]osted|artifactory|nexus|anaconda)\.[a-z]+(/|:)    # registries
    | --(extra-)?index-url | --find-links | PIP_INDEX_URL | UV_INDEX
    | \b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}:\d+    # addresses
    """,
    re.VERBOSE,
)


def files():
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.is_file() and path.suffix in TEXT and path != Path(__file__):
            yield path


def test_no_file_names_a_machine_or_a_registry():
    found = []
    for path in files():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if FORBIDDEN.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "open('/mnt/data/x')",
        "/home/someone/.venv/bin",
        "pip install --index-url x",
        "https://nexus.example/simple",
        "10.0.0.1:80",
    ],
)
def test_one_that_does_would_be_seen(line):
    assert FORBIDDEN.search(line)


@pytest.mark.parametrize(
    "line", ["ASKEW_DATA=../shared/data", "network/mnt/x", "a/Users/b", "version 1.2.3.4"]
)
def test_ordinary_text_passes(line):
    assert not FORBIDDEN.search(line)
