"""Images, results folders, logs of sessions, labels and ONNX files that somebody made to do harm."""

import io
import json
import os
import sqlite3
import struct
import zlib
from functools import cache

import numpy as np
from hostile_case import Case, content
from hostile_models import HUGE, at, edited
from PIL import Image

from askew.benchmarks.runs.plan import Run, digest
from askew.review.answer_log import AnswerLog


def _png(width, height, data=b"", depth=8, kind=0, chunks=()):
    """Return a PNG file that says its size, whatever its data are."""

    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0))
    more = b"".join(chunk(name, body) for name, body in chunks)
    return b"\x89PNG\r\n\x1a\n" + head + more + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@cache
def _zeros(n):
    return zlib.compress(bytes(n), 6)


EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 16 16\n(trap) (w) file closefile\n%%EOF\n"


def _images():
    def saved(kind, **options):
        out = io.BytesIO()
        Image.fromarray(np.arange(256, dtype=np.uint8).reshape(16, 16)).save(out, kind, **options)
        return out.getvalue()

    tiff = saved("TIFF")
    files = {
        "an EPS": EPS,
        "a huge EPS": EPS.replace(b"16 16", b"99999 99999"),
        "an SVG": b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
        "a script": b"#!/bin/sh\ntouch trap\n",
        "nothing": b"",
        "a PNG's mark alone": b"\x89PNG\r\n\x1a\n",
        "a PNG bomb": _png(9400, 9400, _zeros(9400 * 9401)),
        "a PNG of a huge size": _png(2**31 - 1, 2**31 - 1),
        "a PNG of no size": _png(0, 0),
        "a PNG of no pixels": _png(16, 16),
        "a PNG of broken pixels": _png(16, 16, b"\xff" * 99),
        "a PNG of an unknown depth": _png(16, 16, _zeros(272), depth=77),
        "a PNG with a bomb of words": _png(16, 16, _zeros(1), chunks=[(b"zTXt", b"x\0\0" + _zeros(1 << 27))]),
        "a PNG with a bomb of colours": _png(
            16, 16, _zeros(1), chunks=[(b"iCCP", b"x\0\0" + _zeros(1 << 27))]
        ),
        "a cut JPEG": saved("JPEG")[:200],
        "a JPEG of zeros": saved("JPEG")[:20] + bytes(500),
        "a GIF of a huge size": b"GIF89a\xff\xff\xff\xff\x80\0\0" + bytes(50),
        "a BMP of a huge size": b"BM"
        + bytes(12)
        + struct.pack("<IiiHHIIiiII", 40, 2**30, 2**30, 1, 24, *[0] * 6),
        "a TIFF without end": tiff[:4] + struct.pack("<I", 8) + b"\xff\xff" + bytes(99),
        "a TIFF that is cut": tiff[: len(tiff) // 2],
        "a PPM of a huge size": b"P6 999999999 999999999 255\n" + bytes(99),
        "a PPM of a long number": b"P6 " + b"9" * 100_000,
        "a WebP of nothing": b"RIFF\xff\xff\xff\x7fWEBPVP8 " + bytes(99),
    }
    for name, data in files.items():
        words = "score eyes.askew eyes -o scores.csv"
        yield Case(f"image: {name}", words, _in_folder("eyes", "x.png", data))
    yield Case(
        "image: a pipe",
        words,
        lambda folder: _in_folder("eyes", None, b"")(folder) or os.mkfifo(folder / "eyes/x.png"),
    )
    yield Case("image: a device", words, _link("eyes", "x.png", "/dev/zero"))
    yield Case("image: folders in a circle", words, _circle)


def _in_folder(folder, name, data):
    def write(home):
        (home / folder).mkdir()
        if name is not None:
            (home / folder / name).write_bytes(data)

    return write


def _link(folder, name, target):
    def write(home):
        (home / folder).mkdir()
        (home / folder / name).symlink_to(target)

    return write


def _circle(home):
    (home / "eyes").mkdir()
    for name in "abc":
        (home / "eyes" / name).symlink_to(".")


def _arrays():
    def header(descr, shape):
        out = io.BytesIO()
        np.lib.format.write_array_header_1_0(out, {"descr": descr, "fortran_order": False, "shape": shape})
        return out.getvalue()

    zipped = io.BytesIO()
    np.savez(zipped, x=np.zeros(3))
    files = {
        "a huge shape": header("|u1", (HUGE, 1, 16, 16)),
        "a shape beyond": header("|u1", (2**62, 2**62, 1, 1)),
        "a negative shape": header("|u1", (-1, 1, 16, 16)),
        "objects": header("|O", (1, 1, 16, 16)) + b"\x80\x04chostile_trap\nrun\n)R.",
        "an archive": zipped.getvalue(),
        "words": header("<U4", (1, 1, 16, 16)) + bytes(16 * 256),
        "a header of code": b"\x93NUMPY\x01\x00\x40\x00"
        + b"__import__('hostile_trap').run()".ljust(63)
        + b"\n",
        "a deep header": b"\x93NUMPY\x02\x00\x00\x90\x00\x00" + b"(" * 0x9000,
    }
    for name, data in files.items():
        words = "explain eyes.askew evil.npy -o reasons.csv"
        yield Case(f"array: {name}", words, content("evil.npy", data))


def _record(**changes):
    """Return a finished run as its file has it, sealed, after changes."""
    run = Run("classic", "thyroid", "vae", {}, 0).as_dict()
    body = {"preset": "quick", "status": "ok", "error": None, "auroc": 0.9, "auprc": 0.9, "fpr80": 0.1}
    body |= {"fit_seconds": 1.0, "score_seconds": 1.0, "group_size": 1, "n_train": 9, "n_labelled": 1}
    body |= {
        "n_test": 9,
        "warnings": None,
        "versions": {"askew": "0"},
        "started": "2026-01-01",
        "auprc_normal": 0.5,
    }
    for name, value in changes.items():
        (run if name in run else body)[name] = value
    body["run"] = run
    return {"format": "askew-run-1", "sha256": digest(body), "body": body}, digest(run)


def _results():
    bad = {
        "a score of words": {"auroc": "0.9"},
        "a score that is true": {"auroc": True},
        "a score beyond": {"auroc": 10**400},
        "a data set of lists": {"dataset": ["thyroid"]},
        "a method of objects": {"method": {"a": 1}},
        "parameters of words": {"params": "x"},
        "classes of numbers": {"known_classes": [1, 2]},
        "versions of lists": {"versions": ["1"]},
        "deep versions": {"versions": {"askew": [[["x"]]]}},
        "a status of numbers": {"status": 3},
        "a count beyond": {"n_train": 10**400},
        "an unknown field": {"__class__": "os.system"},
        "a seed of words": {"seed": "0"},
    }

    def stored(text, name):
        return _in_runs(lambda runs: (runs / name).write_text(text))

    words = "report results -o page.html"
    for name, changes in bad.items():
        sealed, key = _record(**changes)
        yield Case(f"results: {name}", words, stored(json.dumps(sealed), f"{key}.json"))
    sealed, key = _record()
    whole = json.dumps(sealed)
    texts = {
        "deep": "[" * 100_000,
        "cut": whole[: len(whole) // 2],
        "a list": "[]",
        "no body": json.dumps({"format": "askew-run-1"}),
        "a body of words": json.dumps({"format": "askew-run-1", "sha256": digest("x"), "body": "x"}),
        "a changed number": whole.replace("0.9", "0.8", 1),
        "NaN": whole.replace("0.9", "NaN", 1),
        "a long number": whole.replace("0.9", "9" * 10_000, 1),
    }
    for name, text in texts.items():
        yield Case(f"results: {name}", words, stored(text, f"{key}.json"))
    yield Case("results: another name", words, stored(whole, f"{'0' * 64}.json"))
    yield Case("results: a pipe", words, _in_runs(lambda runs: os.mkfifo(runs / f"{key}.json")))
    yield Case(
        "results: a device", words, _in_runs(lambda runs: (runs / f"{key}.json").symlink_to("/dev/zero"))
    )
    yield Case("results: a folder", words, _in_runs(lambda runs: (runs / f"{key}.json").mkdir()))


def _in_runs(write):
    def make(home):
        (home / "results" / "runs").mkdir(parents=True)
        write(home / "results" / "runs")

    return make


def _review(name, words, write):
    return Case(name, f"review model.askew rows.csv --folder session {words}", write, "session")


def _logs():
    """Logs of sessions; a sound one is in the good files of no case, as opening it writes to it."""
    words = "--export answers.csv"

    def log(change):
        def write(home):
            (home / "session").mkdir()
            place = home / "session" / "answers.db"
            AnswerLog(place).close()
            with sqlite3.connect(place) as database:
                change(database)
            database.close()

        return write

    def line(**values):
        usual = {"at": "2026", "kind": "open", "reviewer": "", "ids": "[]", "answers": "[]", "reason": ""}
        usual |= {"model": 1, "seen": "[]", "more": "{}"} | values
        marks = ",".join("?" * len(usual))
        text = f"INSERT INTO lines({','.join(usual)}) VALUES({marks})"
        return log(lambda database: database.execute(text, tuple(usual.values())))

    lines = {
        "ids of words": {"ids": "x"},
        "deep ids": {"ids": "[" * 100_000},
        "ids of lists": {"ids": "[[1]]"},
        "answers of objects": {"answers": "[{}]"},
        "more than ids": {"answers": '["anomaly"]'},
        "a list of more": {"more": "[]"},
        "nothing more": {},
        "bytes": {"kind": b"\xff\xfe"},
        "a model of words": {"model": "x"},
    }
    for name, values in lines.items():
        yield _review(f"log: {name}", words, line(**values))
    more = {
        "a trigger": "CREATE TRIGGER t AFTER INSERT ON lines BEGIN SELECT load_extension('trap'); END",
        "a view": "CREATE VIEW v AS SELECT * FROM lines",
        "another table": "CREATE TABLE t(x)",
        "another program": "PRAGMA application_id = 7",
        "a newer version": "PRAGMA user_version = 99",
    }
    for name, text in more.items():
        yield _review(f"log: {name}", words, log(lambda database, text=text: database.execute(text)))

    def endless(database):
        database.executescript(
            "DROP TABLE lines; CREATE VIEW lines AS WITH RECURSIVE n(number) AS (SELECT 1 UNION ALL SELECT number+1 "
            "FROM n) SELECT number, '' at, '' kind, '' reviewer, '[]' ids, '[]' answers, '' reason, 1 model, "
            "'[]' seen, '{}' more FROM n"
        )

    yield _review("log: an endless view", words, log(endless))
    for name, data in {
        "no database": b"x" * 5000,
        "half a database": b"SQLite format 3\0" + bytes(50),
    }.items():
        yield _review(f"log: {name}", words, _in_folder("session", "answers.db", data))


def _annotations():
    words = "--import evil.json --export answers.csv"
    answer = '"annotations": [{"result": [{"value": {"choices": %s}}]}]'
    said = answer % '["anomaly"]'
    texts = {
        "no JSON": "{",
        "deep": "[" * 100_000,
        "a number": "3",
        "tasks of numbers": "[1, 2]",
        "data of words": f'[{{"data": "x", {said}}}]',
        "annotations of words": '[{"data": {"askew_id": 1}, "annotations": "x"}]',
        "results of words": '[{"data": {"askew_id": 1}, "annotations": [{"result": ["x"]}]}]',
        "choices of objects": '[{"data": {"askew_id": 1}, %s}]' % (answer % '{"a": 1}'),
        "another row": f'[{{"data": {{"askew_id": "../x"}}, {said}}}]',
        "an unknown choice": '[{"data": {"askew_id": 1}, %s}]' % (answer % '["=x"]'),
        "an empty label": '[{"label": {"choices": []}}]',
    }
    for name, text in texts.items():
        yield _review(f"Label Studio: {name}", words, content("evil.json", text))
    yield _review("Label Studio: a pipe", words, lambda home: os.mkfifo(home / "evil.json"))


def _labels():
    texts = {
        "nothing": "",
        "no column": "x,y\n1,2\n",
        "an unknown row": "row,label\n999999999999999999999,-1\n",
        "a row twice": "row,label\n1,-1\n1,1\n",
        "a row of a path": "row,label\n../../x,-1\n",
        "a formula": "row,label\n1,=1+1\n",
        "a label beyond": "row,label\n1,1e999\n",
        "zero and one alone": "row,label\n1,1\n2,0\n",
        "zero bytes": "row,label\n1,\0\n",
    }
    for name, text in texts.items():
        words = "refit model.askew rows.csv --labels evil.csv -o new.askew"
        yield Case(f"labels: {name}", words, content("evil.csv", text))


def _onnx():
    import onnx
    from onnx import TensorProto, helper

    def model(about, nodes=None, constants=()):
        takes = helper.make_tensor_value_info("X", TensorProto.DOUBLE, ["n", 3])
        gives = [
            helper.make_tensor_value_info(name, kind, ["n"])
            for name, kind in (("score", 11), ("anomaly_score", 11), ("prediction", 7))
        ]
        usual = [
            helper.make_node("ReduceSum", ["X", "axis"], ["score"], keepdims=0),
            helper.make_node("Neg", ["score"], ["anomaly_score"]),
            helper.make_node("Cast", ["score"], ["prediction"], to=7),
        ]
        axis = helper.make_tensor("axis", TensorProto.INT64, [1], [1])
        graph = helper.make_graph((nodes or []) + usual, "g", [takes], gives, [axis, *constants])
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
        if about is not None:
            helper.set_model_props(made, {"askew": about if isinstance(about, str) else json.dumps(about)})
        return made

    sound = {
        "version": "0",
        "detector": "kde",
        "features": ["a", "b", "c"],
        "offset": 0.0,
        "n_features_in": 3,
    }
    sound |= {"other_columns": None}
    abouts = {
        "says nothing": None,
        "deep": "[" * 100_000,
        "a list": "[]",
        "an offset of words": sound | {"offset": "x"},
        "an offset beyond": sound | {"offset": 10**400},
        "NaN": sound | {"offset": float("nan")},
        "columns of words": sound | {"n_features_in": "x"},
        "no columns": {"offset": 0.0},
        "a preparation of words": sound | {"preparation": "x"},
    }
    for name, about in abouts.items():
        words = "score evil.onnx rows.csv -o scores.csv"
        yield Case(f"ONNX: {name}", words, content("evil.onnx", model(about).SerializeToString()))
    weights = helper.make_tensor("w", TensorProto.DOUBLE, [1], [0.0])
    weights.ClearField("double_data")
    weights.data_location = TensorProto.EXTERNAL
    for key, value in {"location": "/etc/passwd", "offset": "0", "length": "8"}.items():
        entry = weights.external_data.add()
        entry.key, entry.value = key, value
    for place in ("/etc/passwd", "../secret", "rows.csv"):
        weights.external_data[0].value = place
        data = model(sound, [helper.make_node("Add", ["w", "w"], ["ww"])], [weights]).SerializeToString()
        yield Case(f"ONNX: numbers of {place}", words, content("evil.onnx", data))
    body = helper.make_graph(
        [helper.make_node("Identity", ["c"], ["cc"]), helper.make_node("Identity", ["s"], ["ss"])],
        "body",
        [helper.make_tensor_value_info(name, kind, []) for name, kind in (("i", 7), ("c", 9), ("s", 7))],
        [helper.make_tensor_value_info(name, kind, []) for name, kind in (("cc", 9), ("ss", 7))],
    )
    times = helper.make_tensor("times", TensorProto.INT64, [], [2**62])
    truth = helper.make_tensor("truth", TensorProto.BOOL, [], [True])
    start = helper.make_tensor("start", TensorProto.INT64, [], [0])
    loop = helper.make_node("Loop", ["times", "truth", "start"], ["end"], body=body)
    data = model(sound, [loop], [times, truth, start]).SerializeToString()
    yield Case("ONNX: an endless loop", words, content("evil.onnx", data))
    unknown = model(sound, [helper.make_node("System", ["X"], ["y"], domain="trap")]).SerializeToString()
    yield Case("ONNX: an unknown operation", words, content("evil.onnx", unknown))
    yield Case("ONNX: nothing", words, content("evil.onnx", b""))
    yield Case(
        "ONNX: no model", words, content("evil.onnx", onnx.TensorProto().SerializeToString() + b"\xff" * 99)
    )
    yield Case("ONNX: a pipe", words, lambda home: os.mkfifo(home / "evil.onnx"))


def harmless():
    """Yield files that name places elsewhere, which commands read without writing there, and what they write."""
    sealed, key = _record(protocol="../../../trap", dataset="/tmp/trap", method="=cmd()")
    runs = _in_runs(lambda runs: (runs / f"{key}.json").write_text(json.dumps(sealed)))
    yield Case("a run of ../", "report results -o page.html", runs, "page.html page.md page.csv")
    ids = content("rows.csv", "id,a,b,c\n../../x,1,2,3\n/tmp/x,1,2,3\n=cmd(),1,2,3\n")
    yield Case("ids of ../", "score model.askew rows.csv --id-column id -o s.csv", ids, "s.csv")
    for place in ("../trap.ckpt", "/tmp/trap.ckpt", "rows.csv"):
        trained = at(["parameters", "training", "training", "checkpoint"], place)
        labels = edited("deep_sad", trained)
        yield Case(
            f"a checkpoint at {place}",
            "refit evil.askew rows.csv --labels said.csv -o new.askew",
            lambda f, write=labels: (write(f), (f / "said.csv").write_text("row,label\n1,-1\n2,-1\n")),
            "new.askew",
        )


def cases():
    """Yield every other hostile file."""
    yield from _images()
    yield from _arrays()
    yield from _results()
    yield from _logs()
    yield from _annotations()
    yield from _labels()
    yield from _onnx()
