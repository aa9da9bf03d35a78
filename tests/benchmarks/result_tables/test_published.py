"""The choice among printed cells."""

import csv
from collections import Counter
from importlib.resources import files

import pytest

from askew.benchmarks import cells
from askew.benchmarks.protocols.classic.method_settings import DATASETS
from askew.benchmarks.protocols.classic.protocol import FEW, METHODS
from askew.benchmarks.result_tables.published import all_cells, published
from askew.errors import InvalidInputError


@pytest.mark.parametrize(
    ("dataset", "method", "mean", "std", "table"),
    [
        ("satellite", "dp_vae", 0.892, 0.016, "Table 4"),  # not 91.7, which is the hybrid's cell
        ("cardio", "mml_vae", 0.993, 0.003, "Table 8"),  # not 99.2, which is the hybrid's cell
        ("cardio", "mml_dp_vae", 0.992, 0.004, "Table 8"),
        ("thyroid", "dp_vae", 0.999, 0.0004, "Table 4"),
        ("arrhythmia", "vae", 0.856, 0.024, "Table 4"),
        ("thyroid", "autoencoder", 0.752, 0.102, "Table 6"),  # printed as CAE
        ("arrhythmia", "oc_svm", 0.845, 0.039, "Table 2"),  # printed as OC-SVM raw
        ("shuttle", "deep_sad", 0.984, 0.009, "Table 2"),  # its own paper, not the copy
    ],
)
def test_spot_checks(dataset, method, mean, std, table):
    cell = published("classic")[dataset, method]
    assert (cell.mean, cell.std, cell.table, cell.n_runs) == (mean, std, table, 10)


def test_the_papers_other_methods_on_tables_can_all_be_asked_for():
    from askew import index
    from askew.benchmarks.runs.method import Method

    found = published("classic")
    methods = {method for _, method in found}
    assert {Method.of(method).detector for method in methods} <= set(index.entries())
    others = {"oc_svm", "kernel_ssad", "supervised", "ss_dgm", "oc_svm_hybrid", "ssad_hybrid"}
    assert methods == (set(FEW) | others) - {"isolation_forest"}
    assert all((dataset, method) in found for dataset in DATASETS for method in others)


def test_every_classic_cell_is_there_but_for_those_that_nobody_all_cells():
    found = published("classic")
    missing = {method for method in METHODS for dataset in DATASETS if (dataset, method) not in found}
    plain = {"isolation_forest", "kde", "logistic_regression", "gradient_boosting"}
    assert missing == plain | {"if_hybrid", "kde_hybrid", "dagmm", "dsebm"}
    family = ("vae", "dp_vae", "mml_vae", "mml_dp_vae")
    assert all(cell.ensemble_size == (5 if cell.method in family else 1) for cell in found.values())


def test_own_paper_first():
    for cell in cells("classic"):
        home = "dpvae2021" if "vae" in cell.method else "deepsad2020"
        assert cell.paper == home, cell


def test_one_cell_per_configuration_everywhere_and_none_is_lost():
    experiments = {cell.experiment for cell in all_cells()}
    for experiment in experiments:
        chosen = Counter(cell.configuration for cell in cells(experiment))
        assert set(chosen.values()) == {1}
        assert chosen.keys() == {cell.configuration for cell in all_cells() if cell.experiment == experiment}


def test_table_2_before_table_7():
    nrf = [c for c in cells("labelled_ratio") if (c.method, c.dataset) == ("inclusive_nrf", "mnist")]
    assert [(c.table, c.mean) for c in nrf] == [("Table 2", 0.952)]


def test_the_file_is_read_completely():
    text = (files("askew.benchmarks.result_tables") / "published.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert len(rows) == len(all_cells()) == 1327
    assert sum(float(row["mean"]) for row in rows) == pytest.approx(sum(cell.mean for cell in all_cells()))


def test_unknown_experiment_lists_the_choices():
    with pytest.raises(InvalidInputError, match=r"Choose one of: ablation, .*classic"):
        cells("clasic")


def test_experiment_with_settings_is_refused():
    with pytest.raises(InvalidInputError, match="one cell per data set and method"):
        published("labelled_ratio")
