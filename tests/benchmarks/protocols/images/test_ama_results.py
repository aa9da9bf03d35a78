"""Tables of the AMA paper's protocols: published numbers, measures, normal classes, paired tests, the report."""

import csv
import io
import json
import types
from dataclasses import replace

import numpy as np
import pytest
from image_records import record
from rich.console import Console

from askew.benchmarks import run_images
from askew.benchmarks.protocols.images.designs import AMA_DESIGNS, TABLE_1, TABLE_2
from askew.benchmarks.protocols.images.protocol import plan
from askew.benchmarks.protocols.images.published_numbers import published_numbers
from askew.benchmarks.protocols.images.result import ImageResult
from askew.benchmarks.report import write_report
from askew.benchmarks.runs.store import Store


def cells(protocol, method="ama", dataset=None, variant="", at=0.0, classes=None):
    datasets = None if dataset is None else [dataset]
    whole = plan(protocol, "paper", methods=[method], datasets=datasets, normal_classes=classes, at=[at])
    named = ImageResult.of(whole, {}).rows
    return next(row for row in named if variant in row.variant)


@pytest.mark.parametrize("dataset", ["cifar10", "mnist"])
@pytest.mark.parametrize("method", sorted(TABLE_1))
def test_table_1_has_every_class(dataset, method):
    result = ImageResult.of(plan("one_vs_rest", "paper", methods=[method], datasets=[dataset], at=[0]), {})
    (of_classes,) = result.by_class.values()
    assert [cell.normal_class for cell in of_classes] == list("0123456789")
    means = [cell.published_mean for cell in of_classes]
    assert result.rows[0].published_mean == pytest.approx(np.mean(means), abs=1e-4)


def test_table_1_by_its_numbers():
    result = ImageResult.of(
        plan("one_vs_rest", "paper", methods=["ama", "anogan"], normal_classes=[0, 5, 9], at=[0]), {}
    )
    of = {key[:2]: [cell.published_mean for cell in found] for key, found in result.by_class.items()}
    assert of["mnist", "anogan"] == [0.902, 0.362, 0.720]
    assert of["cifar10", "ama"] == [0.752, 0.650, 0.632]
    assert result.by_key["cifar10", "ama", 0.0].published_mean == pytest.approx(
        (0.752 + 0.650 + 0.632) / 3, abs=1e-4
    )


def test_published_classes_are_those_that_are_done():
    whole = plan("one_vs_rest", "paper", methods=["ama"], datasets=["mnist"], at=[0])
    done = {run.key: record(run) for run in whole.runs if run.normal_class in "24"}
    row = ImageResult.of(whole, done).rows[0]
    assert row.published_mean == pytest.approx((0.882 + 0.894) / 2) and row.n_runs == 2
    assert row.difference == pytest.approx(row.auroc_mean - row.published_mean)


@pytest.mark.parametrize(
    ("dataset", "method", "auroc", "auprc", "fpr80", "doubtful"),
    [
        ("fashion_mnist_vs_mnist", "ama", 0.987, 0.999, 0.001, ""),
        ("fashion_mnist_vs_mnist", "waic", 0.221, 0.401, 0.911, ""),
        ("cifar10_vs_svhn", "likelihood_ratio", 0.931, 0.881, 0.066, ""),
        ("cifar10_vs_svhn", "deep_svdd", 0.171, 0.975, 0.219, "auroc auprc_normal fpr80"),
        ("cifar10_vs_svhn", "ama", 0.935, 0.992, 0.086, "auroc"),
    ],
)
def test_table_2(dataset, method, auroc, auprc, fpr80, doubtful):
    row = cells("ood", method, dataset)
    assert (row.published_mean, row.published_auprc, row.published_fpr80) == (auroc, auprc, fpr80)
    assert row.doubtful == doubtful


def test_what_table_2_does_not_print():
    for method in TABLE_2:
        assert cells("ood", method, "cifar10_vs_cifar100").published_mean is None
    assert cells("ood", "vae", "cifar10_vs_svhn").published_mean is None
    assert cells("one_vs_rest", "vae", "mnist").published_mean is None


