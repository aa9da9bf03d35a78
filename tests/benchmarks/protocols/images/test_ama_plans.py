"""The AMA paper's protocols: what is run, with which images and labels."""

import numpy as np
import pytest

from askew import datasets, index
from askew.benchmarks import Run
from askew.benchmarks.protocols.images.budgets import NRF_ON_MNIST, PEERS
from askew.benchmarks.protocols.images.design import FETCHED_PAIRS, FOLDER_PAIRS
from askew.benchmarks.protocols.images.designs import AMA_DESIGNS, TABLE_1
from askew.benchmarks.protocols.images.image_splits import OUTLIERS, image_split, loaded_images
from askew.benchmarks.protocols.images.protocol import image_work, plan
from askew.benchmarks.protocols.images.row import pair, variant_of
from askew.benchmarks.runs.label_use import RUN_WITHOUT_LABELS
from askew.benchmarks.runs.method import Method
from askew.benchmarks.runs.store import Store
from askew.errors import InvalidInputError

NAMES = tuple(one.name for one in AMA_DESIGNS)


def test_one_vs_rest_labels_nothing_but_a_hundredth_for_dp_vae():
    full = plan("one_vs_rest", "paper")
    assert {(run.dataset, run.normal_class) for run in full.runs} == {
        (name, str(number)) for name in ("mnist", "cifar10") for number in range(10)
    }
    assert len(full.runs) == 2 * 10 * 17 and {run.seed for run in full.runs} == {0}
    labelled = [run for run in full.runs if run.labelled_ratio]
    assert {run.method for run in labelled} == {"dp_vae"}
    assert {run.labelled_ratio for run in labelled} == {0.01}
    assert {len(run.known_classes) for run in labelled} == {1}
    assert all(run.normal_class not in run.known_classes for run in labelled)
    assert {run.known_classes for run in full.runs if run.method != "dp_vae"} == {None}
    assert set(TABLE_1) | {"vae", "adgan", "dadgt", "inclusive_nrf", "kde"} < {
        run.method for run in full.runs
    }


def test_a_method_that_would_use_labels_gets_none_in_one_vs_rest():
    assert {run.labelled_ratio for run in plan("one_vs_rest", "paper", methods=["ama"]).runs} == {0.0}
    assert {run.method for run in plan("one_vs_rest", "paper", methods=["deep_sad"]).runs} == {"deep_svdd"}
    assert plan("one_vs_rest", "paper", methods=["supervised"]).runs == ()


def test_ood_is_three_pairs_and_any_method_of_images():
    full = plan("ood", "paper")
    assert full.datasets == tuple(FETCHED_PAIRS) == PROTOCOL("ood").datasets
    assert {run.normal_class for run in full.runs if run.dataset == "cifar10_vs_svhn"} == {"cifar10"}
    assert {"ama", "waic", "likelihood_ratio", "deep_svdd", "vae"} <= set(full.methods)
    assert {run.seed for run in full.runs} == {0, 1, 2} and {run.labelled_ratio for run in full.runs} == {0.0}
    assert [run.seed for run in plan("ood", methods=["dadgt"], seeds=[4]).runs] == [4]
    assert {pair(run) for run in full.runs} == {0, 1, 2}


def test_pairs_of_folders_are_run_when_they_are_asked_for():
    asked = plan("ood", "paper", methods=["ama"], datasets=list(FOLDER_PAIRS))
    assert {run.dataset for run in asked.runs} == {
        "cifar10_vs_lsun",
        "cifar10_vs_isun",
        "cifar10_vs_imagenet",
    }
    assert {run.normal_class for run in asked.runs} == {"cifar10"} and len(asked.runs) == 9
    assert not set(FOLDER_PAIRS) & set(plan("ood", "paper").datasets)


def PROTOCOL(name):
    return next(one for one in AMA_DESIGNS if one.name == name)


