"""Convert the six ODDS tables into the files that the package ships; run once, keep for provenance.

    python tools/bundle_odds.py SOURCE_FOLDER [TARGET_FOLDER]

SOURCE_FOLDER holds the original files (their checksums are below). Every value is kept exactly: a table is
stored in the smallest number type that gives back the same float64 values, bit for bit. Writing twice gives
the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

TARGET = Path(__file__).parent.parent / "src" / "askew" / "datasets" / "odds"
PYOD, ADBENCH = ("yzhao062/pyod", "34f7996"), ("Minqi824/ADBench", "3dac822")
LICENCE = (
    "none stated for the data (derived from the UCI repository); the source repository's code is BSD-2-Clause"
)
FIXED_DATE = (1980, 1, 1, 0, 0, 0)


class Original(NamedTuple):
    """Where one original file came from, and its SHA-256."""

    repository: str
    commit: str
    path: str
    sha256: str


ORIGINALS = {
    "arrhythmia": Original(
        *PYOD,
        "notebooks/data/arrhythmia.mat",
        "e4d47e499591ae31e5d7f0cd983367092353eac240f48e14c9b36457edb3460d",
    ),
    "cardio": Original(
        *PYOD,
        "notebooks/data/cardio.mat",
        "5e568b6a73711012c481fa6cc984ab9c68e9a4fa44d6aeb3b43efa381c3f695b",
    ),
    "satellite": Original(
        *PYOD,
        "notebooks/data/satellite.mat",
        "6feac3112b9c14e1c3e60afc437f2f3d29dc1000119c9f950c628078778d6aa0",
    ),
    "satimage-2": Original(
        *PYOD,
        "notebooks/data/satimage-2.mat",
        "95c37a07cea2cb201f6900d14f521510e10b6b2f0074c06ac46d3157440ec67b",
    ),
    "shuttle": Original(
        *PYOD,
        "notebooks/data/shuttle.mat",
        "b6e396c92354d5dcf5036901e36dc58e2913f2d1a5e138c35a2bedf9c69db899",
    ),
    "thyroid": Original(
        *ADBENCH,
        "adbench/datasets/Classical/38_thyroid.npz",
        "8de161b3f235b7647bb0b39a836d983ff61d67bf234edac461da2d71e889cb87",
    ),
}


def read_original(path: Path) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the values (n, d) and the anomaly flags (n,) of an original .mat or .npz file."""
    arrays: Any
    if path.suffix == ".npz":
        arrays = np.load(path, allow_pickle=False)
    else:
        from scipy.io import loadmat

        arrays = loadmat(str(path))
    return arrays["X"].astype(np.float64), arrays["y"].ravel() == 1


def smallest(values: NDArray[np.float64]) -> NDArray[Any]:
    """Return the values in the smallest type that gives them back bit for bit."""
    for dtype in (np.uint8, np.int16):
        with np.errstate(invalid="ignore"):
            candidate = values.astype(dtype)
        if candidate.astype(np.float64).tobytes() == values.tobytes():
            return candidate
    return values


def packed(arrays: dict[str, NDArray[Any]]) -> bytes:
    """Return an .npz file's bytes, the same for the same arrays; columns first compresses better."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, np.asfortranarray(array), allow_pickle=False)
            info = zipfile.ZipInfo(f"{name}.npy", date_time=FIXED_DATE)
            info.create_system = 3  # the same on every operating system
            archive.writestr(info, member.getvalue(), zipfile.ZIP_DEFLATED, compresslevel=9)
    return target.getvalue()


def bundle(source: Path, target: Path) -> None:
    """Convert every table of ``source`` into ``target`` and write ``provenance.json`` there."""
    tables: dict[str, Any] = {}
    for name, original in ORIGINALS.items():
        path = source / f"{name}{Path(original.path).suffix}"
        if hashlib.sha256(path.read_bytes()).hexdigest() != original.sha256:
            sys.exit(f"{path} is not the original file: its SHA-256 differs from {original.sha256}.")
        values, anomaly = read_original(path)
        stored = smallest(values)
        data = packed({"X": stored, "anomaly": anomaly})
        (target / f"{name}.npz").write_bytes(data)
        tables[name] = {
            "file": f"{name}.npz",
            "rows": values.shape[0],
            "columns": values.shape[1],
            "anomalies": int(anomaly.sum()),
            "stored_as": str(stored.dtype),
            "repository": original.repository,
            "commit": original.commit,
            "path": original.path,
            "licence": LICENCE,
            "original_sha256": original.sha256,
            "sha256": hashlib.sha256(data).hexdigest(),
        }
    text = json.dumps({"collection": "ODDS (Rayana 2016)", "tables": tables}, indent=2) + "\n"
    (target / "provenance.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    bundle(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else TARGET)
