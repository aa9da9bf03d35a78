"""A wheel and an sdist that work alone: built, looked into, installed in empty environments, and tried.

Run: make dist    (or: python tools/dist.py, in an environment that has `build`)
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
DIST = ROOT / "dist"


def run(*command: str | Path, folder: Path) -> None:
    """Run a command in `folder`, without this checkout on its path; leave if it fails."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    print("$", *command, flush=True)
    if subprocess.run(command, cwd=folder, env=environment).returncode:
        sys.exit(f"{command[0]} failed.")


def package_files() -> set[str]:
    """Return the files of the package that git knows, as a wheel names them."""
    listed = subprocess.run(
        ["git", "ls-files", "src/askew"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {line.removeprefix("src/") for line in listed.stdout.splitlines()}


def require(what: str, wanted: set[str], found: set[str]) -> None:
    """Leave if an archive lacks a file."""
    if missing := sorted(wanted - found):
        sys.exit(f"{what} lacks {len(missing)} files, {', '.join(missing[:5])} among them.")
    print(f"{what}: all {len(wanted)} files of the package")


def try_alone(archive: Path) -> None:
    """Install an archive in an empty environment, and run the demo and the version far from the checkout."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(sys.executable, "-m", "venv", folder / "env", folder=folder)
        python = folder / "env" / "bin" / "python"
        run(python, "-m", "pip", "install", "-q", "-c", ROOT / "constraints.txt", archive, folder=folder)
        run(folder / "env" / "bin" / "askew", "--version", folder=folder)
        run(folder / "env" / "bin" / "askew", "demo", "-o", "demo", folder=folder)
        run(python, "-m", "pip", "check", folder=folder)
        everything = f"askew[all] @ {archive.as_uri()}"
        run(
            python,
            "-m",
            "pip",
            "install",
            "-q",
            "--dry-run",
            "-c",
            ROOT / "constraints.txt",
            everything,
            folder=folder,
        )


def main() -> None:
    """Build both, check what they hold, and try both."""
    for old in DIST.glob("askew-*"):
        old.unlink()
    run(sys.executable, "-m", "build", "-o", DIST, ROOT, folder=ROOT)
    (wheel,), (source,) = DIST.glob("askew-*.whl"), DIST.glob("askew-*.tar.gz")
    wanted = package_files()
    require(wheel.name, wanted, set(zipfile.ZipFile(wheel).namelist()))
    with tarfile.open(source) as archive:
        inside = {"/".join(name.split("/")[1:]).removeprefix("src/") for name in archive.getnames()}
    require(source.name, wanted | {"pyproject.toml", "LICENSE", "README.md", "constraints.txt"}, inside)
    for archive_path in (wheel, source):
        try_alone(archive_path)
    print(f"{wheel.name} and {source.name} work alone.")


if __name__ == "__main__":
    main()
