"""Rooms import only from rooms before them, no modules import each other, and each kind of deed has its one place."""

import ast
from graphlib import CycleError, TopologicalSorter

import pytest
from source_tree import calls, imports, modules, rooms, tree

IMPORTS = {module: list(imports(module, path)) for module, path in modules().items()}


def graph(imported):
    """Return for each module the modules that it imports; the package itself shows whatever there is."""
    used = {module: {rooms.module_of(name) for name, _ in names} for module, names in imported.items()}
    return {module: others - {None, module} for module, others in used.items() if module != "askew"}


def upward(module, names):
    """Return the imports that are from a room after the module's own."""
    place = rooms.ROOMS.index(rooms.room_of(module))
    places = [(name, line, rooms.room_of(name)) for name, line in names if name.startswith("askew.")]
    return [
        f"{module}, line {line}: {name}"
        for name, line, room in places
        if room and rooms.ROOMS.index(room) > place
    ]


def test_every_module_is_in_a_room():
    assert [m for m in modules() if m != "askew" and rooms.room_of(m) is None] == []


def test_every_folder_is_a_room():
    """But those of one method, one application or one part of the report."""
    folders = {m.removeprefix("askew.") for m, path in modules().items() if path.name == "__init__.py"} - {
        "askew"
    }
    inner = {folder for folder in folders if folder not in rooms.ROOMS}
    assert {folder.rpartition(".")[0] for folder in inner} <= {
        "detectors",
        "applications",
        "benchmarks.report",
    }
    assert {f"askew.{room}" for room in rooms.ROOMS} <= set(modules())


def test_imports_point_to_rooms_before():
    assert [line for m in IMPORTS if m != "askew" for line in upward(m, IMPORTS[m])] == []


def test_no_modules_import_each_other():
    """In functions and for type checkers neither."""
    try:
        TopologicalSorter(graph(IMPORTS)).prepare()
    except CycleError as error:
        raise AssertionError(" -> ".join(error.args[1])) from None


def test_a_circle_would_be_seen():
    for_types = IMPORTS["askew.errors"] + [("askew.cli.main.main", 1)]
    with pytest.raises(CycleError, match=r"askew\.errors"):
        TopologicalSorter(graph(IMPORTS | {"askew.errors": for_types})).prepare()


def test_base_and_index_name_no_later_room_in_a_text():
    """Index finds detectors by their files; all else it is told by the files themselves."""
    later = tuple(f"askew.{room}" for room in rooms.ROOMS[rooms.ROOMS.index("base") + 1 :])
    paths = [path for module, path in modules().items() if rooms.room_of(module) in ("base", "index")]
    nodes = [node for path in paths for node in ast.walk(tree(path)) if isinstance(node, ast.Constant)]
    texts = [node.value for node in nodes if isinstance(node.value, str)]
    assert {text for text in texts if text.startswith(later)} == {"askew.detectors."}


def test_the_package_itself_imports_its_index_alone():
    found = {name for name, _ in IMPORTS["askew"] if name.startswith("askew")}
    # the rest is imported when it is asked for
    assert found == {"askew.index", "askew.base.Detector", "askew.base", "askew."}


def test_a_violation_would_be_seen(tmp_path):
    path = tmp_path / "wrong.py"
    path.write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import askew.explain\n"
        "def f():\n    from ..detectors import vae\n    from askew.objectives import elbo\n"
    )
    names = imports("askew.objectives.wrong", path)
    assert [name for name, _ in names if name.startswith("askew")] == [
        "askew.explain",
        "askew.detectors.vae",
        "askew.objectives.elbo",
    ]
    assert upward("askew.objectives.wrong", names) == [
        "askew.objectives.wrong, line 3: askew.explain",
        "askew.objectives.wrong, line 5: askew.detectors.vae",
    ]
    within = "askew.benchmarks.runs.wrong"
    assert upward(within, [("askew.benchmarks.result_tables.Table", 1)]) != []
    assert upward("askew.benchmarks.result_tables.right", [("askew.benchmarks.runs.Store", 1)]) == []


def test_the_picture_of_the_rooms_is_that_of_the_code():
    page = rooms.PAGE.read_text(encoding="utf-8")
    assert rooms.drawn(page) == page, "draw it again: python tools/rooms.py"


def test_the_picture_has_every_room_below_what_it_uses():
    floor = {room: number for number, layer in enumerate(rooms.layers()) for room in layer}
    assert sorted(floor) == sorted(rooms.ROOMS)
    assert all(floor[room] > floor[other] for room, used in rooms.neighbours().items() for other in used)


def where(predicate):
    """Return the modules with a call whose name fits."""
    return sorted({m for m, path in modules().items() for name, _ in calls(path) if predicate(name)})


def test_only_the_run_of_a_stage_calls_backward_and_step():
    learning = where(
        lambda name: name.split(".")[-1] in ("backward", "step") and name != "axes.step"
    )  # a plot's
    assert learning == ["askew.training.stage_run"]


def test_only_the_run_of_a_stage_makes_optimisers():
    """And takes the room's own Adam, none of torch's; averages of weights live beside them in torch."""
    made = where(lambda name: ".optim." in f".{name}" or name.split(".")[-1] == "Adam")
    named = {(m, name) for m, names in IMPORTS.items() for name, _ in names}
    importing = {m for m, name in named if "torch.optim" in name and "swa_utils" not in name}
    assert (made, importing) == (["askew.training.stage_run"], set())


def test_what_is_imported_by_string_names_its_room():
    """Else the order of imports could not be checked; only the package and its index take any name."""
    hidden = {m for m, names in IMPORTS.items() for name, _ in names if name == ""}
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
    assert [m for m in where(lambda name: name == "print") if rooms.room_of(m) != "cli"] == []


def test_no_assert_for_users():
    guilty = [
        m for m, path in modules().items() for node in ast.walk(tree(path)) if isinstance(node, ast.Assert)
    ]
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
