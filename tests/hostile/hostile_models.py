"""Model files that somebody made to do harm: their checksums are right."""

import io
import json
import os
import pickle
import struct
import warnings
import zipfile
from functools import cache

import numpy as np
import pandas as pd
from hostile_case import Case, content
from safetensors.numpy import save, save_file

import askew
from askew import files

SCORE = "score evil.askew rows.csv -o scores.csv"
HUGE = 10**9
BEYOND = 10**400


def table():
    """Return thirty rows of three numbers."""
    return pd.DataFrame(np.random.default_rng(0).normal(size=(30, 3)), columns=["a", "b", "c"])


def mixed_table():
    return table().assign(word=["red", "blue", "green"] * 10, day=pd.date_range("2024-01-01", periods=30))


@cache
def good(name):
    """Return the bytes of a sound model's file."""
    few = {"training__epochs": 1, "training__batch_size": 30}
    y = np.r_[np.zeros(28, dtype=int), -1, -1]
    data = mixed_table() if name in ("prepared", "threshold") else table()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if name == "prepared":
            model = askew.Prepared(askew.IsolationForest(n_estimators=2, random_state=0)).fit(data)
        elif name == "threshold":
            forest = askew.Prepared(askew.IsolationForest(n_estimators=2, random_state=0)).fit(data)
            model = askew.Quantile(forest, contamination=0.1).fit(data)
        elif name == "eyes":
            pixels = np.random.default_rng(0).integers(0, 255, (20, 1, 16, 16)).astype(np.uint8)
            model = askew.IsolationForest(n_estimators=2, random_state=0).fit(pixels)
        elif name in ("deep_sad", "anogan"):
            kind = {"deep_sad": askew.DeepSAD, "anogan": lambda random_state: askew.AnoGAN(search_steps=1)}[
                name
            ]
            model = kind(random_state=0)
            few |= {"training__pretrain_epochs": 1} if name == "deep_sad" else {}
            model = model.set_params(**few).fit(data, y)
        else:
            kinds = {
                "isolation_forest": lambda: askew.IsolationForest(n_estimators=2, random_state=0),
                "extra_trees": lambda: askew.ExtraTrees(n_estimators=2, min_samples_leaf=2, random_state=0),
                "gradient_boosting": lambda: askew.GradientBoosting(n_estimators=2, min_samples_leaf=2),
                "oc_svm": lambda: askew.OCSVM(gamma="scale", nu=0.1),
                "kde": lambda: askew.KDE(bandwidth=1.0),
                "named": lambda: askew.KDE(bandwidth=1.0),
            }
            model = kinds[name]().fit(data, y)
    header, arrays = askew.base.persistence.pack(model)
    return save(arrays, metadata=_sealed({"format": files.FORMAT, **header}, arrays))


def _sealed(header, arrays):
    text = header if isinstance(header, str) else json.dumps(header, sort_keys=True)
    return {"askew": text, "sha256": files._digest(text, arrays)}


def edited(name, change=lambda header: None, arrays=lambda given: given):
    """Return what writes a model whose header and arrays went through changes, with a checksum to match."""

    def write(folder):
        path = folder / "evil.askew"
        path.write_bytes(good(name))
        header, kept = files.read(path)
        found = change(header)
        header = header if found is None else found
        kept = arrays(dict(kept))
        save_file(kept, path, metadata=_sealed(header, kept))

    return write


def at(path, value):
    """Return a change of a header that puts a value where a path of keys leads."""

    def change(header):
        *way, last = path
        place = header
        for key in way:
            place = place[key]
        place[last] = value

    return change


def _deep(depth):
    found = "x"
    for _ in range(depth):
        found = [found]
    return found


def _name(path):
    return ".".join(map(str, path))


NOT_NUMBERS = {"a word": "low", "nothing": None, "a list": [], "an object": {}, "true": True, "text": "1.5"}
NO_NUMBERS = {
    "NaN": float("nan"),
    "infinite": float("inf"),
    "minus infinite": float("-inf"),
    "beyond": BEYOND,
}
NO_COUNTS = {"huge": HUGE, "beyond": BEYOND, "negative": -1, "zero": 0, "a fraction": 2.5, "true": True}