@pytest.mark.parametrize(
    ("variant", "fashion", "cifar"),
    [
        ("atypical negatives, simplex", 0.987, 0.895),
        ("atypical negatives, no", 0.960, 0.935),
        ("uniform negatives, simplex", 0.824, 0.819),
        ("uniform negatives, no", 0.778, 0.852),
        ("no negatives, simplex", None, None),
        ("no negatives, no", None, None),
    ],
)
def test_table_5(variant, fashion, cifar):
    for protocol in ("negative_sampling", "components"):
        if variant.startswith("uniform") and protocol == "components":
            continue
        found = [
            cells(protocol, dataset=of, variant=variant)
            for of in ("fashion_mnist_vs_mnist", "cifar10_vs_svhn")
        ]
        assert [row.published_mean for row in found] == [fashion, cifar]
        assert {(row.published_auprc, row.doubtful) for row in found} == {(None, "")}


def test_components_of_one_class_have_table_1_where_nothing_is_left_out():
    both = cells("components", dataset="mnist", variant="atypical negatives, simplex", classes=[0, 1])
    assert both.published_mean == pytest.approx(0.992)
    assert cells("components", dataset="mnist", variant="atypical negatives, no").published_mean is None


@pytest.mark.parametrize(
    ("at", "mean"), [(0.0, 0.752), (0.001, 0.776), (0.01, 0.809), (0.05, 0.847), (0.2, 0.870)]
)
def test_table_6(at, mean):
    assert cells("semi_supervised_ama", at=at, classes=[0]).published_mean == mean


def test_figures_have_the_numbers_of_the_table_where_the_settings_are_its():
    assert cells("corruption", at=0.0, classes=[5]).published_mean == 0.650
    assert cells("corruption", at=0.05, classes=[5]).published_mean is None
    assert cells("mixup", variant="simplex", classes=[5]).published_mean == 0.650
    assert cells("mixup", variant="mixup", classes=[5]).published_mean is None


def finished(protocol, preset="quick", **part):
    whole = plan(protocol, preset, **part)
    return whole, {run.key: replace(record(run, preset), auprc_normal=0.99) for run in whole.runs}


def test_ood_shows_four_measures_and_what_is_in_doubt():
    result = ImageResult.of(*finished("ood", "paper"))
    text = result.markdown()
    assert "## cifar10_vs_svhn: 21 of 21 runs\n" in text
    assert "| method | AUROC | AUPRC | AUPRC of normals | FPR80 |" in text
    line = next(line for line in text.splitlines() if line.startswith("| deep_svdd") and "17.1?" in line)
    assert "99.0 ± 0.0** (97.5?)" in line and "10.0 ± 0.0** (21.9?)" in line
    assert "In doubt (?), deep_svdd on cifar10_vs_svhn" in text and "89.5" in text
    assert (
        "ten for one anomaly" in text and "γ" not in text.partition("## Paired tests")[0].partition("## ")[2]
    )
    small = ImageResult.of(*finished("ood", methods=["vae"])).markdown()
    assert "In doubt" not in small
    shown = io.StringIO()
    Console(file=shown, width=150).print(result.table())
    assert "AUPRC of normals" in shown.getvalue() and "93.5?" in shown.getvalue()


def test_the_lowest_fpr80_is_the_best():
    whole, records = finished("ood", methods=["vae", "waic"], seeds=[0, 1, 2])
    worse = {run.key for run in whole.runs if run.method == "vae"}
    records = {key: replace(one, fpr80=0.4 if key in worse else 0.1) for key, one in records.items()}
    lines = {
        line.split()[1]: line
        for line in ImageResult.of(whole, records).markdown().splitlines()
        if line[:2] == "| "
    }
    assert "**10.0 ± 0.0**" in lines["waic"] and "40.0 ± 0.0 |" in lines["vae"]


