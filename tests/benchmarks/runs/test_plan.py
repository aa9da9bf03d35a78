"""Runs, their keys, and the classic plan."""

from dataclasses import replace

import pytest

from askew.benchmarks import Run
from askew.benchmarks.protocols.classic.method_settings import DATASETS, params
from askew.benchmarks.protocols.classic.protocol import METHODS, plan
from askew.benchmarks.protocols.images.protocol import plan as image_plan
from askew.benchmarks.runs.detection import detector_for
from askew.benchmarks.runs.method import AS_PRINTED, TEST_TUNED, VARIANTS, Method
from askew.errors import InvalidInputError

HYBRIDS = {one.name: one.inner for one in VARIANTS if one.detector == "hybrid"}
NAMES_TUNED = tuple(one.name for one in TEST_TUNED)
RUN = Run("classic", "cardio", "dp_vae", {"beta_kl": 0.05, "training__lr": 1e-3}, 3)


def test_key_is_stable():
    """A key that changed would orphan every results folder."""
    assert RUN.key == "7f1ef8aec13a3810a62cdb7ead8504dc894c26c371745f9c61e3d0668921ff9c"


def test_key_ignores_the_order_of_params_and_sees_everything_else():
    assert replace(RUN, params={"training__lr": 1e-3, "beta_kl": 0.05}).key == RUN.key
    others = [
        replace(RUN, protocol="other"),
        replace(RUN, dataset="thyroid"),
        replace(RUN, method="vae"),
        replace(RUN, params={"beta_kl": 0.05}),
        replace(RUN, seed=4),
        replace(RUN, split="leaky"),
        replace(RUN, labelled_ratio=0.05),
        replace(RUN, pollution_ratio=0.1),
        replace(RUN, normal_class="7"),
        replace(RUN, known_classes=("1",)),
    ]
    assert len({run.key for run in [RUN, *others]}) == 11


def test_group_key_ignores_the_seed_alone():
    assert replace(RUN, seed=4).group_key == RUN.group_key
    assert replace(RUN, split="leaky").group_key != RUN.group_key


def test_paper_is_the_full_grid():
    full = plan("paper")
    assert len(full.runs) == full.grid == 6 * 21 * 10
    assert (full.datasets, full.methods) == (DATASETS, METHODS)
    assert len({run.key for run in full.runs}) == 1260
    assert {(run.split, run.labelled_ratio, run.pollution_ratio) for run in full.runs} == {
        ("clean", 0.01, 0.0)
    }


def test_quick_is_a_part_of_paper():
    quick = plan("quick")
    assert {run.key for run in quick.runs} < {run.key for run in plan("paper").runs}
    assert len(quick.runs) == 4 * 8 * 3 and quick.grid == 1260


def test_hyper_parameters_are_those_of_tables_11_and_12():
    assert params("dp_vae", "satimage-2") == {
        "n_members": 5,
        "training__epochs": 150,
        "training__lr": 5e-4,
        "beta_kl": 0.05,
        "interval": 1,
        "alpha": 10.0,
    }
    assert params("mml_vae", "satimage-2")["training__lr"] == 1e-3
    assert params("mml_vae", "arrhythmia")["beta_cubo"] == params("vae", "arrhythmia")["beta_kl"] == 0.5
    assert "alpha" not in params("mml_vae", "arrhythmia") and "beta_cubo" not in params(
        "dp_vae", "arrhythmia"
    )
    assert params("dp_vae", "thyroid")["training__lr"] == 1e-4
    assert [params("dp_vae", name)["alpha"] for name in DATASETS] == [2, 5, 5, 10, 5, 10]


def test_members():
    members = {method: params(method, "cardio").get("n_members") for method in METHODS}
    assert [method for method, k in members.items() if k == 5] == ["vae", "mml_vae", "dp_vae", "mml_dp_vae"]
    assert params("isolation_forest", "cardio") == {"n_estimators": 100, "max_samples": 256}
    single = ["autoencoder", "deep_svdd", "deep_sad", "supervised", "ss_dgm", "dagmm", "dsebm"]
    assert [method for method, k in members.items() if k == 1] == single