def _headers():
    for word, value in {**NOT_NUMBERS, **NO_NUMBERS}.items():
        yield Case(f"offset: {word}", SCORE, edited("deep_sad", at(["offset"], value)))
    for word, value in {**NOT_NUMBERS, **NO_COUNTS}.items():
        yield Case(f"columns: {word}", SCORE, edited("deep_sad", at(["n_features_in"], value)))
    for word, value in NO_COUNTS.items():
        if word not in ("zero", "true"):
            yield Case(f"code: {word}", SCORE, edited("anogan", at(["parameters", "code_size"], value)))
    wide = {"huge": [HUGE, HUGE], "beyond": [BEYOND], "negative": [-1], "many": [1] * 200_000, "words": ["x"]}
    for word, value in wide.items():
        yield Case(f"network: {word}", SCORE, edited("deep_sad", at(["parameters", "network"], value)))
    members = {"none": [], "a number": 3, "huge": [{}] * 20_000, "null": [None], "a word": "members"}
    for word, value in members.items():
        yield Case(f"members: {word}", SCORE, edited("deep_sad", at(["fitted", "members"], value)))
    whole = {"a list": "[]", "a number": "3", "null": "null", "cut": '{"format": 1', "deep": "[" * 100_000}
    whole |= {"deep objects": '{"a":' * 100_000, "twice": '{"format": 1, "format": 9, "class": "kde"}'}
    whole |= {"long number": '{"format": ' + "9" * 5000 + "}", "no class": '{"format": 1}', "empty": ""}
    for word, text in whole.items():
        yield Case(f"header: {word}", SCORE, edited("kde", lambda header, text=text: text))
    for word, value in {
        "a list": ["kde"],
        "an object": {},
        "a path": "../kde",
        "a module": "os.system",
    }.items():
        yield Case(f"class: {word}", SCORE, edited("kde", at(["class"], value)))
    deep = _deep(900)
    for path in (["offset"], ["fitted"], ["parameters"], ["facts"], ["parameters", "training"]):
        yield Case(f"{_name(path)}: deep", SCORE, edited("deep_sad", at(path, deep)))
    for path in (["fitted"], ["facts"], ["parameters"], ["feature_names_in"], ["parameters", "training"]):
        yield Case(f"{_name(path)}: a word", SCORE, edited("deep_sad", at(path, "x")))
    for word, value in {"of another width": ["a"], "numbers": [1, 2, 3], "twice": ["a", "a", "a"]}.items():
        yield Case(f"names: {word}", SCORE, edited("deep_sad", at(["feature_names_in"], value)))
    trained = ["parameters", "training", "training"]
    yield Case("training: unknown", SCORE, edited("deep_sad", at([*trained, "__class__"], "x")))
    for name, value in {"detector": "kde", "network": {"detector": "kde", "parameters": {}}}.items():
        yield Case(f"parameter {name}", SCORE, edited("deep_sad", at(["parameters", name], value)))
    for name in ("__class__", "__init__", "score_samples", "random_state.seed", ""):
        yield Case(f"unknown parameter {name!r}", SCORE, edited("kde", at(["parameters", name], "x")))
    yield Case("bandwidth: beyond", SCORE, edited("kde", at(["fitted", "bandwidth_"], BEYOND)))
    for word, value in {"zero": 0.0, "negative": -1.0, "a word": "x"}.items():
        yield Case(f"bandwidth: {word}", SCORE, edited("kde", at(["fitted", "bandwidth_"], value)))
    facts = {"counts": ("n_normal", "many"), "scores": ("score_quantiles", "x"), "health": ("health", deep)}
    for word, (name, value) in facts.items():
        yield Case(
            f"facts: {word}", "report evil.askew -o page.html", edited("kde", at(["facts", name], value))
        )


def _prepared():
    columns = ["preparation", "columns"]
    values = {
        "an unknown encoder": ([*columns, 0, "encoder"], "os"),
        "an encoder of another": ([*columns, 0, "encoder"], "one_hot"),
        "a name that is no text": ([*columns, 0, "name"], ["a"]),
        "no columns": (columns, []),
        "columns that are null": (columns, None),
        "many columns": (columns, [{}] * 100_000),
        "fill: beyond": ([*columns, 0, "values", "fill"], BEYOND),
        "fill: infinite": ([*columns, 0, "values", "fill"], float("inf")),
        "fill: a word": ([*columns, 0, "values", "fill"], "x"),
        "settings: unknown": (["preparation", "settings", "x"], 1),
        "settings: huge": (["preparation", "settings", "max_one_hot"], "x"),
        "ignored: a list": (["preparation", "ignored"], [1, 2]),
        "a kind that is none": ([*columns, 0, "kind"], "code"),
    }
    for word, (path, value) in values.items():
        yield Case(
            f"preparation: {word}", SCORE.replace("rows", "mixed"), edited("prepared", at(path, value))
        )
    thresholds = {
        "cut: a word": (["offset"], "x"),
        "inside: null": (["model"], None),
        "inside: itself": (["model", "class"], "quantile"),
        "inside: deep": (["model", "detector"], _deep(900)),
        "expected: a word": (["expected"], "x"),
        "parameters: unknown": (["parameters", "__class__"], "x"),
        "contamination: huge": (["parameters", "contamination"], 10**30),
    }
    for word, (path, value) in thresholds.items():
        case = SCORE.replace("rows", "mixed")
        yield Case(f"threshold: {word}", case, edited("threshold", at(path, value)))