@pytest.mark.parametrize(
    ("protocol", "expected"),
    [
        ("negative_sampling", {(n, i) for n in ("auto", "uniform", None) for i in ("simplex", None)}),
        ("mixup", {("auto", "simplex"), ("auto", "mixup")}),
    ],
)
def test_ways_to_run_ama(protocol, expected):
    runs = plan(protocol, "paper").runs
    assert {(run.params["negatives"], run.params["interpolation"]) for run in runs} == expected
    assert {run.method for run in runs} == {"ama"}
    names = [variant.name for variant in PROTOCOL(protocol).variants]
    assert (
        names[0] == "atypical negatives, simplex interpolation"
    )  # the paper's AMA, compared with the others
    assert {variant_of(run) for run in runs} == set(names) and len(names) == len(expected)
    for run in runs:
        negatives = {"auto": "atypical", "uniform": "uniform", None: "no"}[run.params["negatives"]]
        assert variant_of(run).startswith(f"{negatives} negatives, {run.params['interpolation'] or 'no'} ")


def test_components_are_switched_off_one_by_one_and_negatives_played_in_three_games():
    runs = plan("components", "paper").runs
    ways = {(run.params["variant"], run.params["negatives"], run.params["interpolation"]) for run in runs}
    both = [("auto", "simplex"), ("auto", None)]
    papers = {(game, *way) for game in ("paper", "reference") for way in both}
    assert ways == papers | {("contrast", *way) for way in [*both, (None, "simplex"), (None, None)]}
    names = [variant.name for variant in PROTOCOL("components").variants]
    assert {variant_of(run) for run in runs} == set(names)
    assert len(names) == 8


@pytest.mark.parametrize("protocol", NAMES)
def test_every_parameter_is_one_of_its_detector(protocol):
    for preset in ("quick", "paper"):
        for run in plan(protocol, preset).runs:
            if Method.of(run.method).why_not() is None and run.method in PEERS:
                made = index.detector_class(run.method)()
                made.set_params(**run.params, random_state=run.seed)


@pytest.mark.parametrize("protocol", NAMES)
def test_ama_selects_nothing_on_held_out_labels(protocol):
    for run in plan(protocol, "paper").runs:
        assert "validation_fraction" not in run.params and not run.method.endswith("_test_tuned")
    assert index.detector_class("ama")().validation_fraction == 0


def test_paper_settings_are_the_detectors_own():
    for method in PEERS:
        runs = plan("one_vs_rest", "paper", methods=[method], datasets=["mnist"], normal_classes=[0]).runs
        own = {"ama": {"variant": "paper"}, "inclusive_nrf": NRF_ON_MNIST}
        assert [run.params for run in runs] == [own.get(method, {})]
        assert runs[0].max_tests is None


def test_table_6_has_a_row_whose_negatives_are_known_anomalies_alone():
    chosen = {"methods": ["ama", "ama_known_only"], "normal_classes": [0], "at": [0.0, 0.01]}
    both = plan("semi_supervised_ama", **chosen)
    filled, known = ([run for run in both.runs if run.method == name] for name in chosen["methods"])
    assert len(filled) == len(known) == 2 and {run.labelled_ratio for run in known} == {0.0, 0.01}
    for one, other in zip(filled, known, strict=True):
        assert other.params == one.params | {"negatives": None}
    assert "Quick ama_known_only on cifar10: epochs 8" in " ".join(both.notes)


def test_quick_says_what_it_cuts():
    quick = plan("one_vs_rest")
    words = " ".join(quick.notes)
    assert "at most 1,000 normal training images of a run (1,000 test images)" in words
    ama = "epochs 8, batch_size 16, lr 0.001, lr_milestones [5, 7], critic_steps 1, averaging 0.995, lambda_neg 0.2;"
    assert f"Quick ama on mnist: {ama}" in words
    assert "validation set with known anomalies" in words
    assert "AMA's variant is contrast" in words
    assert "AMA's variant" not in " ".join(plan("components").notes)
    assert {(run.max_normals, run.max_tests) for run in quick.runs} == {(1000, 1000)}
    assert "ten are normal for one that is not" in " ".join(plan("ood").notes)