def test_dp_vae_stands_apart_with_its_labels_and_all_are_compared_with_ama():
    result = ImageResult.of(*finished("one_vs_rest", methods=["ama", "vae", "dp_vae", "kde"]))
    assert result.columns("mnist") == (0.0, 0.01)
    table = result.markdown()
    assert "| method | γ_l = 0 | γ_l = 0.01 |" in table and "knows 1 % anomalies" in table
    dp_vae = next(line for line in table.splitlines() if line.startswith("| dp_vae |"))
    assert dp_vae.startswith("| dp_vae | – |")
    found = {(row.family, row.dataset): row.n_pairs for row in result.comparisons}
    for rival in ("vae", "kde"):
        assert found[f"{rival} against ama", "mnist, γ_l = 0"] == 3
        assert (f"{rival} against ama", "mnist, γ_l = 0.01") not in found  # the same runs once more
    assert found["dp_vae against ama", "mnist, γ_l = 0.01"] == 3
    assert result.cell_for("mnist", "ama", 0.01) == ("mnist", "ama", 0.0)


def test_more_labels_and_more_corruption_are_compared_with_none():
    for protocol, symbol, others in (
        ("semi_supervised_ama", "γ_l", (0.01, 0.05)),
        ("corruption", "γ_p", (0.1,)),
    ):
        result = ImageResult.of(*finished(protocol))
        families = {(row.family, row.dataset, row.n_pairs) for row in result.comparisons}
        assert families == {(f"{symbol} = {at:g} against {symbol} = 0", "cifar10, ama", 3) for at in others}


@pytest.mark.parametrize(("preset", "name"), [("quick", "ama (contrast)"), ("paper", "ama")])
def test_amas_own_loss_is_named_where_the_papers_is_not_run(preset, name):
    whole = plan("one_vs_rest", preset, methods=["ama", "vae"], datasets=["mnist"], at=[0])
    lines = ImageResult.of(whole, {}).markdown().splitlines()
    assert [line.split(" | ")[0] for line in lines if line.startswith("| ama")][:1] == [f"| {name}"]


def test_ways_to_run_ama_are_compared_with_the_papers():
    result = ImageResult.of(*finished("components"))
    first = "ama (contrast: atypical negatives, simplex interpolation)"
    assert {row.second for row in result.comparisons} == {first} and len(result.comparisons) == 7
    assert {row.dataset for row in result.comparisons} == {"fashion_mnist_vs_mnist"}


def test_a_table_by_class_has_the_mean_over_seeds():
    whole, records = finished("semi_supervised_ama", seeds=[0, 1])
    result = ImageResult.of(whole, records)
    text = result.markdown()
    assert "### cifar10 by normal class" in text and "| method | 0 | 1 | 2 |" in text
    same = [
        records[run.key].auroc for run in whole.runs if (run.normal_class, run.labelled_ratio) == ("1", 0.05)
    ]
    shown = next(line for line in text.splitlines() if line.startswith("| ama (contrast), γ_l = 0.05 | "))
    assert len(same) == 2 and f"| {50 * sum(same):.1f} (81.4) |" in shown
    part = ImageResult.of(whole, dict(list(records.items())[:1])).by_class["cifar10", "ama", 0.05]
    assert [cell.auroc_mean for cell in part] == [None, None, None]


def test_json_and_csv_have_all_measures():
    result = ImageResult.of(*finished("ood"))
    found = json.loads(json.dumps(result.to_json()))
    assert found["rows"][0]["auprc_normal_mean"] == pytest.approx(0.99) and found["by_class"] == []
    rows = list(csv.DictReader(io.StringIO(result.csv())))
    assert rows[0]["published_fpr80"] == "0.001" and rows[0]["published_auprc"] == "0.999"
    classes = ImageResult.of(*finished("corruption")).to_json()["by_class"]
    assert {"dataset", "line", "at", "normal_class", "auroc_mean", "published_mean"} == set(classes[0])


def test_printed_is_nothing_where_one_class_is_not():
    runs = plan("one_vs_rest", "paper", methods=["dp_vae"], datasets=["mnist"], at=[0.01]).runs
    assert published_numbers(runs) is None


@pytest.mark.parametrize("protocol", [one.name for one in AMA_DESIGNS])
def test_the_report_finds_what_was_planned(protocol, tmp_path):
    whole, records = finished(protocol)
    home = Store(tmp_path / "r")
    for one in records.values():
        home.write(one)
    (section,) = write_report(tmp_path / "r").sections
    assert (section.other, section.failures) == (0, ())
    made = section.result
    assert (made.done, made.planned, made.grid) == (len(whole.runs), len(whole.runs), whole.grid)
    page = next((tmp_path / "r").glob("*.html")).read_text()
    for row in made.rows:
        assert row.line in page
    assert ("by normal class" in page) == bool(made.by_class)


