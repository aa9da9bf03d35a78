"""Tables of the image protocols: published cells, standing cells, paired tests, text and JSON."""

import csv
import io
import json
from dataclasses import replace

import pytest
from image_records import finished, means
from rich.console import Console

from askew.benchmarks.protocols.images.designs import AMA_DESIGNS, DESIGNS
from askew.benchmarks.protocols.images.protocol import plan
from askew.benchmarks.protocols.images.published_numbers import published_cell
from askew.benchmarks.protocols.images.result import ImageResult
from askew.benchmarks.protocols.images.row import pair


def first(protocol, method, dataset, at, **variant):
    runs = plan(protocol, "paper", methods=[method], datasets=[dataset], at=[at]).runs
    return next(run for run in runs if variant.items() <= run.params.items())


@pytest.mark.parametrize(
    ("protocol", "method", "dataset", "at", "variant", "mean", "table"),
    [
        ("labelled_ratio", "dp_vae", "cifar10", 0.01, {}, 0.745, "Table 2"),
        ("labelled_ratio", "dp_vae", "mnist", 0.0, {}, 0.942, "Table 2"),  # that is vae
        ("labelled_ratio", "deep_sad", "cifar10", 0.01, {}, 0.726, "Table 3"),  # the single model, not K = 5
        ("labelled_ratio", "deep_sad", "cifar10", 0.0, {}, 0.609, "Table 3"),  # that is deep_svdd
        ("labelled_ratio", "autoencoder", "mnist", 0.0, {}, 0.929, "Table 3"),
        ("pollution", "isolation_forest", "mnist", 0.1, {}, 0.823, "Table 4"),  # printed at γ_l = 0.05
        ("known_classes", "deep_sad", "mnist", 3, {}, 0.947, "Table 5"),
        ("known_classes", "supervised", "mnist", 2, {}, 0.903, "Table 5"),
        ("ablation", "dp_vae", "cardio", 0.01, {"n_members": 1, "separate_encoder": True}, 0.888, "Table 10"),
        ("ablation", "dp_vae", "cifar10", 0.01, {"n_members": 5, "freeze_decoder": False}, 0.739, "Table 5"),
        ("ensemble_size", "dp_vae", "cifar10", 0.0, {"n_members": 1}, 0.564, "Table 6"),
        ("ensemble_size", "deep_sad", "cifar10", 0.2, {"n_members": 5}, 0.812, "Table 6"),
        (
            "ill_trained_autoencoder",
            "deep_sad",
            "cifar10",
            0.1,
            {"training__pretrain_epochs": 10},
            0.584,
            "Table 13",
        ),
        (
            "ill_trained_autoencoder",
            "deep_sad",
            "cifar10",
            0.1,
            {"training__pretrain_epochs": 150},
            0.798,
            "Table 3",
        ),
        ("cats_vs_dogs", "deep_sad", "catsvsdogs", 0.0, {}, 0.499, "Table 3"),
        ("cats_vs_dogs", "mml_vae", "catsvsdogs", 0.2, {}, 0.733, "Table 3"),
    ],
)
def test_published_cells(protocol, method, dataset, at, variant, mean, table):
    cell = published_cell(first(protocol, method, dataset, at, **variant))
    assert (cell.mean, cell.table) == (mean, table)


def test_what_is_not_printed_has_no_cell():
    assert published_cell(first("eta", "deep_sad", "mnist", 1.0)) is None
    assert published_cell(first("known_classes", "dp_vae", "mnist", 1)) is None
    assert published_cell(first("labelled_ratio", "mml_dp_vae", "mnist", 0.01)) is None
    # in these rows DP-VAE has labels; a plain VAE among polluted images is not printed
    assert published_cell(first("pollution", "vae", "fashion_mnist", 0.1)) is None


