"""The name of a method says its detector, its parameters, and whether it is tuned on test rows."""

import pytest

from askew import index
from askew.benchmarks.runs import method
from askew.benchmarks.runs.method import (
    PAPER_SCHEDULE,
    RUFF_SCHEDULE,
    TEST_TUNED,
    VARIANTS,
    Method,
    choices,
    reasons_left_out,
)


@pytest.mark.parametrize(
    ("name", "detector", "params", "printed_as", "inner"),
    [
        ("dp_vae", "dp_vae", {}, "dp_vae", "dp_vae"),
        ("oc_svm_hybrid", "hybrid", {"detector": "oc_svm"}, "oc_svm_hybrid", "oc_svm"),
        ("catboost", "gradient_boosting", {"library": "catboost"}, "catboost", "gradient_boosting"),
        ("ss_dgm_m1m2", "ss_dgm", {"model": "m1+m2"}, "ss_dgm", "ss_dgm"),
        ("ama_known_only", "ama", {"negatives": None}, "ama", "ama"),
        ("oc_svm_test_tuned", "oc_svm", {}, "oc_svm", "oc_svm"),
        ("ssad_hybrid_test_tuned", "hybrid", {"detector": "kernel_ssad"}, "ssad_hybrid", "kernel_ssad"),
        ("autoencoder_paper_schedule", "autoencoder", RUFF_SCHEDULE, "autoencoder", "autoencoder"),
        (
            "kde_hybrid_paper_schedule",
            "hybrid",
            {
                "detector": "kde",
                "encoder__training__lr_milestones": [50],
                "encoder__training__weight_decay": 1e-6,
            },
            "kde_hybrid",
            "kde",
        ),
        ("dp_vae_paper_schedule", "dp_vae", PAPER_SCHEDULE, "dp_vae", "dp_vae"),
        (
            "deep_svdd_soft_1",
            "deep_svdd",
            {"objective": "soft-boundary", "nu": 0.01},
            "deep_svdd",
            "deep_svdd",
        ),
        (
            "kde_test_tuned",
            "kde_test_tuned",
            {},
            "kde_test_tuned",
            "kde_test_tuned",
        ),  # there is no such method
    ],
)
def test_what_a_name_stands_for(name, detector, params, printed_as, inner):
    found = Method.of(name)
    assert (found.name, found.detector, found.params) == (name, detector, params)
    assert (found.printed_as, found.inner) == (printed_as, inner)
    assert found.is_test_tuned is (name == f"{printed_as}_test_tuned")


def test_choices_are_each_once_and_can_be_run():
    known = choices(index.tabular())
    assert len(set(known)) == len(known) == len(index.tabular()) + len(VARIANTS) + len(TEST_TUNED)
    assert not {one.name for one in TEST_TUNED} & set(choices(index.tabular(), test_tuned=False))
    assert {Method.of(name).detector for name in known} <= set(index.entries())


def test_what_cannot_be_run_says_why(monkeypatch):
    monkeypatch.setattr(method, "find_spec", lambda name: None)
    assert Method.of("gradient_boosting").why_not() is None
    assert Method.of("catboost").why_not() == 'catboost is not installed: pip install "askew[boost]"'
    assert reasons_left_out(["vae", "no_such"]) == [
        "Planned but left out: no_such is not in this version of askew: install a newer one."
    ]