def _arrays():
    def changed(name, change):
        return lambda arrays: arrays | {name: change(arrays[name])}

    weight, mean = "member.0.network.encoder.0.weight", "column_mean"
    changes = {
        "weights of another width": (weight, lambda a: a[:, :1].copy()),
        "weights of another rank": (weight, lambda a: a[None]),
        "weights that are NaN": (weight, lambda a: a * np.nan),
        "weights without rows": (weight, lambda a: a[:0]),
        "means of another width": (mean, lambda a: np.r_[a, a]),
        "no means": (mean, lambda a: a[:0]),
        "means of another rank": (mean, lambda a: a[None, None]),
        "infinite means": (mean, lambda a: a + np.inf),
        "a scale of 0": ("column_scale", lambda a: a * 0),
        "a negative scale": ("column_scale", lambda a: -a),
        "an infinite scale": ("column_scale", lambda a: a + np.inf),
        "a knee of NaN": ("column_knee", lambda a: a * np.nan),
        "a knee of 0": ("column_knee", lambda a: a * 0),
        "no knee": ("column_knee", lambda a: a[:0]),
        "an infinite centre": ("member.0.constant.center", lambda a: a + np.inf),
        "a centre of another width": ("member.0.constant.center", lambda a: np.c_[a, a]),
    }
    for word, (name, change) in changes.items():
        yield Case(f"arrays: {word}", SCORE, edited("deep_sad", arrays=changed(name, change)))
    yield Case("arrays: none", SCORE, edited("deep_sad", arrays=lambda arrays: {"x": np.zeros(1)}))
    rows = {
        "of another width": lambda a: a[:, :1].copy(),
        "none": lambda a: a[:0],
        "NaN": lambda a: a * np.nan,
    }
    for word, change in rows.items():
        yield Case(f"rows of a density: {word}", SCORE, edited("kde", arrays=changed("rows", change)))


def _containers():
    """Files that are no sound safetensors file, or another kind of file."""
    whole = good("kde")
    length = int.from_bytes(whole[:8], "little")
    text = json.loads(whole[8 : 8 + length])
    name = next(key for key in text if key != "__metadata__")

    def rewritten(change):
        copy = json.loads(json.dumps(text))
        change(copy)
        header = json.dumps(copy).encode()
        return struct.pack("<Q", len(header)) + header + whole[8 + length :]

    entry = {"dtype": "F64", "shape": [1], "data_offsets": [0, 8]}
    changes = {
        "a huge shape": lambda t: t[name].update(shape=[HUGE, HUGE]),
        "a shape beyond": lambda t: t[name].update(shape=[2**63, 2**63]),
        "a negative shape": lambda t: t[name].update(shape=[-1]),
        "offsets beyond": lambda t: t[name].update(data_offsets=[0, 2**62]),
        "offsets backwards": lambda t: t[name].update(data_offsets=[8, 0]),
        "offsets that overlap": lambda t: t.update(other=entry),
        "offsets with a gap": lambda t: t[name].update(data_offsets=[v + 8 for v in t[name]["data_offsets"]]),
        "an unknown type": lambda t: t[name].update(dtype="object"),
        "a type of words": lambda t: t[name].update(dtype=["F64"]),
        "no data": lambda t: t[name].pop("data_offsets"),
        "many arrays": lambda t: t.update({f"x{i}": entry for i in range(20_000)}),
        "metadata of numbers": lambda t: t["__metadata__"].update(askew=3),
        "deep metadata": lambda t: t["__metadata__"].update(askew=_deep(200)),
    }
    for word, change in changes.items():
        yield Case(f"container: {word}", SCORE, content("evil.askew", rewritten(change)))
    twice = json.dumps(text)[:-1] + f', "{name}": {json.dumps(entry)}}}'
    whole_files = {
        "keys twice": struct.pack("<Q", len(twice)) + twice.encode() + whole[8 + length :],
        "a header beyond the file": struct.pack("<Q", 2**62) + whole[8:],
        "a header of 2^64": b"\xff" * 8 + whole[8:],
        "a deep header": struct.pack("<Q", 100_000) + b"[" * 100_000,
        "a header that is no text": struct.pack("<Q", 64) + b"\xff" * 64,
        "cut": whole[: len(whole) // 2],
        "nothing but zeros": bytes(1000),
        "a script": b"#!/bin/sh\ntouch trap\n",
    }
    for word, data in whole_files.items():
        yield Case(f"container: {word}", SCORE, content("evil.askew", data))
    for protocol in (0, 2, 5):
        data = pickle.dumps(_Pickle(), protocol=protocol)
        yield Case(f"container: a pickle of protocol {protocol}", SCORE, content("evil.askew", data))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(_Pickle()))
        archive.writestr("../../trap", "x")
    yield Case("container: a torch archive", SCORE, content("evil.askew", packed.getvalue()))
    yield Case("container: a pipe", SCORE, lambda folder: os.mkfifo(folder / "evil.askew"))
    yield Case("container: a device", SCORE, lambda folder: (folder / "evil.askew").symlink_to("/dev/zero"))
    yield Case("container: a link to itself", SCORE, lambda f: (f / "evil.askew").symlink_to("evil.askew"))
    yield Case("container: a folder", SCORE, lambda folder: (folder / "evil.askew").mkdir())


class _Pickle:
    def __reduce__(self):
        return os.system, ("touch trap",)


def cases():
    """Yield every hostile model of numbers and words; parts of scikit-learn have a maker of their own."""
    yield from _headers()
    yield from _prepared()
    yield from _arrays()
    yield from _containers()