def test_pairs_and_classes_of_one_protocol_in_one_report(tmp_path):
    home = Store(tmp_path / "r")
    for part in (
        {"datasets": ["fashion_mnist_vs_mnist"], "seeds": [0, 1, 2]},
        {"datasets": ["mnist"], "normal_classes": [4], "seeds": [7]},
    ):
        for one in finished("components", **part)[1].values():
            home.write(one)
    (section,) = write_report(tmp_path / "r").sections
    assert section.other == 0 and (section.result.done, section.result.planned) == (32, 32)
    assert set(section.result.datasets) == {"fashion_mnist_vs_mnist", "mnist"}


def test_runs_on_made_images(images, tmp_path):
    made = run_images(
        "one_vs_rest", methods=["ama", "deep_svdd", "dp_vae"], normal_classes=[3], out=tmp_path / "a"
    )
    assert (made.done, made.planned) == (4, 4) and {row.n_failed for row in made.rows} == {0}
    labels = {name: y for name, _, _, y in images.fitted}
    assert (labels["dp_vae"] == -1).sum() == 1 and {(labels[name] < 0).sum() for name in ("ama", "vae")} == {
        0
    }
    pairs = run_images("ood", methods=["ama"], seeds=[0], out=tmp_path / "b")
    assert 0 < pairs.rows[0].auprc_normal_mean < 1 and pairs.rows[0].n_failed == 0
    few = run_images("corruption", normal_classes=[3], out=tmp_path / "c", at=[0.1])
    assert few.rows[0].pollution_ratio == 0.1 and len(images.fitted[-1][2]) == 44


def test_a_method_that_is_not_there_yet_is_left_out(images, monkeypatch, tmp_path):
    without = {name: one for name, one in images.entries().items() if name != "anogan"}
    monkeypatch.setattr("askew.index.entries", lambda: without)
    told = []
    made = run_images(
        "one_vs_rest", methods=["anogan", "kde"], normal_classes=[3], out=tmp_path, progress=told.append
    )
    assert (made.done, made.planned) == (1, 2) and "left out: anogan" in " ".join(made.plan.notes)
    assert any("left out: anogan is not in this version" in event.text for event in told)


def test_a_device_is_told_to_the_detector_and_stored_but_names_no_run(images, tmp_path):
    part = {"methods": ["vae"], "normal_classes": [3], "out": tmp_path}
    run_images("one_vs_rest", **part, device="cuda")
    assert images.fitted[-1][1]["device"] == "cuda"
    (found,) = Store(tmp_path).read()[0].values()
    assert found.versions["device"] == "cuda" and "device" not in found.run.params
    run_images("one_vs_rest", **part)
    assert len(images.fitted) == 1
    run_images("one_vs_rest", **part | {"out": tmp_path / "b"})
    (plain,) = Store(tmp_path / "b").read()[0].values()
    assert "device" not in images.fitted[-1][1] and "device" not in plain.versions


def test_a_run_trained_in_bfloat16_says_so(images, tmp_path, monkeypatch):
    part = {"methods": ["vae"], "normal_classes": [3]}
    run_images("one_vs_rest", **part, out=tmp_path / "a")
    monkeypatch.setattr(images.FakeImageDetector, "training_precision", "bfloat16", raising=False)
    run_images("one_vs_rest", **part, out=tmp_path / "b")
    (single,) = Store(tmp_path / "a").read()[0].values()
    (half,) = Store(tmp_path / "b").read()[0].values()
    assert half.versions == single.versions | {"precision": "bfloat16"}
    assert half.run.key == single.run.key
    monkeypatch.delattr(images.FakeImageDetector, "training_precision")
    encoder = types.SimpleNamespace(training_precision="bfloat16")
    monkeypatch.setattr(images.FakeImageDetector, "encoder_", encoder, raising=False)
    run_images("one_vs_rest", **part, out=tmp_path / "hybrid")
    (hybrid,) = Store(tmp_path / "hybrid").read()[0].values()
    assert hybrid.versions == half.versions