@pytest.mark.parametrize("protocol", sorted(set(DESIGNS) - {"eta"} - {one.name for one in AMA_DESIGNS}))
def test_every_method_that_the_papers_print_in_a_grid_has_its_number(protocol):
    """Except what the papers print for some columns alone; the exceptions are named."""
    without = {"ss_dgm", "supervised", "kernel_ssad", "ssad_hybrid"}
    missing = set()
    for run in plan(protocol, "paper", seeds=[0]).runs:
        if published_cell(run) is None:
            missing.add((run.dataset, run.method))
    allowed = {
        "pollution": {"vae"},
        "known_classes": {"vae", "dp_vae", "mml_vae"},
        "labelled_ratio": {"ss_dgm", "inclusive_nrf"},  # the second on Fashion-MNIST
    }
    some = allowed.get(protocol, set()) | (without if protocol == "pollution" else set())
    some |= {"dp_vae", "mml_vae"} if protocol == "pollution" else set()  # CIFAR-10 at 0.1 and 0.2
    assert {method for _, method in missing} <= some, missing


def test_rows_means_and_coverage():
    whole, records = finished("labelled_ratio", normal_classes=[0, 1, 2], datasets=["mnist"])
    kept = dict(list(records.items())[:-1])
    result = ImageResult.of(whole, kept)
    assert (result.done, result.planned) == (14, 15)
    row = result.by_key["mnist", "dp_vae", 0.01]
    aurocs = [records[run.key].auroc for run in whole.runs if run.method == "dp_vae"]
    assert row.auroc_mean == pytest.approx(sum(aurocs) / 3)
    assert (row.n_runs, row.n_planned, row.n_normal_classes, row.n_known_classes) == (3, 3, 3, 1)
    assert row.difference == pytest.approx(row.auroc_mean - 0.97)
    assert (row.published_mean, row.published_runs) == (0.97, 90)
    assert result.by_key["mnist", "deep_sad", 0.01].n_runs == 2


def test_runs_pair_by_normal_class_and_seed():
    runs = plan("labelled_ratio", "paper", methods=["dp_vae"], datasets=["mnist"]).runs
    by_pair = {}
    for run in runs:
        by_pair.setdefault(pair(run), []).append(run)
    assert len(by_pair) == 90 and {len(same) for same in by_pair.values()} == {5}
    assert {len({(run.normal_class, run.seed) for run in same}) for same in by_pair.values()} == {1}


def test_paired_tests_name_the_vaes_with_labels_against_vae_and_deep_sad():
    result = ImageResult.of(*finished("labelled_ratio", datasets=["mnist"]))
    found = {(row.family, row.dataset): row for row in result.comparisons}
    where = "mnist, γ_l = 0.01"
    assert set(found) == {
        ("best against second", "mnist, γ_l = 0"),
        ("best against second", where),
        ("dp_vae against vae", where),
        ("mml_vae against vae", where),
        ("dp_vae against deep_sad", where),
        ("mml_vae against deep_sad", where),
    }
    row = found["dp_vae against vae", where]  # vae has its runs at γ_l = 0, the partners
    assert row.n_pairs == 10 and row.difference == pytest.approx(0.1, abs=0.02) and row.wilcoxon_p < 0.01
    best = found["best against second", where]
    assert (best.first, best.second, best.n_pairs) == ("dp_vae", "mml_vae", 10)


def test_holm_corrects_over_columns_and_data_sets():
    result = ImageResult.of(
        *finished("labelled_ratio", at=[0, 0.01, 0.05], preset="paper", known_classes=[1, 2])
    )
    rows = [row for row in result.comparisons if row.family == "dp_vae against deep_sad"]
    assert len(rows) == 3 * 2 and {row.n_pairs for row in rows} == {18}
    assert min(row.t_holm for row in rows) == pytest.approx(6 * min(row.t_p for row in rows))


