"""The plans of the image protocols: full grids as in the papers, and quick parts of them."""

import pytest

from askew.benchmarks.protocols.images.budgets import PEERS, QUICK
from askew.benchmarks.protocols.images.design import N_CLASSES, TEN_CLASSES, normal_set
from askew.benchmarks.protocols.images.design_runs import drawn_classes, next_class
from askew.benchmarks.protocols.images.designs import DESIGNS, SHALLOW
from askew.benchmarks.protocols.images.method_settings import params
from askew.benchmarks.protocols.images.protocol import plan
from askew.benchmarks.protocols.images.row import variant_of
from askew.benchmarks.result_tables.published import all_cells
from askew.benchmarks.runs.label_use import RUN_WITHOUT_LABELS, WITHOUT_LABELS
from askew.errors import InvalidInputError
from askew.inputs import ImageSpec
from askew.networks.convolutional import default_code

ONE_CELL = {"normal_classes": [0], "known_classes": [1]}


def settings(run):
    """Return what tells a run's cell in the papers' tables, and whom it is paired with."""
    return run.dataset, run.method, run.labelled_ratio, run.pollution_ratio, len(run.known_classes or ())


def counts(whole):
    found = {}
    for run in whole.runs:
        found[settings(run)] = found.get(settings(run), 0) + 1
    return found


@pytest.mark.parametrize("name", DESIGNS)
def test_paper_is_the_full_grid_and_each_run_is_there_once(name):
    full = plan(name, "paper")
    assert len(full.runs) == full.grid == len({run.key for run in full.runs})
    assert full.datasets == DESIGNS[name].datasets
    assert all(run.max_normals is None for run in full.runs)


def test_labelled_ratio_has_90_runs_per_cell_and_those_without_labels_are_partners():
    found = counts(plan("labelled_ratio", "paper"))
    assert set(found.values()) == {90}
    assert {cell[2] for cell in found if cell[1] == "dp_vae"} == {0.01, 0.05, 0.1, 0.2}
    assert {cell[2] for cell in found if cell[1] in RUN_WITHOUT_LABELS} == {0.0}
    runs = plan("labelled_ratio", "paper", methods=["dp_vae"], datasets=["mnist"], at=[0, 0.01]).runs
    free, labelled = ([run for run in runs if run.method == method] for method in ("vae", "dp_vae"))
    assert {(run.normal_class, run.seed) for run in free} == {
        (run.normal_class, run.seed) for run in labelled
    }
    assert {run.known_classes for run in free} == {None}
    assert {run.known_classes for run in labelled if run.normal_class == "3"} == {(c,) for c in "012456789"}


def test_known_classes_are_drawn_by_the_seed_and_nested():
    full = plan("known_classes", "paper", methods=["deep_sad"], datasets=["mnist"])
    assert set(counts(full).values()) == {100}
    of = {(run.normal_class, run.seed, len(run.known_classes or ())): run.known_classes for run in full.runs}
    for normal in "0123456789":
        for seed in range(10):
            assert normal not in of[normal, seed, 5]
            assert of[normal, seed, 5][:3] == of[normal, seed, 3]
            assert of[normal, seed, 0] is None
    assert len({of["0", seed, 5] for seed in range(10)}) > 5
    assert sorted(drawn_classes(4, 0, 10)) == [0, 1, 2, 3, 5, 6, 7, 8, 9]


def test_pollution_gives_methods_without_labels_polluted_images_and_no_labels():
    found = counts(plan("pollution", "paper", methods=["vae", "dp_vae"], datasets=["mnist"]))
    assert {cell[1:] for cell in found if cell[1] == "vae"} == {
        ("vae", 0.0, ratio, 0) for ratio in (0, 0.01, 0.05, 0.1, 0.2)
    }
    assert {cell[1:] for cell in found if cell[1] == "dp_vae"} == {
        ("dp_vae", 0.05, ratio, 1) for ratio in (0, 0.01, 0.05, 0.1, 0.2)
    }


def test_settings_are_those_of_the_papers():
    def given(protocol, method, dataset, at):
        return plan(protocol, "paper", methods=[method], datasets=[dataset], at=[at]).runs[0].params

    vae = given("labelled_ratio", "dp_vae", "mnist", 0.01)
    assert vae["network"] == "infogan" and vae["n_members"] == 5 and vae["training__epochs"] == 200
    assert (vae["beta_kl"], vae["alpha"], vae["interval"], vae["warmup_epochs"]) == (0.005 / 32, 10.0, 2, 50)
    assert given("labelled_ratio", "mml_vae", "mnist", 0.01)["training__lr"] == 5e-4
    polluted = given("pollution", "mml_vae", "fashion_mnist", 0.1)
    assert (polluted["beta_cubo"], polluted["training__lr"]) == (0.25 / 32, 1e-3)
    assert given("pollution", "mml_vae", "fashion_mnist", 0.0)["beta_cubo"] == 0.005 / 32
    sad = given("labelled_ratio", "deep_sad", "mnist", 0.01)
    assert sad == {
        "n_members": 1,
        "network": "lenet_mnist",
        "training__epochs": 150,
        "training__pretrain_epochs": 150,
    }
    assert given("labelled_ratio", "ss_dgm", "mnist", 0.01) == sad
    both = given("labelled_ratio", "ss_dgm_m1m2", "cifar10", 0.01)
    assert (both["model"], both["network"]) == ("m1+m2", "lenet_cifar10")
    hybrid = given("labelled_ratio", "ssad_hybrid", "cifar10", 0.01)
    assert (hybrid["detector"], hybrid["encoder__network"]) == ("kernel_ssad", "lenet_cifar10")


