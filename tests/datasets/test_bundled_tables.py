"""The bundled tables: what they hold, that they are the originals, and that damage is noticed."""

import importlib.util
import io
import json
import os
import re
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

from askew import datasets
from askew.datasets import tables
from askew.errors import DataFileError, InvalidInputError

ROOT = Path(__file__).parents[2]
# As published: rows, columns, anomalies.
SHAPES = {
    "arrhythmia": (452, 274, 66),
    "cardio": (1831, 21, 176),
    "satellite": (6435, 36, 2036),
    "satimage-2": (5803, 36, 71),
    "shuttle": (49097, 9, 3511),
    "thyroid": (3772, 6, 93),
}

needs_originals = pytest.mark.skipif(
    not os.environ.get("ASKEW_DATA"), reason="ASKEW_DATA (the folder with the original files) is not set"
)


def bundling_script():
    spec = importlib.util.spec_from_file_location("bundle_odds", ROOT / "tools" / "bundle_odds.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """A copy of the bundled files that a test may damage."""
    folder = tmp_path / "odds"
    shutil.copytree(tables._FOLDER, folder)
    monkeypatch.setattr(tables, "_FOLDER", folder)
    return folder


def test_names():
    assert datasets.names() == tuple(SHAPES)


@pytest.mark.parametrize("name", SHAPES)
def test_contents(name):
    table = datasets.load(name)
    rows, columns, anomalies = SHAPES[name]
    assert table.name == name
    assert table.X.shape == (rows, columns) and table.X.dtype == np.float64 and table.X.flags.c_contiguous
    assert table.anomaly.shape == (rows,) and table.anomaly.dtype == bool
    assert table.anomaly.sum() == anomalies
    assert np.isfinite(table.X).all()
    assert table.feature_names == tuple(f"x{i}" for i in range(columns))
    assert re.search(r"@ [0-9a-f]{7}, ", table.source)


def test_info_agrees_with_the_tables():
    for each in datasets.info():
        table = datasets.load(each.name)
        assert (each.rows, each.columns) == table.X.shape
        assert each.anomalies == table.anomaly.sum()
        assert each.source == table.source and each.sha256 == table.sha256
        assert each.licence.startswith("none stated for the data")
    assert tuple(each.name for each in datasets.info()) == datasets.names()


def test_all_together_stay_under_one_megabyte():
    assert sum(path.stat().st_size for path in tables._FOLDER.iterdir()) < 1_000_000


def test_nothing_is_unpickled():
    for path in tables._FOLDER.glob("*.npz"):
        with zipfile.ZipFile(path) as archive:
            assert [info.date_time for info in archive.infolist()] == [(1980, 1, 1, 0, 0, 0)] * 2
        np.load(path, allow_pickle=False)["X"]


def test_a_loaded_table_is_the_callers_own():
    datasets.load("thyroid").X[:] = 0
    assert datasets.load("thyroid").X.any()


def test_an_unknown_name_lists_the_names():
    with pytest.raises(
        InvalidInputError, match=r"got 'satimage'. Choose one of: arrhythmia, cardio, satellite"
    ):
        datasets.load("satimage")


def test_one_changed_byte_is_refused(copied):
    content = bytearray((copied / "cardio.npz").read_bytes())
    content[len(content) // 2] ^= 1
    (copied / "cardio.npz").write_bytes(content)
    with pytest.raises(
        DataFileError, match=r"cardio\.npz of .* got '[0-9a-f]{64}'\. Install askew again: pip"
    ):
        datasets.load("cardio")
    datasets.load("thyroid")


def test_a_truncated_file_is_refused(copied):
    (copied / "cardio.npz").write_bytes((copied / "cardio.npz").read_bytes()[:1000])
    with pytest.raises(DataFileError, match=r"cardio\.npz"):
        datasets.load("cardio")


def test_a_missing_file_is_refused(copied):
    (copied / "cardio.npz").unlink()
    with pytest.raises(DataFileError, match=r"cardio\.npz of .*No such file.*pip install"):
        datasets.load("cardio")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"tables": 3}', "\xff"])
def test_a_damaged_list_is_refused(copied, text):
    (copied / "provenance.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(DataFileError, match=r"provenance\.json of .*pip install"):
        datasets.names()


def test_provenance_says_where_each_table_came_from():
    recorded = json.loads((tables._FOLDER / "provenance.json").read_text())["tables"]
    originals = bundling_script().ORIGINALS
    assert set(recorded) == set(originals)
    for name, original in originals.items():
        for field in ("repository", "commit", "path"):
            assert recorded[name][field] == getattr(original, field)
        assert recorded[name]["original_sha256"] == original.sha256


@needs_originals
@pytest.mark.parametrize("name", SHAPES)
def test_bundled_tables_equal_the_originals_bit_for_bit(name):
    from scipy.io import loadmat

    folder = Path(os.environ["ASKEW_DATA"]) / "odds"
    original = np.load(folder / "thyroid.npz") if name == "thyroid" else loadmat(str(folder / f"{name}.mat"))
    table = datasets.load(name)
    assert table.X.tobytes() == original["X"].astype(np.float64).tobytes()
    assert table.anomaly.astype(int).tolist() == original["y"].ravel().astype(int).tolist()


@needs_originals
def test_the_script_writes_the_same_bytes_twice_and_what_is_shipped(tmp_path):
    script, source = bundling_script(), Path(os.environ["ASKEW_DATA"]) / "odds"
    for folder in (first := tmp_path / "1", second := tmp_path / "2"):
        folder.mkdir()
        script.bundle(source, folder)
    for path in first.iterdir():
        assert path.read_bytes() == (second / path.name).read_bytes()
    for path in first.glob("*.npz"):  # another zlib may compress differently: compare what is inside
        with zipfile.ZipFile(path) as ours, zipfile.ZipFile(tables._FOLDER / path.name) as shipped:
            assert ours.namelist() == shipped.namelist()
            assert all(ours.read(member) == shipped.read(member) for member in ours.namelist())


@needs_originals
def test_the_script_refuses_another_file(tmp_path):
    source = tmp_path / "source"
    shutil.copytree(Path(os.environ["ASKEW_DATA"]) / "odds", source)
    os.chmod(source, 0o755)
    os.chmod(source / "arrhythmia.mat", 0o644)
    (source / "arrhythmia.mat").write_bytes(b"something else")
    with pytest.raises(SystemExit, match="is not the original file"):
        bundling_script().bundle(source, tmp_path)


def test_the_script_keeps_every_bit_of_values_that_look_like_integers():
    script = bundling_script()
    whole = np.array([[0.0, 255.0], [3.0, 7.0]])
    assert script.smallest(whole).dtype == np.uint8
    assert script.smallest(whole - 1).dtype == np.int16
    for kept in (whole + 0.5, whole * -0.0, whole * 1e9):  # -0.0 is not 0
        assert script.smallest(kept).dtype == np.float64


def test_the_script_packs_the_arrays_it_was_given():
    values = np.arange(6.0).reshape(2, 3)
    with np.load(io.BytesIO(bundling_script().packed({"X": values}))) as arrays:
        assert arrays["X"].tolist() == values.tolist()