def test_variants_are_compared_with_the_first():
    result = ImageResult.of(*finished("ensemble_size", preset="paper", known_classes=[1], at=[0, 0.01]))
    families = {row.family for row in result.comparisons}
    assert "dp_vae (K = 1) against dp_vae (K = 5)" in families and len(families) == 5
    etas = ImageResult.of(
        *finished("eta", datasets=["mnist"], at=[0.01, 1, 100], methods=["deep_sad"])
    ).comparisons
    assert {(row.first, row.second, row.dataset) for row in etas} == {
        ("η = 0.01", "η = 1", "mnist, deep_sad"),
        ("η = 100", "η = 1", "mnist, deep_sad"),
    }


def test_a_method_without_labels_stands_in_every_column_and_a_labelled_one_begins_with_it():
    result = ImageResult.of(*finished("labelled_ratio", datasets=["mnist"]))
    assert result.cell_for("mnist", "vae", 0.01) == ("mnist", "vae", 0.0)
    assert result.cell_for("mnist", "dp_vae", 0.0) == ("mnist", "vae", 0.0)
    assert result.cell_for("mnist", "deep_sad", 0.0) == ("mnist", "deep_svdd", 0.0)
    assert result.cell_for("mnist", "dp_vae", 0.05) is None
    sizes = ImageResult.of(*finished("ensemble_size", known_classes=[1]))
    assert sizes.cell_for("cifar10", "dp_vae (K = 5)", 0.0) == ("cifar10", "vae (K = 5)", 0.0)
    polluted = ImageResult.of(*finished("pollution", datasets=["mnist"], at=[0, 0.1]))
    assert polluted.cell_for("mnist", "vae", 0.05) is None


def test_text_says_preset_budget_coverage_and_published():
    whole, records = finished("labelled_ratio", datasets=["mnist"])
    result = ImageResult.of(whole, dict(list(records.items())[:45]))
    text = result.markdown()
    assert text.startswith("# labelled_ratio, preset quick: 45 of 50 runs (the full grid has 10,260)")
    head = text.partition("## ")[0]
    assert "Scenario (i)" in head and "normal training images of a run" in head and "normal + 1" in head
    assert "## mnist: 45 of 50 runs, 10 normal classes" in text
    assert "(97.0 ± 2.5)" in text or "(97.0" in text
    assert "*5/10 runs*" in text and "Runs not done yet: 5" in text
    console = Console(width=160, file=io.StringIO())
    console.print(result.table())
    shown = console.file.getvalue()
    assert "45 of 50 runs" in shown and "Paired tests" in shown and "dp_vae" in shown


def test_json_and_csv_have_a_row_per_cell():
    result = ImageResult.of(*finished("known_classes", datasets=["mnist"], at=[0, 1, 5]))
    found = json.loads(json.dumps(result.to_json(), allow_nan=False))
    assert (found["protocol"], found["preset"], found["coverage"]) == ("known_classes", "quick", [24, 24])
    assert found["grid"] == 11100 and len(found["rows"]) == len(result.rows) == 2 + 3 * 2
    row = next(row for row in found["rows"] if (row["method"], row["n_known_classes"]) == ("deep_sad", 5))
    assert row["published_mean"] == 0.973 and row["labelled_ratio"] == 0.05 and row["n_runs"] == 3
    lines = list(csv.DictReader(io.StringIO(result.csv())))
    assert len(lines) == len(result.rows) and lines[0]["pollution_ratio"] == "0.1"
    assert {row["family"] for row in found["comparisons"]} >= {"dp_vae against vae", "best against second"}


def test_failed_runs_count_and_leave_the_mean():
    whole, records = finished("labelled_ratio", datasets=["mnist"], methods=["dp_vae"], at=[0.01])
    key = whole.runs[0].key
    lost = {name: None for name in ("auroc", "auprc", "fpr80")}
    records[key] = replace(records[key], status="failed", error="the loss became NaN", **lost)
    row = ImageResult.of(whole, records).by_key["mnist", "dp_vae", 0.01]
    assert (row.n_runs, row.n_failed) == (10, 1)
    assert row.auroc_mean == pytest.approx(sum(r.auroc for r in records.values() if r.auroc) / 9)
    assert means["dp_vae"] == pytest.approx(row.auroc_mean, abs=0.02)