@pytest.mark.parametrize("dataset", N_CLASSES)
def test_the_weights_are_means_over_the_code_of_the_network_that_is_used(dataset):
    shapes = {"cifar10": (3, 32, 32), "catsvsdogs": (3, 64, 64)}
    spec = ImageSpec(*shapes.get(dataset, (1, 28, 28)))
    given = params("mml_dp_vae", dataset)
    code = default_code(spec, given["network"])
    assert (given["beta_kl"], given["beta_cubo"]) == (0.005 / code, 0.005 / code)
    assert given["reduction"] == "mean" and "cubo_form" not in given


def test_variants_override_settings():
    runs = plan("ablation", "paper", datasets=["cardio"]).runs
    assert len(runs) == 80 and {run.params["n_members"] for run in runs} == {1, 5}
    assert {(run.params["separate_encoder"], run.params["freeze_decoder"]) for run in runs} == {
        (False, True),
        (False, False),
        (True, True),
        (True, False),
    }
    assert {run.split for run in runs} == {"clean"} and {run.normal_class for run in runs} == {None}
    trained = plan("ill_trained_autoencoder", "quick").runs
    assert {run.params["training__pretrain_epochs"] for run in trained} == {10, 150}
    assert {run.params["n_members"] for run in plan("ensemble_size", "quick").runs} == {1, 5}
    assert {run.params["eta"] for run in plan("eta", "paper").runs} == {0.01, 0.1, 1.0, 10.0, 100.0}


BUDGETS = {
    "n_members",
    "training__batch_size",
    "training__epochs",
    "training__pretrain_epochs",
    "warmup_epochs",
}


def where(run):
    return (
        *settings(run),
        variant_of(run),
        run.params.get("eta"),
        run.normal_class,
        run.known_classes,
        run.seed,
    )


@pytest.mark.parametrize("name", DESIGNS)
def test_quick_is_a_part_of_the_grid_with_other_budgets_alone(name):
    partners = {where(run): run for run in plan(name, "paper").runs}
    quick = DESIGNS[name].quick
    for run in plan(name, "quick").runs:
        paper = partners[where(run)].params
        changed = {key for key in run.params.keys() | paper.keys() if run.params.get(key) != paper.get(key)}
        if normal_set(run.dataset) in QUICK:
            assert run.max_normals == (quick.budget or QUICK[run.dataset]).max_normals
            assert run.max_tests == quick.max_tests
            assert changed <= ({"variant", *run.params} if run.method in PEERS else BUDGETS)
            assert "training__epochs" in changed or run.method in SHALLOW
        else:
            assert changed == set() and run == partners[where(run)]


def test_quick_labelled_ratio_is_what_the_issue_asks():
    quick = plan("labelled_ratio")
    assert len(quick.runs) == 100 and quick.datasets == ("mnist", "fashion_mnist")
    assert set(quick.methods) == {"vae", "dp_vae", "mml_vae", "deep_sad", "deep_svdd"}
    assert {run.known_classes for run in quick.runs if run.normal_class == "9"} == {None, ("0",)}
    assert {int(run.seed) for run in quick.runs if run.normal_class == "3"} == {next_class("mnist", 3)}
    words = " ".join(quick.notes)
    for name in quick.datasets:
        cut = QUICK[name]
        assert f"at most {cut.max_normals:,} normal training images" in words
        assert f"{cut.vae_epochs} epochs with {cut.warmup_epochs} of warm-up" in words
    assert "normal + 1" in words and "one model" in words


def test_a_method_without_labels_is_what_is_run_at_zero():
    assert WITHOUT_LABELS["ama"] == "ama"
    for method, free in WITHOUT_LABELS.items():
        runs = plan(
            "labelled_ratio",
            "paper",
            methods=[method],
            datasets=["mnist"],
            normal_classes=[0],
            known_classes=[1],
        ).runs
        assert [run.method for run in runs] == [free, *[method] * 4]
    assert [
        run.labelled_ratio
        for run in plan(
            "labelled_ratio",
            "paper",
            methods=["supervised"],
            datasets=["mnist"],
            normal_classes=[0],
            known_classes=[1],
        ).runs
    ] == [
        0.01,
        0.05,
        0.1,
        0.2,
    ]