def test_costs_order_the_runs():
    cheap, dear = (
        plan("one_vs_rest", "quick", methods=[name], normal_classes=[0]).runs[0] for name in ("kde", "ama")
    )
    assert image_work(cheap) < image_work(dear)
    whole, one = (
        plan(name, "paper", methods=["ama"], datasets=[of]).runs[0]
        for name, of in (("ood", "cifar10_vs_svhn"), ("one_vs_rest", "cifar10"))
    )
    assert image_work(whole) > 5 * image_work(one)


@pytest.mark.parametrize("preset", ["paper", "quick"])
@pytest.mark.parametrize("of", sorted(FETCHED_PAIRS))
def test_a_pair_trains_on_all_classes_of_the_first_set_and_meets_the_second_in_the_test(
    images, monkeypatch, of, preset
):
    inside, outside = (loaded_images(name) for name in FETCHED_PAIRS[of])
    run = plan("ood", preset, methods=["vae"], datasets=[of], seeds=[3]).runs[0]
    part = image_split(run)
    assert (part.n_normal, part.n_labelled, part.n_polluted) == (400, 0, 0)
    assert set(inside.y_train[part.train_rows]) == set(range(10))
    assert (part.X_train == inside.x_train[part.train_rows]).all()
    both = np.concatenate([inside.x_test, outside.x_test])
    assert (part.X_test == both[part.test_rows]).all()
    assert (part.anomaly_test == (part.test_rows >= len(inside.x_test))).all()
    assert len(set(part.test_rows)) == len(part.test_rows)
    assert part.n_test - part.n_test_anomalies == 100
    assert 0 < part.anomaly_test[:50].sum() < 50  # the order tells nothing


def test_a_thousand_outliers_for_ten_thousand_normals(images, monkeypatch):
    monkeypatch.setitem(images.SIZES, "fashion_mnist", (10, 40, 1000))
    monkeypatch.setitem(images.SIZES, "mnist", (10, 40, 200))
    whole = plan("ood", "paper", methods=["vae"], datasets=["fashion_mnist_vs_mnist"]).runs
    parts = [image_split(run) for run in whole]
    assert {(part.n_test, part.n_test_anomalies) for part in parts} == {(11000, OUTLIERS)} == {(11000, 1000)}
    assert len({tuple(sorted(part.test_rows)) for part in parts}) == 3  # the seed draws the outliers
    quick = image_split(plan("ood", "quick", methods=["vae"]).runs[0])
    assert (quick.n_test, quick.n_test_anomalies) == (5500, 500)
    again = image_split(plan("ood", "quick", methods=["ama"]).runs[0])
    assert (again.test_rows == quick.test_rows).all() and (again.train_rows == quick.train_rows).all()


def semi(**changes):
    given = {"protocol": "semi_supervised_ama", "dataset": "mnist", "method": "ama", "params": {}, "seed": 1}
    given |= {
        "split": "published",
        "normal_class": "3",
        "known_classes": tuple("012456789"),
        "labelled_ratio": 0.5,
    }
    return Run(**(given | {"relative_to": "normals"} | changes))


def test_known_anomalies_are_a_share_of_the_normals_from_all_nine_classes(images):
    part, set_ = image_split(semi()), loaded_images("mnist")
    assert (part.n_normal, part.n_labelled) == (40, 20)  # of all images it would be 40
    assert image_split(semi(relative_to=None)).n_labelled == 40
    classes = set_.y_train[part.train_rows[part.y_train == -1]]
    assert 3 not in classes and len(set(classes)) > 5
    assert image_split(semi(labelled_ratio=0.001)).n_labelled == 1
    runs = plan("semi_supervised_ama", "paper", normal_classes=[3]).runs
    assert [run.labelled_ratio for run in runs] == [0.0, 0.001, 0.01, 0.05, 0.1, 0.2]
    assert {run.relative_to for run in runs} == {"normals"}
    assert [len(run.known_classes or ()) for run in runs] == [0, 9, 9, 9, 9, 9]


