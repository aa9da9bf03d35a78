"""The few_labels protocol: its plan, its call, and what it says of its runs."""

import csv
import json
from dataclasses import replace

import pyarrow.parquet as pq
import pytest

from askew import datasets
from askew.benchmarks import Run, classic, run_few_labels
from askew.benchmarks.protocols.few_labels import protocol as few_labels
from askew.benchmarks.protocols.few_labels.protocol import METHODS, MOST, M, plan, possible
from askew.benchmarks.runs import method as method_module
from askew.benchmarks.runs.label_use import LABEL_FREE
from askew.benchmarks.runs.method import VARIANTS, Method
from askew.benchmarks.runs.plan import Group
from askew.datasets.splits import most_labels
from askew.errors import InvalidInputError

RUN = Run("classic", "cardio", "dp_vae", {"beta_kl": 0.05, "training__lr": 1e-3}, 3)


class TestRun:
    def test_fields_that_are_none_do_not_change_keys(self):
        """The key that a run had before these fields were there; test_plan.py pins another."""
        assert not {"regime", "m", "max_normals"} & set(RUN.as_dict())
        assert RUN.key == "7f1ef8aec13a3810a62cdb7ead8504dc894c26c371745f9c61e3d0668921ff9c"

    def test_fields_that_are_set_do(self):
        some = replace(RUN, regime="seen", m=0, max_normals=10)
        others = [replace(some, regime="unseen"), replace(some, m=1), replace(some, max_normals=11), RUN]
        assert len({run.key for run in [some, *others]}) == 5
        assert len({run.group_key for run in [some, *others]}) == 5

    def test_a_group_says_regime_and_m(self):
        some = replace(RUN, regime="unseen", m=5)
        group = Group(tuple(replace(some, seed=seed) for seed in (0, 1, 2)))
        assert group.title(few_labels.FEW_LABELS.words) == "dp_vae on cardio, unseen, m = 5, seeds 0-2"


GANS = ("adgan", "alad", "anogan", "fence_gan")


class TestPlan:
    def test_most_labels_are_those_of_the_tables(self):
        for name, most in MOST.items():
            assert {regime: most_labels(datasets.load(name), regime) for regime in most} == most

    def test_paper_is_the_full_grid_without_the_cells_that_are_not_possible(self):
        full = plan("paper")
        # 34 of 36 (table, m) in each regime: m = 50 lacks two tables in seen and two in unseen
        free = len(LABEL_FREE)
        assert len(full.runs) == full.grid == 10 * (68 * (len(METHODS) - free) + 12 * free)
        assert len({run.key for run in full.runs}) == full.grid
        gaps = {(name, regime) for name in MOST for regime in MOST[name] if possible(name, regime) != M}
        assert gaps == {
            ("arrhythmia", "seen"),
            ("arrhythmia", "unseen"),
            ("satimage-2", "seen"),
            ("thyroid", "unseen"),
        }
        assert "arrhythmia seen (at most 39)" in full.notes[1]

    def test_methods_without_use_of_labels_run_once(self):
        ms = {}
        for run in plan("paper", datasets=["cardio"]).runs:
            ms.setdefault(run.method, set()).add(run.m)
        assert {name for name, found in ms.items() if found == {0}} == set(LABEL_FREE)
        assert all(found == set(M) for name, found in ms.items() if name not in LABEL_FREE)

    def test_label_free_is_what_the_classes_say(self):
        """But for OC-SVM, which trains without labels and chooses its kernel by them, and for what is not run."""
        import askew

        for name, kind in askew.all_detectors().items():
            if name not in ("hybrid", "oc_svm", "mahalanobis", *GANS) and kind.takes_tables:
                assert (name in LABEL_FREE) is not kind.uses_labels, name
        for hybrid in (method for method in VARIANTS if method.detector == "hybrid"):
            assert (hybrid.name in LABEL_FREE) is (hybrid.inner in LABEL_FREE), hybrid

    def test_settings_are_the_classic_ones(self):
        for run in plan("paper", seeds=[0]).runs:
            assert run.params == classic.params(run.method, run.dataset)

    def test_quick_is_a_part_of_paper(self):
        quick = plan("quick")
        assert {run.key for run in quick.runs} < {run.key for run in plan("paper").runs}
        assert quick.grid == len(plan("paper").runs)

    def test_refusals(self):
        with pytest.raises(InvalidInputError, match=r"^methods of run_few_labels .*catboost"):
            plan(methods=["boost"])
        with pytest.raises(InvalidInputError, match=r"^datasets of run_few_labels .*satimage-2"):
            plan(datasets=["mnist"])
        with pytest.raises(InvalidInputError, match=r"^seeds of run_few_labels must be"):
            plan(seeds=[])