def test_parts_of_a_grid():
    part = plan(
        "labelled_ratio",
        "paper",
        methods=["dp_vae"],
        datasets=["cifar10"],
        normal_classes=[0, 1],
        known_classes=[1, 2],
        at=[0.01],
    )
    assert [(run.normal_class, run.known_classes, run.seed) for run in part.runs] == [
        ("0", ("1",), 1),
        ("0", ("2",), 2),
        ("1", ("2",), 2),
    ]
    assert part.grid > 9000
    again = plan(
        "labelled_ratio",
        "paper",
        methods=["dp_vae"],
        datasets=["cifar10"],
        normal_classes=[0],
        known_classes=[1],
        at=[0.01],
        seeds=[0, 3],
    )
    assert [run.seed for run in again.runs] == [1, 31]
    assert len({run.seed for run in plan("cats_vs_dogs", "paper", methods=["dp_vae"], at=[0.01]).runs}) == 10


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"protocol": "labeled"}, "labelled_ratio"),
        ({"preset": "fast"}, "quick, paper"),
        ({"methods": ["dp_vea"]}, "dp_vae"),
        ({"protocol": "eta", "methods": ["vae"]}, "Choose from: deep_sad"),
        ({"datasets": ["svhn"]}, "mnist, fashion_mnist, cifar10"),
        ({"normal_classes": [10]}, "0, 1, 2, 3"),
        ({"normal_classes": []}, "at least one"),
        ({"protocol": "cats_vs_dogs", "known_classes": [2]}, "Choose from: 0, 1."),
        ({"protocol": "known_classes", "known_classes": [2]}, "A seed draws them"),
        ({"at": [0.02]}, "0, 0.01, 0.05, 0.1, 0.2"),
        ({"seeds": [-1]}, "at least 0"),
        ({"members": 0}, "at least 1"),
        ({"members": True}, "at least 1"),
        ({"protocol": "ablation", "members": 2}, "compares sizes"),
        ({"methods": ["deep_sad"], "members": 2}, "without a VAE"),
    ],
)
def test_refusals(arguments, word):
    with pytest.raises(InvalidInputError, match="run_images") as caught:
        plan(**({"protocol": "labelled_ratio"} | arguments))
    assert word in str(caught.value)


def test_ten_classes_are_where_the_papers_have_ten():
    assert TEN_CLASSES == DESIGNS["pollution"].datasets


def test_members_are_of_vaes_alone_and_said():
    part = {
        "methods": ["dp_vae", "deep_sad"],
        "datasets": ["mnist"],
        "normal_classes": [0],
        "at": [0.0, 0.01],
    }
    single = plan("labelled_ratio", "paper", **part, members=1)
    usual = plan("labelled_ratio", "paper", **part)
    sizes = {run.method: run.params["n_members"] for run in single.runs}
    assert sizes == {"vae": 1, "dp_vae": 1, "deep_svdd": 1, "deep_sad": 1}
    changed = [one.method for one, other in zip(single.runs, usual.runs, strict=True) if one != other]
    assert set(changed) == {"vae", "dp_vae"}
    assert "VAEs are single models here" in " ".join(single.notes) and "VAEs are" not in " ".join(usual.notes)
    assert plan("labelled_ratio", "paper", **part, members=5) == usual

    five = plan("labelled_ratio", "quick", members=5)
    words = " ".join(five.notes)
    assert "ensembles of 5" in words and "one model" not in words
    assert {run.params["n_members"] for run in five.runs if run.method == "mml_vae"} == {5}


def test_quick_ensembles_have_the_size_of_their_image_sets_budget():
    usual = plan("labelled_ratio", "quick")
    sizes = {run.dataset: run.params["n_members"] for run in usual.runs if run.method == "vae"}
    assert sizes == {name: QUICK[name].members for name in sizes} and len(set(sizes.values())) == 2
    words = " ".join(usual.notes)
    assert "one model each (five in the papers)" in words and "ensembles of 2 (five in the papers)" in words
    for name, size in sizes.items():
        part = {"protocol": "labelled_ratio", "preset": "quick", "datasets": [name]}
        assert plan(**part, members=size) == plan(**part)
    single = plan("labelled_ratio", "quick", members=1)
    assert {run.params["n_members"] for run in single.runs} == {1} and "single models" in " ".join(
        single.notes
    )


def test_a_note_on_pre_training_is_left_out_where_the_protocol_varies_it():
    assert "other networks 20 (150), batches" in " ".join(plan("ill_trained_autoencoder", "quick").notes)
    assert "other networks 6 after 6 of pre-training (150 after 150)" in " ".join(plan("eta", "quick").notes)


@pytest.mark.parametrize(
    ("protocol", "tables"), [("labelled_ratio", ("Table 2", "Table 7")), ("cats_vs_dogs", ("Table 3",))]
)
def test_every_printed_method_is_in_the_grid(protocol, tables):
    printed = {cell.method for cell in all_cells() if cell.paper == "dpvae2021" and cell.table in tables}
    assert printed <= set(plan(protocol, "paper").methods) | {"deep_svdd"}
