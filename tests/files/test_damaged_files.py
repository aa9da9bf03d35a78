"""A truncated, edited, foreign or newer file is refused with a clear error and runs no code."""

import io
import json
import os
import pickle
import zipfile

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file
from torch import nn

import askew
from askew import files
from askew.errors import InvalidInputError, ModelFileError
from detector_cases import fitted, table

X, Y = table()


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Files of a deep detector and of one that holds a scikit-learn part, with their bytes."""
    folder = tmp_path_factory.mktemp("models")
    found = {}
    for name in ("deep_sad", "isolation_forest"):
        fitted(name, X, Y).save(folder / f"{name}.askew")
        found[name] = (folder / f"{name}.askew").read_bytes()
    return found


KINDS = pytest.mark.parametrize("kind", ["deep_sad", "isolation_forest"])


@KINDS
def test_a_file_cut_anywhere_is_refused(models, kind, tmp_path):
    whole, path = models[kind], tmp_path / "m.askew"
    header = int.from_bytes(whole[:8], "little")
    lengths = {0, 1, 7, 8, 9, 100, header, header + 7, header + 8, header + 9, len(whole) - 1, len(whole) - 8}
    lengths |= set(np.linspace(10, len(whole) - 1, 40).astype(int).tolist())
    for length in sorted(lengths):
        path.write_bytes(whole[:length])
        with pytest.raises(ModelFileError, match=r"damaged|changed|not an askew model"):
            askew.load(path)


@KINDS
def test_a_file_with_bytes_added_is_refused(models, kind, tmp_path):
    for extra in (b"\0", b"x" * 100):
        (tmp_path / "m.askew").write_bytes(models[kind] + extra)
        with pytest.raises(ModelFileError, match=r"damaged|changed"):
            askew.load(tmp_path / "m.askew")


@KINDS
def test_one_flipped_byte_anywhere_is_refused(models, kind, tmp_path):
    whole, path = models[kind], tmp_path / "m.askew"
    header = int.from_bytes(whole[:8], "little")
    rng = np.random.default_rng(0)
    inside_header = rng.choice(header + 8, 120, replace=False)
    inside_data = 8 + header + rng.choice(len(whole) - header - 8, 60, replace=False)
    for place in np.r_[:12, inside_header, inside_data, len(whole) - 1]:
        for flip in (0x01, 0x80):
            edited = bytearray(whole)
            edited[place] ^= flip
            path.write_bytes(edited)
            try:
                askew.load(path)
            except ModelFileError:
                continue
            # blanks that pad the header to a multiple of 8 carry nothing; only they may change
            assert chr(whole[place]).isspace() and chr(edited[place]).isspace(), place


def test_a_missing_file_a_folder_and_an_empty_file(tmp_path):
    with pytest.raises(ModelFileError, match=r"does not exist. Check the path"):
        askew.load(tmp_path / "none.askew")
    with pytest.raises(ModelFileError):
        askew.load(tmp_path)
    (tmp_path / "empty.askew").write_bytes(b"")
    with pytest.raises(ModelFileError, match="damaged or not an askew model"):
        askew.load(tmp_path / "empty.askew")


@pytest.mark.parametrize("metadata", [None, {}, {"format": "pt"}], ids=["none", "empty", "of torch"])
def test_a_foreign_safetensors_file(tmp_path, metadata):
    save_file({"weight": np.zeros((2, 2))}, tmp_path / "m.askew", metadata=metadata)
    with pytest.raises(ModelFileError, match=r"is not an askew model. Give a file that Detector.save wrote"):
        askew.load(tmp_path / "m.askew")


@pytest.mark.parametrize(
    "content", [b"hello", b"a,b\n1,2\n", b"PK\x03\x04" + b"\0" * 100, b"\xff" * 64, b"{}"]
)
def test_a_file_of_another_kind(tmp_path, content):
    (tmp_path / "m.askew").write_bytes(content)
    with pytest.raises(ModelFileError, match="damaged or not an askew model"):
        askew.load(tmp_path / "m.askew")


class Malicious:
    """Unpickled, it makes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("protocol", [0, 2, 5])
