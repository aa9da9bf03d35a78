"""From runs to sections: nothing is dropped, nothing is mixed, numbers by hand."""

import numpy as np
import pytest
from report_records import MEANS, grid, messy, record

from askew.benchmarks import classic
from askew.benchmarks.report.method_section import MethodSection
from askew.benchmarks.result_tables.intervals import mean_interval
from askew.errors import InvalidInputError

collect = MethodSection.collect


def only(records, **options):
    (section,) = collect(records, **options)
    return section


def cell(auroc, dataset="cardio", method="vae"):
    return only([record(dataset, method, seed, value) for seed, value in enumerate(auroc)]).cells[
        dataset, method
    ]


def test_every_run_is_in_exactly_one_section():
    sections = collect(messy())
    shown = [one.run.key for section in sections for one in section.records]
    assert sorted(shown) == sorted(one.run.key for one in messy())
    assert [(s.setting.split, len(s.records)) for s in sections] == [("clean", 102), ("leaky", 36)]


@pytest.mark.parametrize(
    "changes", [{"split": "leaky"}, {"labelled_ratio": 0.05}, {"pollution_ratio": 0.1}, {"protocol": "x"}]
)
def test_other_settings_are_another_section(changes):
    assert len(collect([*grid(2), *grid(2, **changes)])) == 2


def test_a_cell_by_hand():
    found = cell([0.9, 0.92, 0.97])
    assert found.row.auroc_mean == pytest.approx(0.93)
    assert found.row.auroc_std == pytest.approx(np.std([0.9, 0.92, 0.97], ddof=1))
    assert found.interval == mean_interval([0.9, 0.92, 0.97])
    assert found.aurocs == {0: 0.9, 1: 0.92, 2: 0.97}
    assert (found.mean("fit_seconds"), found.mean("score_seconds")) == (2.0, 0.25)
    assert (found.row.published_mean, found.row.published_std) == (0.955, 0.008)


@pytest.mark.parametrize(
    "mean, verdict",
    [(0.955, "within"), (0.9468, "within"), (0.9464, "below"), (0.9632, "within"), (0.9636, "above")],
)
def test_verdicts_are_by_the_published_deviation_and_its_rounding(mean, verdict):
    assert cell([mean] * 2).verdict == verdict  # published: 95.5 +- 0.8, half a tenth for rounding


def test_a_cell_that_failed_altogether_is_below_and_last():
    runs = [one for one in grid(3) if (one.run.dataset, one.run.method) != ("cardio", "dp_vae")]
    section = only([*runs, *(record("cardio", "dp_vae", seed, None) for seed in range(3))])
    assert section.cells["cardio", "dp_vae"].verdict == "below"
    assert len(section.failures) == 3
    assert section.ranks.rank("dp_vae") == pytest.approx((4 + 2 + 1) / 3)
    assert section.overall("dp_vae")[0] is None and section.cost("dp_vae") is None
    assert cell([None, None], method="isolation_forest").verdict is None  # nothing is published


def test_methods_come_best_first_and_data_sets_by_name():
    section = only(grid())
    assert section.methods == ("dp_vae", "deep_sad", "vae", "isolation_forest")
    assert section.datasets == ("cardio", "satellite", "thyroid")
    assert section.overall("dp_vae") == (
        pytest.approx(np.mean([0.99, 0.89, 0.997]), abs=0.004),
        pytest.approx(np.mean([0.991, 0.892, 0.999])),
    )
    assert section.cost("deep_sad")[0] == 3.0


def test_what_was_not_run_is_a_gap_and_not_ranked():
    section = collect(messy())[0]
    assert ("arrhythmia", "deep_sad") not in section.cells
    assert section.overall("deep_sad") == (None, None)
    assert "deep_svdd" in section.ranks.left_out and "arrhythmia" in section.ranks.left_out
    assert section.ranks.datasets == ("cardio", "satellite", "thyroid")
    assert section.methods[4:] == tuple(sorted(section.methods[4:]))


def test_one_method_with_several_settings_is_several():
    section = collect(messy())[0]
    assert ("cardio", "autoencoder (wide=16)") in section.cells
    assert ("satellite", "autoencoder (wide=default)") in section.cells
    assert ("cardio", "mml_vae (beta_kl=0.5)") in section.cells
    assert len(section.cells["cardio", "autoencoder (wide=8)"].records) == 3
    assert section.cells["cardio", "autoencoder (wide=8)"].row.published_mean == 0.943


def test_settings_that_differ_between_data_sets_alone_are_one_method():
    runs = [
        record(of, "vae", 0, 0.9, {"beta_kl": value}) for of, value in (("cardio", 0.05), ("thyroid", 0.5))
    ]
    assert only(runs).methods == ("vae",)


def test_classes_of_a_data_set_are_apart_and_have_no_published_table_number():
    runs = [record("cardio", "vae", 0, 0.9, normal_class=c, known_classes=("3", "4")) for c in "01"]
    section = only(runs)
    assert section.datasets == ("cardio, normal 0, known 3+4", "cardio, normal 1, known 3+4")
    assert all(one.row.published_mean is None for one in section.cells.values())


def test_published_numbers_belong_to_their_ratio_and_protocol():
    for changes in ({"labelled_ratio": 0.05}, {"pollution_ratio": 0.1}, {"protocol": "few_labels"}):
        assert only([record("cardio", "vae", 0, 0.9, **changes)]).cells["cardio", "vae"].verdict is None


def test_coverage_of_the_full_grid():
    settings = classic.params("vae", "cardio")
    runs = [record("cardio", "vae", seed, 0.9, settings) for seed in (0, 1, 99)]
    runs += [record("cardio", "vae", 0, 0.9, settings | {"beta_kl": 7.0})]
    assert only(runs).coverage == (2, len(classic.plan("paper").runs), 2)
    assert only(grid(protocol="few_labels")).coverage is None


def test_the_reference():
    assert only(grid()).reference == "vae"
    chosen = only(grid(), reference="deep_sad")
    assert {row.second for row in chosen.against_reference} == {"deep_sad"}
    assert len(chosen.against_reference) == 9 and len(chosen.best_two) == 3
    without = {of: {m: v for m, v in means.items() if m != "vae"} for of, means in MEANS.items()}
    assert only(grid(means=without)).reference == "dp_vae"
    with pytest.raises(InvalidInputError, match=r"reference of report must be .*got 'gan'.*deep_sad, dp_vae"):
        collect(grid(), reference="gan")


def test_a_reference_that_one_section_lacks():
    few = {"cardio": {"dp_vae": 0.9, "deep_sad": 0.8}}
    full, lacking = collect([*grid(), *grid(means=few, split="leaky")], reference="vae")
    assert full.reference == "vae" and lacking.reference is None and not lacking.against_reference
