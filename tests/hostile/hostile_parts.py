"""Models whose parts of scikit-learn somebody made to do harm: skops archives of foreign types, bombs, wild trees."""

import io
import json
import zipfile

import numpy as np
from hostile_case import Case
from hostile_models import SCORE, edited

PART = {
    "isolation_forest": "forest",
    "extra_trees": "forest",
    "gradient_boosting": "model",
    "oc_svm": "machine",
}


def repacked(change, compression=zipfile.ZIP_STORED):
    """Return a change of an archive: `change` takes and gives its members' contents by name."""

    def write(array):
        with zipfile.ZipFile(io.BytesIO(array.tobytes())) as source:
            members = {name: source.read(name) for name in source.namelist()}
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", compression) as target:
            for name, data in change(members).items():
                target.writestr(name, data)
        return np.frombuffer(packed.getvalue(), dtype=np.uint8)

    return write


def schema(change):
    """Return a change of an archive's description."""

    def write(members):
        about = json.loads(members["schema.json"])
        text = change(about)
        return members | {"schema.json": text if isinstance(text, str) else json.dumps(about)}

    return write


def numbers(wanted, change):
    """Return a change of the first array of an archive that has a field, or is of a shape."""

    def write(members):
        for name, data in members.items():
            if name.endswith(".npy"):
                array = np.load(io.BytesIO(data))
                if wanted in (array.dtype.names or ()) or wanted == array.shape:
                    out = io.BytesIO()
                    np.save(out, change(array.copy()))
                    return members | {name: out.getvalue()}
        raise LookupError(wanted)

    return write


def filled(field, value, places=slice(None)):
    def change(array):
        array[field][places] = value
        return array

    return change


def _node(kind, module, loader, **more):
    return {"__class__": kind, "__module__": module, "__loader__": loader, "__id__": 10**9, **more}


def _header(descr, shape):
    """Return the start of an .npy file that promises `shape`, without its numbers."""
    out = io.BytesIO()
    np.lib.format.write_array_header_1_0(out, {"descr": descr, "fortran_order": False, "shape": shape})
    return out.getvalue()


def part(name, change, kind="isolation_forest", compression=zipfile.ZIP_STORED):
    key = PART[kind]
    change = repacked(change, compression)
    return Case(f"part: {name}", SCORE, edited(kind, arrays=lambda given: given | {key: change(given[key])}))


def _foreign():
    """Types that a forest does not have."""
    functions = {
        "os": "system",
        "builtins": "eval",
        "subprocess": "run",
        "hostile_trap": "run",
        "shutil": "rmtree",
    }
    functions |= {"sklearn.utils._testing": "check_output", "numpy": "load", "operator": "methodcaller"}
    functions |= {"joblib": "load", "torch": "load", "askew.cli.main": "main", "pickle": "loads"}
    for module, function in functions.items():
        node = _node(function, module, "FunctionNode", content={"module_path": module, "function": function})
        yield (
            f"function {module}.{function}",
            lambda about, node=node: about["content"]["content"].update(x=node),
        )
    for loader in ("ObjectNode", "ReduceNode", "TypeNode", "MethodNode", "PartialNode", "OperatorFuncNode"):
        inner = _node("dict", "builtins", "DictNode", content={}, key_types={})
        node = _node(
            "Run", "hostile_trap", loader, content=inner, constructor=inner, args=inner, reduce=inner
        )
        yield f"a {loader}", lambda about, node=node: about["content"]["content"].update(x=node)
    yield "another class", lambda about: about.update({"__class__": "Run", "__module__": "hostile_trap"})
    yield "a deep schema", lambda about: "[" * 100_000
    yield "a schema that is no object", lambda about: "[]"
    yield "no content", lambda about: json.dumps({k: v for k, v in about.items() if k != "content"})
    yield "an unknown loader", lambda about: about.update({"__loader__": "os.system"})
    yield "a newer protocol", lambda about: about.update({"protocol": 10**6, "__loader__": "NewNode"})
    yield "itself inside", lambda about: about["content"]["content"].update(x={"__loader__": "CachedNode"})


def cases():
    """Yield every hostile archive."""
    for name, change in _foreign():
        yield part(name, schema(change))
    yield part("no schema", lambda members: {"x": b""})
    yield part("members elsewhere", lambda m: {f"../../{name}": data for name, data in m.items()})
    packed = zipfile.ZIP_DEFLATED
    yield part("a bomb", lambda m: m | {"bomb.npy": bytes(1 << 28)}, compression=packed)
    bomb = _header("<f8", (1 << 30,)) + bytes(1 << 27)
    yield part(
        "an array that unpacks", lambda m: dict.fromkeys(m, bomb) | schema(dict)(m), compression=packed
    )
    node = "left_child"
    for word, shape in {"huge": (10**12,), "beyond": (2**62, 2**62), "negative": (-1,)}.items():
        head = _header("<f8", shape)
        yield part(
            f"an array of a {word} shape",
            lambda m, head=head: {name: head if name.endswith(".npy") else data for name, data in m.items()},
        )
    objects = _header("|O", (3,)) + b"\x80\x04chostile_trap\nrun\n)R."
    yield part("arrays of objects", lambda m: {n: objects if n.endswith(".npy") else d for n, d in m.items()})
    wild = {
        "children beyond the tree": (node, 10**6),
        "negative children": ("right_child", -(2**40)),
        "a circle": (node, 0),
        "columns beyond the table": ("feature", 10**6),
        "negative columns": ("feature", -5),
    }
    for word, (field, value) in wild.items():
        for kind in ("isolation_forest", "extra_trees"):
            first = numbers(node, filled(field, value, slice(0, 1)))
            yield part(f"{word} in {kind}", first, kind)
    boosted = {"left": 10**6, "right": 0, "feature_idx": 10**6, "is_categorical": 1}
    for field, value in boosted.items():
        yield part(
            f"boosting: {field}", numbers(field, filled(field, value, slice(0, 1))), "gradient_boosting"
        )
    yield part("no node", numbers(node, lambda array: array[:0]))
    yield part("fewer nodes than said", numbers(node, lambda array: array[:1]))
    yield part("support of another width", _support(lambda a: a[:, :1]), "oc_svm")
    yield part("fewer support vectors", _support(lambda a: a[:1]), "oc_svm")


def _support(change):
    """Return a change of a machine's support vectors, its widest array of two axes but for the training rows."""

    def write(members):
        shapes = {n: np.load(io.BytesIO(d)).shape for n, d in members.items() if n.endswith(".npy")}
        wanted = next(shape for shape in shapes.values() if len(shape) == 2 and shape[1] == 3)
        return numbers(wanted, change)(members)

    return write