def test_a_pickle_that_was_renamed_is_refused_and_does_not_run(tmp_path, protocol):
    trap = tmp_path / "trap"
    (tmp_path / "m.askew").write_bytes(pickle.dumps(Malicious(trap), protocol=protocol))
    with pytest.raises(ModelFileError):
        askew.load(tmp_path / "m.askew")
    assert not trap.exists()
    pickle.loads((tmp_path / "m.askew").read_bytes())  # the trap works
    assert trap.exists()


def test_a_torch_checkpoint_that_was_renamed_does_not_run(tmp_path):
    trap = tmp_path / "trap"
    torch.save(Malicious(trap), tmp_path / "m.askew")
    with pytest.raises(ModelFileError):
        askew.load(tmp_path / "m.askew")
    assert not trap.exists()


def rewritten(whole, tmp_path, change, arrays=lambda a: a):
    """Return a path with a valid checksum whose header went through `change`: edited by somebody who means it."""
    source, target = tmp_path / "source.askew", tmp_path / "edited.askew"
    source.write_bytes(whole)
    header, tensors = files.read(source)
    change(header)
    text = json.dumps(header, sort_keys=True)
    kept = arrays(dict(tensors))
    save_file(kept, target, metadata={"askew": text, "sha256": files._digest(text, kept)})
    return target


def test_rewriting_without_a_change_loads(models, tmp_path):
    path = rewritten(models["deep_sad"], tmp_path, lambda header: None)
    assert askew.load(path).score_samples(X).shape == (60,)


@pytest.mark.parametrize("version", [files.FORMAT + 1, 99, "2", None, 1.5])
def test_a_newer_format_is_refused(models, tmp_path, version):
    path = rewritten(models["deep_sad"], tmp_path, lambda header: header.update(format=version))
    with pytest.raises(ModelFileError, match=r"written by a newer askew.*Upgrade askew"):
        askew.load(path)