def test_corruption_hides_anomalies_among_the_normals_apart_from_known_ones(images):
    bare = semi(protocol="corruption", known_classes=None, labelled_ratio=0.0, pollution_ratio=0.1)
    part = image_split(bare)
    assert (part.n_normal, part.n_labelled, part.n_polluted) == (40, 0, 4)
    both = image_split(semi(pollution_ratio=0.1))
    assert (both.n_labelled, both.n_polluted) == (20, 4) and len(set(both.train_rows)) == both.n_train == 64
    runs = plan("corruption", "paper", normal_classes=[3]).runs
    assert [(run.pollution_ratio, run.labelled_ratio) for run in runs] == [
        (0.0, 0),
        (0.01, 0),
        (0.05, 0),
        (0.1, 0),
    ]


def test_five_thousand_normals_have_fifty_and_250_known_anomalies():
    classes = np.repeat(np.arange(10), 5000)
    rows, normal = np.arange(len(classes)), 5
    others = [number for number in range(10) if number != normal]
    for ratio, n in ((0.001, 5), (0.01, 50), (0.05, 250), (0.1, 500), (0.2, 1000)):
        test = (rows[:100], classes[::500])
        found = datasets.splits.class_split(
            rows, classes, normal, others, ratio, 0.0, 0, test=test, relative_to="normals"
        )
        assert (found.n_normal, found.n_labelled) == (5000, n)
    with pytest.raises(InvalidInputError, match="relative_to"):
        datasets.splits.class_split(rows, classes, 5, others, 0.1, 0.0, 0, relative_to="normal")


def test_fewer_test_images_are_the_same_for_methods_of_one_seed(images):
    few = [image_split(semi(max_tests=30, method=name)) for name in ("ama", "vae")]
    whole = image_split(semi())
    assert [part.n_test for part in (*few, whole)] == [30, 30, 100]
    assert (few[0].test_rows == few[1].test_rows).all() and (whole.test_rows[:30] == few[0].test_rows).all()
    assert (few[0].X_test == whole.X_test[:30]).all() and (
        few[0].anomaly_test == whole.anomaly_test[:30]
    ).all()


def test_runs_of_before_keep_their_keys():
    old = Run(
        "labelled_ratio",
        "mnist",
        "vae",
        {"beta_kl": 0.005},
        4,
        "published",
        0.0,
        0.0,
        "3",
        None,
        None,
        None,
        1000,
    )
    assert {"max_tests", "relative_to"}.isdisjoint(old.as_dict())
    assert old.key == "8bb266ac28a98489d5b6eb88a072945005e248c38cbc5b8868377cdba8d31a13"


def test_methods_without_labels_are_known_by_their_names():
    known = set(index.of_images()) | {"oc_svm_hybrid", "if_hybrid", "kde_hybrid"}
    planned = {name for name in RUN_WITHOUT_LABELS if Method.of(name).why_not()}
    assert set(RUN_WITHOUT_LABELS) - planned <= known
    assert planned <= {"adgan", "alad", "anogan", "fence_gan", "skip_ganomaly"}
    assert all("not in this version" in Method.of(name).why_not() for name in planned)


def test_an_old_record_is_read_without_the_newer_number(tmp_path):
    import json

    from image_records import record

    from askew.benchmarks.runs.plan import digest

    home, one = Store(tmp_path), record(plan("labelled_ratio").runs[0])
    home.write(one)
    path = home.path(one.run.key)
    whole = json.loads(path.read_text())
    del whole["body"]["auprc_normal"]
    path.write_text(json.dumps({**whole, "sha256": digest(whole["body"])}))
    (found,), messages = home.read()[0].values(), home.read()[1]
    assert messages == [] and found.auprc_normal is None and found.auprc == one.auprc
