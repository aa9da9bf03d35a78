"""What few_labels says of its runs: means, ranks, contests of plain classifiers, and its words."""

import csv
import io
import math
from dataclasses import replace

import pytest
from few_labels_records import runs
from scipy import stats

from askew.benchmarks.protocols.few_labels.result import FewLabelsResult
from askew.benchmarks.result_tables.cell_text import MARKDOWN, PAGE, PLAIN, CellStyle
from askew.benchmarks.runs.plan import Plan


def result(records, missing=(), failed=()):
    """Return the result of a plan of `records`, of which some are not done and some failed."""
    plan = Plan("few_labels", "quick", tuple(one.run for one in records), 999, ("A note of the plan.",))
    kept = [one for one in records if one not in missing]
    kept = [
        replace(one, status="failed", auroc=None, auprc=None, fpr80=None) if one in failed else one
        for one in kept
    ]
    return FewLabelsResult.of(plan, {one.run.key: one for one in kept})


def aurocs(records, **where):
    """Return AUROC by seed of the records whose run has the fields of `where`."""
    fits = [one for one in records if all(getattr(one.run, k) == v for k, v in where.items())]
    return {one.run.seed: one.auroc for one in fits}


RECORDS = runs()


@pytest.fixture(scope="module")
def found():
    return result(RECORDS)


def test_shape(found):
    assert (found.regimes, found.ms) == (("seen", "unseen"), (1, 5))
    assert found.methods == ("logistic_regression", "dp_vae", "vae")
    assert (found.done, found.planned) == (200, 200)


def test_mean_over_seeds_then_over_data_sets(found):
    by_hand = []
    for name in ("cardio", "thyroid"):
        scores = aurocs(RECORDS, dataset=name, regime="seen", method="dp_vae", m=5)
        assert len(scores) == 10
        by_hand.append(math.fsum(scores.values()) / 10)
    assert found.mean("seen", "dp_vae", 5) == pytest.approx(sum(by_hand) / 2)


def test_methods_without_labels_stand_in_every_column(found):
    assert found.row("cardio", "seen", "vae", 1) is found.row("cardio", "seen", "vae", 5)
    assert found.mean("seen", "vae", 1) == found.mean("seen", "vae", 5) is not None
    headings, rows = found.overview("seen", PAGE).parts
    assert headings == ["method", "m = 1 (2)", "m = 5 (2)"]
    vae = dict((row[0], row[1:]) for row in rows)["vae"]
    assert vae[0].split()[0] == vae[1].split()[0] and vae[1].endswith("(3.0)")


def test_a_column_is_over_the_data_sets_that_have_so_many_labels():
    some = [one for one in RECORDS if (one.run.dataset, one.run.m) != ("cardio", 5)]
    found = result(some)
    assert found.datasets_of("seen", 5) == ("thyroid",) and found.datasets_of("seen", 1) == (
        "cardio",
        "thyroid",
    )
    assert found.row("cardio", "seen", "vae", 5) is None
    thyroid = aurocs(some, dataset="thyroid", regime="seen", method="vae", m=0)
    assert found.mean("seen", "vae", 5) == pytest.approx(math.fsum(thyroid.values()) / 10)
    assert found.overview("seen", PLAIN).headings[-1] == "m = 5 (1)"
    assert found.per_dataset("seen", "cardio", MARKDOWN).headings == ["method", "m = 1"]


def test_the_best_of_a_column_is_bold(found):
    _, rows = found.overview("seen", CellStyle(best="<{}>")).parts
    bold = [[cell.startswith("<") for cell in row[1:]] for row in rows]
    assert bold == [[False, True], [True, False], [False, False]]
    _, rows = found.per_dataset("unseen", "thyroid", MARKDOWN).parts
    assert [[cell.startswith("**") for cell in row[1:]] for row in rows] == [
        [False, False],
        [True, True],
        [False, False],
    ]


def test_ranks(found):
    assert found.ranks("seen", 5).methods == ("logistic_regression", "dp_vae", "vae")
    assert found.ranks("seen", 1).average == (1.0, 2.0, 3.0)
    assert found.ranks("seen", 1).methods == ("dp_vae", "vae", "logistic_regression")


def test_contests(found):
    won = {
        (one.regime, one.dataset, one.m): one.difference > 0
        for r in found.regimes
        for one in found.contests(r)
    }
    assert {cell for cell, plain in won.items() if plain} == {("seen", "cardio", 5), ("seen", "thyroid", 5)}
    assert len(won) == 8
    assert all(one.is_significant for one in found.contests("seen"))