CHANGES = {
    "unknown class": lambda h: h.update({"class": "os.system"}),
    "a class that is no name": lambda h: h.update({"class": ["deep_sad"]}),
    "no class": lambda h: h.pop("class"),
    "another class": lambda h: h.update({"class": "dp_vae"}),
    "an unknown parameter": lambda h: h["parameters"].update(colour=3),
    "parameters that are no object": lambda h: h.update(parameters=3),
    "no offset": lambda h: h.pop("offset"),
    "a wordy offset": lambda h: h.update(offset="low"),
    "no members": lambda h: h["fitted"].pop("members"),
    "more members than weights": lambda h: h["fitted"]["members"].append(h["fitted"]["members"][0]),
    "another width": lambda h: h.update(n_features_in=7),
    "a wordy width": lambda h: h.update(n_features_in="four"),
    "no width": lambda h: h.update(n_features_in=0),
    "another network": lambda h: h["parameters"].update(network={"custom": True}),
    "training that does not exist": lambda h: h["parameters"].update(training={"training": {"speed": 3}}),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_header_that_was_edited_with_its_checksum_is_refused(models, tmp_path, case):
    path = rewritten(models["deep_sad"], tmp_path, CHANGES[case])
    with pytest.raises((ModelFileError, InvalidInputError)):
        askew.load(path)


def test_a_parameter_edited_out_of_range_is_refused_when_loading(models, tmp_path):
    path = rewritten(models["deep_sad"], tmp_path, lambda h: h["parameters"].update(center="elsewhere"))
    with pytest.raises(InvalidInputError, match="center of DeepSAD must be"):
        askew.load(path)


def test_a_device_that_is_not_here_is_refused_and_can_be_replaced(models, tmp_path):
    path = rewritten(models["deep_sad"], tmp_path, lambda h: h["parameters"].update(device="cuda:99"))
    with pytest.raises(InvalidInputError, match=r'device of DeepSAD must be .*Use "cpu"'):
        askew.load(path)
    assert askew.load(path, device="cpu").device == "cpu"


@pytest.mark.parametrize("text", ["[]", "3", "null", "{", '{"format": 1}', "[" * 100_000], ids=range(6))
def test_a_header_that_is_no_description_is_refused(tmp_path, text):
    tensors = {"a": np.zeros(2)}
    save_file(tensors, tmp_path / "m.askew", metadata={"askew": text, "sha256": files._digest(text, tensors)})
    with pytest.raises(ModelFileError):
        askew.load(tmp_path / "m.askew")


def test_a_file_without_a_checksum_is_refused(models, tmp_path):
    path = tmp_path / "m.askew"
    path.write_bytes(models["deep_sad"])
    header, tensors = files.read(path)
    save_file(tensors, path, metadata={"askew": json.dumps(header, sort_keys=True)})
    with pytest.raises(ModelFileError, match="checksum differs"):
        askew.load(path)


def test_swapped_tensors_are_refused(models, tmp_path):
    path = tmp_path / "m.askew"
    path.write_bytes(models["deep_sad"])
    header, tensors = files.read(path)
    digest = files._digest(json.dumps(header, sort_keys=True), tensors)
    tensors["column_mean"], tensors["column_scale"] = tensors["column_scale"], tensors["column_mean"]
    save_file(tensors, path, metadata={"askew": json.dumps(header, sort_keys=True), "sha256": digest})
    with pytest.raises(ModelFileError, match="checksum differs"):
        askew.load(path)


def forest_with(whole, tmp_path, change):
    """Return a path whose scikit-learn part went through `change` of its skops schema, checksum made to fit."""

    def arrays(tensors):
        source = zipfile.ZipFile(io.BytesIO(tensors["forest"].tobytes()))
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as target:
            for name in source.namelist():
                data = source.read(name)
                target.writestr(name, change(data) if name == "schema.json" else data)
        return tensors | {"forest": np.frombuffer(out.getvalue(), dtype=np.uint8)}

    return rewritten(whole, tmp_path, lambda header: None, arrays)


def skops_of(estimator):
    return np.frombuffer(files.sklearn_array(estimator).tobytes(), dtype=np.uint8)


def test_a_scikit_learn_part_of_another_type_is_refused(models, tmp_path):
    from sklearn.preprocessing import StandardScaler

    part = skops_of(StandardScaler().fit(X))
    path = rewritten(models["isolation_forest"], tmp_path, lambda h: None, lambda a: a | {"forest": part})
    with pytest.raises(ModelFileError, match="holds no IsolationForest but StandardScaler"):
        askew.load(path)


@pytest.mark.parametrize(
    "module, function",
    [
        ("os", "system"),
        ("builtins", "eval"),
        ("sklearn.utils._testing", "check_output"),
        ("sklearn.utils", "Bunch"),
    ],
)
def test_a_scikit_learn_part_that_names_anything_else_is_refused(models, tmp_path, module, function):
    """``sklearn.utils._testing.check_output`` is subprocess.check_output: a prefix is no guard."""
    foreign = {"__class__": function, "__module__": module, "__loader__": "FunctionNode", "__id__": 1}

    def change(data):
        schema = json.loads(data)
        schema["content"]["content"]["verbose"] = foreign
        return json.dumps(schema).encode()

    with pytest.raises(ModelFileError, match=r"types that are not its own|cannot be read"):
        askew.load(forest_with(models["isolation_forest"], tmp_path, change))


@pytest.mark.parametrize("part", [b"", b"PK", b"not a zip file at all"])
def test_a_scikit_learn_part_that_is_no_archive_is_refused(models, tmp_path, part):
    array = np.frombuffer(part, dtype=np.uint8)
    path = rewritten(models["isolation_forest"], tmp_path, lambda h: None, lambda a: a | {"forest": array})
    with pytest.raises(ModelFileError, match="IsolationForest cannot be read"):
        askew.load(path)


def custom(spec):
    return nn.Linear(spec.n_features, 4), nn.Linear(2, spec.n_features)


def test_a_custom_network_is_asked_for_and_then_taken(tmp_path):
    path = tmp_path / "m.askew"
    detector = fitted("dp_vae", X, Y, network=custom)
    detector.save(path)
    with pytest.raises(
        ModelFileError, match=r"custom network, whose code is not in the file.*network=\.\.\."
    ):
        askew.load(path)
    loaded = askew.load(path, network=custom)
    np.testing.assert_array_equal(loaded.score_samples(X), detector.score_samples(X))


def test_a_custom_network_that_does_not_fit_is_refused(tmp_path):
    fitted("dp_vae", X, Y, network=custom).save(tmp_path / "m.askew")
    with pytest.raises(ModelFileError, match="does not fit"):
        askew.load(tmp_path / "m.askew", network=(nn.Linear(4, 8), nn.Linear(4, 4)))
    with pytest.raises(InvalidInputError, match="network of DPVAE"):
        askew.load(tmp_path / "m.askew", network=(nn.Linear(9, 8), nn.Linear(4, 9)))


def test_a_parameter_that_the_detector_does_not_have_is_refused(models, tmp_path):
    (tmp_path / "m.askew").write_bytes(models["deep_sad"])
    with pytest.raises(ModelFileError, match=r"has no parameter \['colour'\]"):
        askew.load(tmp_path / "m.askew", colour="red")


def test_the_file_is_safetensors_with_a_json_header(models, tmp_path):
    (tmp_path / "m.askew").write_bytes(models["deep_sad"])
    tensors = load_file(tmp_path / "m.askew")
    assert {"column_mean", "column_scale"} < set(tensors)
    header, _ = files.read(tmp_path / "m.askew")
    assert header["class"] == "deep_sad" and header["format"] == files.FORMAT


def test_unwritable_headers_leave_no_file(tmp_path):
    with pytest.raises(TypeError):
        files.write(tmp_path / "m.askew", {"value": object()}, {})
    assert list(tmp_path.iterdir()) == []


def test_a_save_that_fails_leaves_the_old_file(models, tmp_path, monkeypatch):
    path = tmp_path / "m.askew"
    path.write_bytes(models["deep_sad"])

    def full(arrays, target, metadata):
        target.write_bytes(b"half")
        raise OSError("no space left on device")

    monkeypatch.setattr(files, "save_file", full)
    with pytest.raises(OSError, match="no space left"):
        fitted("deep_sad", X, Y).save(path)
    assert path.read_bytes() == models["deep_sad"]
    assert [file.name for file in tmp_path.iterdir()] == ["m.askew"]


def test_saving_replaces_an_older_model(models, tmp_path):
    path = tmp_path / "m.askew"
    path.write_bytes(models["deep_sad"])
    fitted("vae", X).save(path)
    assert type(askew.load(path)).__name__ == "VAE"


def test_a_folder_that_is_missing_is_refused(tmp_path):
    with pytest.raises(InvalidInputError, match="folder that exists"):
        fitted("vae", X).save(tmp_path / "none" / "m.askew")


HEADER_NUMBERS = {
    "an offset that is NaN": (lambda h: h.update(offset=float("nan")), "offset is NaN"),
    "an offset beyond all floats": (lambda h: h.update(offset=10**400), "offset is a number beyond"),
    "a parameter that is NaN": (lambda h: h["parameters"].update(eta=float("nan")), "eta is NaN"),
    "a score that is NaN": (
        lambda h: h["facts"]["score_quantiles"].append(float("nan")),
        "score_quantiles is NaN",
    ),
}


@pytest.mark.parametrize("case", HEADER_NUMBERS)
def test_numbers_that_would_flag_every_row_are_refused(models, tmp_path, case):
    change, message = HEADER_NUMBERS[case]
    with pytest.raises(ModelFileError, match=message):
        askew.load(rewritten(models["deep_sad"], tmp_path, change))


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_weights_that_are_no_numbers_are_refused(models, tmp_path, number):
    def spoilt(arrays):
        name = next(name for name in arrays if name.endswith("weight"))
        arrays[name] = np.array(arrays[name])
        arrays[name].flat[0] = number
        return arrays

    with pytest.raises(
        ModelFileError, match=r"its array 'member.0.network.*weight' has an? .*Use the original file"
    ):
        askew.load(rewritten(models["deep_sad"], tmp_path, lambda header: None, spoilt))
