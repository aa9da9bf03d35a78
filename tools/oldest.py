"""The suite under the oldest versions that pyproject.toml allows, in an environment of its own.

Run: make oldest    (PyPI's torch of that time brings CUDA's libraries: about 6 GB)

Warnings of old packages are not errors here. `COMPANIONS` are packages that nobody declares and whose newest
versions do not go with the oldest of those that are, or that pip would look for by going through hundreds.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
ENVIRONMENT = ROOT / ".venv-oldest"
COMPANIONS = ("click==8.1.7", "aiobotocore[boto3]<3", "onnx-ir==0.1.10")
WITHOUT = {"coniferest"}
"""Needs a newer click than the oldest typer takes; its tests are left out by themselves."""

TOOLS = {
    "pytest",
    "pytest-xdist",
    "hypothesis",
    "polars",
    "quadprog",
    "moto",
    "captum",
    "playwright",
    "httpx",
}
"""What the tests need of ``[dev]`` that no extra for users brings; any version."""


def oldest() -> list[str]:
    """Return ``name==version`` of the lowest version of each package that askew or an extra allows."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    users = [line for name in extras if name not in ("dev", "docs", "all") for line in extras[name]]
    asked = {found.name: found for found in map(Requirement, [*project["dependencies"], *users])}
    return sorted(f"{name}=={floor(found)}" for name, found in asked.items() if name not in WITHOUT)


def floor(asked: Requirement) -> str:
    """Return the lowest version that a requirement allows."""
    (lowest,) = (each.version for each in asked.specifier if each.operator == ">=")
    return str(lowest)


def tools() -> list[str]:
    """Return the requirements of the tests themselves."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    return [line for line in extras["dev"] if Requirement(line).name in TOOLS]


def main() -> None:
    """Make the environment and run the tests."""
    python = ENVIRONMENT / "bin" / "python"
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    steps = (
        (sys.executable, "-m", "venv", ENVIRONMENT),
        (python, "-m", "pip", "install", "-q", *oldest(), *COMPANIONS, *tools()),
        (python, "-m", "pip", "install", "-q", "--no-deps", "-e", ROOT),
        (
            python,
            "-m",
            "pytest",
            "-n",
            "2",
            "--dist",
            "loadfile",
            "-o",
            "filterwarnings=default",
            *sys.argv[1:],
        ),
    )
    for step in steps:
        print("$", *step, flush=True)
        if subprocess.run(step, cwd=ROOT, env=environment).returncode:
            sys.exit("the oldest versions do not do.")


if __name__ == "__main__":
    main()
