"""Rooms import only from rooms above them, and each kind of deed has its one place."""

import ast

import pytest
from source_tree import PACKAGE, calls, imports, modules, tree, walk

# From DESIGN.md; index, selection, allocator and the package itself are no rooms there: index reads file names only,
# selection knows what a detector is, and some detectors select by it; the allocator is the processes' own, the
# command's and its workers'; and the package shows lazily whatever there is.
ROOMS = (
    "allocator",
    "errors",
    "index",
    "labels",
    "inputs",
    "networks",
    "objectives",
    "training",
    "files",
    "base",
    "selection",
    "families",
    "detectors",
    "calibration",
    "explain",
    "export",
    "scoring",
    "fitting",
    "compat",
    "datasets",
    "applications",
    "benchmarks",
    "model_card",
    "review",
    "distributed",
    "cli",
)


def room_of(name):
    parts = name.split(".")
    return parts[1] if len(parts) > 1 and parts[0] == "askew" and parts[1] in ROOMS else None


def test_every_module_is_in_a_room():
    strays = [m for m in modules() if m != "askew" and room_of(m) is None]
    assert strays == []


@pytest.mark.parametrize("module", [m for m in modules() if m != "askew"])
def test_imports_point_only_upward(module):
    place = ROOMS.index(room_of(module))
    wrong = [
        f"line {line}: {name}"
        for name, line in imports(module, modules()[module])
        if room_of(name) is not None and ROOMS.index(room_of(name)) > place
    ]
    assert wrong == [], f"{module} imports from a room below it"


def test_the_package_itself_imports_its_index_alone():
    found = [name for name, _ in imports("askew", PACKAGE / "__init__.py") if name.startswith("askew")]
    # the rest is imported when it is asked for
    assert found == ["askew.index", "askew.base", "askew."]


def test_a_violation_would_be_seen(tmp_path, monkeypatch):
    import source_tree

    path = tmp_path / "askew" / "objectives" / "wrong.py"
    path.parent.mkdir(parents=True)
    path.write_text("def f():\n    from ..detectors import vae\n    import askew.cli.main\n")
    found = [name for name, _ in source_tree.imports("askew.objectives.wrong", path)]
    assert [room_of(name) for name in found] == ["detectors", "cli"]


def where(predicate):
    """Return the modules with a call whose name fits."""
    return sorted({m for m, path in modules().items() for name, _ in calls(path) if predicate(name)})


def test_only_the_run_of_a_stage_calls_backward_and_step():
    learning = where(
        lambda name: name.split(".")[-1] in ("backward", "step") and name != "axes.step"
    )  # a plot's
    assert learning == ["askew.training.stage_run"]


def test_only_the_run_of_a_stage_makes_optimisers():
    """And takes torch's only through the room's own Adam; averages of weights live beside them in torch."""
    made = where(lambda name: ".optim." in f".{name}" or name.split(".")[-1] == "Adam")
    named = {(m, name) for m, path in modules().items() for name, _ in imports(m, path)}
    importing = {m for m, name in named if "torch.optim" in name and "swa_utils" not in name}
    assert (made, importing) == (["askew.training.stage_run"], {"askew.training.optimiser"})


def test_what_is_imported_by_string_names_its_room():
    """Else the order of imports could not be checked; only the package and its index take any name."""
    hidden = {m for m, path in modules().items() for name, _ in imports(m, path) if name == ""}
    assert hidden <= {"askew", "askew.index"}
    assert where(lambda name: name.split(".")[-1] == "__import__") == []


def test_nothing_unpickles_or_evaluates():
    names = {"pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve"}
    guilty = [
        m for m, path in modules().items() for name, _ in imports(m, path) if name.split(".")[0] in names
    ]
    assert guilty == []
    # `model.eval()` and `re.compile()` are other things: only the bare names count
    assert where(lambda name: name in ("eval", "exec", "compile", "torch.load", "joblib.load")) == []
    allowed = [
        ast.unparse(keyword)
        for path in modules().values()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "allow_pickle"
        and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False)
    ]
    assert allowed == []


def test_nothing_seeds_a_global_generator():
    seeds = {"torch.manual_seed", "torch.seed", "np.random.seed", "numpy.random.seed", "random.seed"}
    assert where(seeds.__contains__) == []


def test_only_the_command_line_prints():
    assert [m for m in where(lambda name: name == "print") if room_of(m) != "cli"] == []


def test_no_assert_for_users():
    guilty = [m for m, path in modules().items() for node in walk(tree(path)) if isinstance(node, ast.Assert)]
    assert guilty == []


def test_every_module_says_what_it_is():
    silent = [m for m, path in modules().items() if not ast.get_docstring(tree(path))]
    assert silent == []


def test_detectors_do_not_know_each_other():
    guilty = [
        (module, name)
        for module, path in modules().items()
        if module.startswith("askew.detectors.")
        for name, _ in imports(module, path)
        if name.startswith("askew.detectors.") and name.split(".")[2] != module.split(".")[2]
    ]
    assert guilty == []