def test_the_p_value_is_the_largest_against_the_other_kind_and_corrected_over_data_sets():
    """A winner must beat every method of the other kind: deep_sad here is nearly as good as the classifier."""
    records = runs(ms=(5,))
    rival = [
        replace(
            one,
            run=replace(one.run, method="deep_sad"),
            auroc=one.auroc - (0.0005 if one.run.seed % 3 else -0.0004),
        )
        for one in records
        if one.run.method == "logistic_regression"
    ]
    found = result(records + rival)
    (cardio, thyroid) = found.contests("seen")
    assert (cardio.plain, cardio.semi_supervised, cardio.is_significant) == (
        "logistic_regression",
        "deep_sad",
        False,
    )
    p_values = []
    for name in ("cardio", "thyroid"):
        where = {"dataset": name, "regime": "seen", "m": 5}
        sides = [aurocs(records + rival, method=m, **where) for m in ("logistic_regression", "deep_sad")]
        differences = [sides[0][seed] - sides[1][seed] for seed in range(10)]
        p_values.append(float(stats.ttest_1samp(differences, 0.0).pvalue))
    assert thyroid.t_p == pytest.approx(min(1.0, 2 * min(p_values)), rel=1e-6)


def test_a_method_far_behind_whose_seeds_differ_widely_hides_no_difference():
    """A t-test with it shows nothing; it is below the winner with every seed all the same."""
    records = runs(ms=(5,))
    far = [
        replace(
            one, run=replace(one.run, method="ss_dgm"), auroc=one.auroc - (0.9 if one.run.seed == 0 else 0.01)
        )
        for one in records
        if one.run.method == "logistic_regression"
    ]
    with_it, without = result(records + far).contests("seen"), result(records).contests("seen")
    assert [one.is_significant for one in with_it] == [one.is_significant for one in without] == [True, True]
    assert [one.t_p for one in with_it] == [one.t_p for one in without]


def test_words_say_where_a_plain_classifier_wins(found):
    first, second = found.contest_sentences("seen")
    assert "in 2 of 4 cells (data set and m), in 2 of them shown" in first
    assert "than every plain classifier in 2, shown in 2" in first
    assert second.startswith("seen, m = 5: a plain classifier wins on cardio (logistic_regression 90.")
    assert second.count("; shown)") == 2
    (only,) = found.contest_sentences("unseen")
    assert "in 0 of 4 cells" in only
    few = result(runs(n_seeds=3)).contest_sentences("seen")
    assert few[1].count("; on average only)") == 2
    assert result(runs(methods=("dp_vae", "vae"))).contest_sentences("seen") == []


def test_failed_and_missing_runs_are_told():
    bad = [one for one in RECORDS if (one.run.method, one.run.m, one.run.seed) == ("dp_vae", 5, 0)]
    late = [one for one in RECORDS if (one.run.method, one.run.m, one.run.seed) == ("dp_vae", 1, 1)]
    found = result(RECORDS, missing=late, failed=bad)
    assert (found.done, found.planned) == (196, 200)
    text = " ".join(found.notes())
    assert "Failed runs: 4." in text and "Runs not done yet: 4" in text
    _, rows = found.per_dataset("seen", "cardio", MARKDOWN).parts
    assert rows[1][1].endswith("*9/10 runs*") and "*1 failed*" in rows[1][2]
    assert found.ranks("seen", 1).rank("dp_vae") is None and found.ranks("seen", 5).rank("dp_vae") is not None


def test_all_runs_of_a_cell_failed():
    bad = [one for one in RECORDS if one.run.method == "dp_vae"]
    found = result(RECORDS, failed=bad)
    assert found.mean("seen", "dp_vae", 1) is None
    assert found.ranks("seen", 1).rank("dp_vae") == 3.0
    assert found.contests("seen") == ()


def test_markdown_json_and_csv(found):
    text = found.markdown()
    assert text.startswith("# few_labels, preset quick: 200 of 200 runs (the full grid has 999)")
    assert "- A note of the plan." in text and "### thyroid, unseen" in text
    for block in text.split("\n\n"):
        lines = block.splitlines()
        assert not block.startswith("|") or len({line.count("|") for line in lines}) == 1
    body = found.to_json()
    assert body["coverage"] == [200, 200] and len(body["rows"]) == len(found.rows) == 20
    assert body["rows"][0]["published_mean"] is None
    assert [one["shown"] for one in body["contests"]].count(True) == 8
    rows = list(csv.DictReader(found.csv().splitlines()))
    assert [(row["regime"], row["m"]) for row in rows[:2]] == [("seen", "1"), ("seen", "5")]


def test_the_terminal_shows_the_tables(found):
    from rich.console import Console

    console = Console(width=140, record=True, file=io.StringIO())
    console.print(found.table())
    text = console.export_text()
    assert (
        "m = 5 (2)" in text and "a plain classifier wins on cardio" in text and "A note of the plan." in text
    )