def test_every_detector_takes_its_parameters():
    import askew

    for method in (*askew.index.entries(), *HYBRIDS, *NAMES_TUNED):
        for dataset in DATASETS:
            made = askew.index.detector_class(Method.of(method).detector)().set_params(
                **params(method, dataset)
            )
            given = made.get_params()
            assert {name: given[name] for name in params(method, dataset)} == params(method, dataset)


def test_methods_outside_the_tables_keep_their_defaults():
    import askew

    for method in ("supervised", "ss_dgm", "dagmm", "dsebm"):
        made = askew.index.detector_class(method)
        epochs = made.default_training["epochs"]
        assert params(method, "cardio") == {"n_members": made().n_members, "training__epochs": epochs}
    assert params("oc_svm", "cardio") == params("gradient_boosting", "cardio") == {}


def test_a_hybrid_has_a_name_per_detector_and_the_autoencoders_settings():
    assert params("ssad_hybrid", "cardio") == {
        "detector": "kernel_ssad",
        "encoder__n_members": 1,
        "encoder__training__epochs": 150,
    }
    runs = plan("quick", methods=HYBRIDS, datasets=["cardio"], seeds=[0]).runs
    assert {run.method: run.params["detector"] for run in runs} == HYBRIDS


def test_choices_narrow_the_plan():
    chosen = plan("quick", methods=["vae"], datasets=["shuttle"], seeds=[7, 5])
    assert [(run.dataset, run.method, run.seed) for run in chosen.runs] == [
        ("shuttle", "vae", 7),
        ("shuttle", "vae", 5),
    ]


@pytest.mark.parametrize(
    ("argument", "value", "choice"),
    [
        ("preset", "fast", "quick"),
        ("methods", ["dpvae"], "dp_vae"),
        ("datasets", ["mnist"], "satimage-2"),
        ("split", "dirty", "leaky"),
        ("methods", [], "dp_vae"),
    ],
)
def test_unknown_names_list_the_choices(argument, value, choice):
    with pytest.raises(InvalidInputError, match=rf"^{argument} of run_classic .*{choice}"):
        plan(**{argument: value})


@pytest.mark.parametrize("seeds", [[], [-1], [1.5], [True]])
def test_bad_seeds_are_refused(seeds):
    with pytest.raises(InvalidInputError, match=r"^seeds of run_classic must be"):
        plan(seeds=seeds)


def test_tuning_on_test_rows_runs_only_when_it_is_named():
    import askew

    for preset in ("quick", "paper"):
        assert not set(plan(preset).methods) & set(NAMES_TUNED)
    named = plan("quick", methods=NAMES_TUNED, datasets=["cardio"], seeds=[0])
    assert named.methods == NAMES_TUNED
    for run in named.runs:
        assert run.params == params(Method.of(run.method).printed_as, "cardio")
        assert hasattr(askew.index.detector_class(Method.of(run.method).detector), "fit_with_test_tuning")


def test_the_papers_schedule_and_soft_boundaries_are_rows_that_can_be_asked_for():
    for preset in ("quick", "paper"):
        assert not set(plan(preset).methods) & {one.name for one in AS_PRINTED}
    rows = plan("quick", methods=[one.name for one in AS_PRINTED], datasets=["thyroid"], seeds=[0]).runs
    made = {run.method: detector_for(run) for run in rows}
    assert made["mml_vae_paper_schedule"].training.lr_milestones == [50, 100]
    assert made["vae_paper_schedule"].training.clip_grad_norm == 1.0
    assert made["dp_vae_paper_schedule"].alpha == params("dp_vae", "thyroid")["alpha"]
    assert (made["deep_svdd_soft_1"].objective, made["deep_svdd_soft_1"].nu) == ("soft-boundary", 0.01)
    with pytest.raises(InvalidInputError, match="methods of run_images"):
        image_plan("labelled_ratio", methods=["vae_paper_schedule"])  # has the schedule anyway
