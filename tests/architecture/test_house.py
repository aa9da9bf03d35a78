"""Every module of these rooms has its tests where one looks for them; functions take few parameters."""

import ast
from collections import Counter
from pathlib import Path

from source_tree import modules, tree

TESTS = Path(__file__).parents[1]

MIRRORED = (
    "base",
    "base.preparation",
    "calibration",
    "detectors",
    "drift",
    "fitting",
    "objectives",
    "review",
    "scoring",
)

ELSEWHERE = {
    "base.preparation.interface": "base/preparation/test_table_rows.py",
    "base.shallow": "contracts/test_laws_of_fitting.py",
    "base.wrapper": "base/test_prepared.py",
    "calibration.threshold": "calibration/test_threshold_contract.py",
    "fitting.training_images": "cli/test_cli_images.py",
    "fitting.training_options": "fitting/test_training_rows.py",
    "fitting.training_table": "fitting/test_training_rows.py",
    "objectives.shapes": "objectives/test_elbo.py",
    "drift.columns": "drift/test_drift_comparison.py",
    "drift.findings": "drift/test_drift_comparison.py",
    "review.given": "review/test_session.py",
    "review.people": "review/test_session.py",
    "review.questions": "review/test_choice.py",
    "review.reports": "review/test_review_change.py",
    "review.session_view": "review/test_session.py",
    "review.showing": "review/test_choice.py",
    "scoring.image_source": "cli/test_cli_images.py",
    "scoring.listener": "scoring/test_score_file.py",
    "scoring.reasons": "scoring/test_explain_file.py",
}
"""Modules without a test file of their own, and the one that tests them."""

MOST = 8


def test_every_module_has_a_test_file_of_its_own_name_or_a_place_elsewhere():
    names = {
        module.removeprefix("askew.") for module, path in modules().items() if path.name != "__init__.py"
    }
    mirrored = {name for name in names if name.rpartition(".")[0] in MIRRORED}

    def own(name):
        room, _, module = name.rpartition(".")
        folder, last = TESTS / room.replace(".", "/"), room.rpartition(".")[2]
        # pytest wants other names where another room has a file of this one
        return any((folder / f"test_{each}.py").is_file() for each in (module, f"{last}_{module}"))

    assert {name for name in mirrored if not own(name)} == set(ELSEWHERE)
    assert [path for path in ELSEWHERE.values() if not (TESTS / path).is_file()] == []


def test_no_two_test_files_have_one_name():
    names = Counter(path.name for path in TESTS.rglob("test_*.py"))
    assert [name for name, count in names.items() if count > 1] == []


def test_functions_have_few_parameters_but_constructors_and_commands():
    many = []
    for module, path in modules().items():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef) and node.name != "__init__":
                given = node.args.posonlyargs + node.args.args + node.args.kwonlyargs
                own = [each for each in given if each.arg not in ("self", "cls")]
                if len(own) > MOST and not module.startswith("askew.cli."):
                    many.append((module, node.name, len(own)))
    assert many == []