class TestCatBoost:
    def test_it_is_gradient_boosting_with_another_library(self):
        assert Method.of("catboost").detector == "gradient_boosting"
        assert classic.params("catboost", "cardio") == {"library": "catboost"}
        assert "catboost" in METHODS

    def test_without_it_its_runs_are_left_out_and_not_covered(self, fakes, tmp_path, monkeypatch):
        monkeypatch.setattr(method_module, "find_spec", lambda name: None)
        monkeypatch.setitem(fakes.METHODS, "gradient_boosting", {})
        assert Method.of("gradient_boosting").why_not() is None
        events = []
        call = {"methods": ["fake", "catboost"], "datasets": ["cardio"], "seeds": [0, 1]}
        result = run_few_labels(**call, out=tmp_path, progress=events.append)
        assert result.to_json()["coverage"] == [24, 48]
        assert sum(row.n_failed for row in result.rows) == 0
        reason = 'catboost is not installed: pip install "askew[boost]"'
        assert f"Planned but left out: {reason}." in result.notes()
        assert f"left out: {reason}" in [event.text for event in events]


CALL = {"methods": ["fake", "isolation_forest"], "datasets": ["cardio"], "seeds": [0, 1, 2]}


@pytest.fixture
def with_forest(fakes, monkeypatch):
    monkeypatch.setitem(fakes.METHODS, "isolation_forest", {})
    monkeypatch.setattr(few_labels.classic, "params", lambda method, dataset: {})
    return fakes


class TestCall:
    def test_writes_the_folder_and_trains_the_seeds_of_each_m_together(self, with_forest, tmp_path):
        result = run_few_labels(**CALL, out=tmp_path)
        assert sorted(p.name for p in tmp_path.iterdir()) == ["runs", "runs.parquet", "table.csv", "table.md"]
        table = pq.read_table(tmp_path / "runs.parquet").to_pylist()
        assert {(row["regime"], row["m"]) for row in table if row["method"] == "fake"} == {
            (regime, m) for regime in ("seen", "unseen") for m in M
        }
        assert (
            sorted(with_forest.fitted) == [("fake", (0, 1, 2))] * 12 + [("isolation_forest", (0, 1, 2))] * 2
        )
        assert (tmp_path / "table.md").read_text() == result.markdown()
        rows = list(csv.DictReader((tmp_path / "table.csv").read_text().splitlines()))
        assert [float(row["auroc_mean"]) for row in rows] == [row.auroc_mean for row in result.rows]
        assert json.loads(json.dumps(result.to_json()))["coverage"] == [42, 42]

    def test_runs_get_the_split_of_their_regime_and_m(self, with_forest, tmp_path):
        run_few_labels(**(CALL | {"methods": ["fake"], "seeds": [4]}), out=tmp_path)
        assert sorted(with_forest.asked) == sorted(
            ("cardio", 4, m, regime, 0.0, few_labels.MAX_NORMALS) for m in M for regime in ("seen", "unseen")
        )

    def test_it_resumes(self, with_forest, tmp_path):
        run_few_labels(**CALL, out=tmp_path)
        with_forest.fitted.clear()
        assert run_few_labels(**(CALL | {"seeds": range(4)}), out=tmp_path).done == 56
        assert {seeds for _, seeds in with_forest.fitted} == {(3,)}
        with pytest.raises(InvalidInputError, match=r"^out of run_few_labels must be empty"):
            run_few_labels(**CALL, out=tmp_path, resume=False)
