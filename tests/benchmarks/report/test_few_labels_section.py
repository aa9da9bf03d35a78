"""The part of the report on few_labels: on the page, in Markdown and CSV, alone and beside another protocol."""

import csv
import itertools
import re
from dataclasses import replace

import pytest
from few_labels_records import runs
from report_records import grid, store
from test_report import read

from askew.benchmarks.protocols.few_labels.protocol import MAX_NORMALS, M
from askew.benchmarks.protocols.few_labels.result import FewLabelsResult
from askew.benchmarks.report import write_report
from askew.benchmarks.report.figures.curves import label_curves
from askew.benchmarks.runs.plan import Plan
from askew.errors import InvalidInputError


@pytest.fixture(autouse=True)
def made_up_settings(monkeypatch):
    """The records have no parameters, so that the grid that they belong to has none either."""
    monkeypatch.setattr(
        "askew.benchmarks.protocols.classic.method_settings.params", lambda method, dataset: {}
    )


def records(**changes):
    assert MAX_NORMALS == 1000
    return runs(ms=M, names=("cardio", "satellite"), n_seeds=3, **changes)


def test_alone(tmp_path):
    bad = "a <b>bad</b> loss"
    some = records()
    some[0] = replace(some[0], status="failed", auroc=None, auprc=None, fpr80=None, error=bad)
    made = write_report(store(tmp_path / "r", some))
    (section,) = made.sections
    assert (len(section.records), len(section.failures), section.other) == (len(some), 1, 0)
    text = made.page.read_text()
    found = read(text)
    said = " ".join(" ".join(found.words).split())
    for part in (
        "156 of 156 runs",
        "Seen: test anomalies of the same pool",
        "a plain classifier wins on",
        "At most 1,000 normal training rows",
        "m = 50 (2)",
        bad,
    ):
        assert part in said, part
    assert (
        sum(name == "polygon" and attributes["class"].startswith("band") for name, attributes in found.tags)
        == 12
    )
    assert not re.search(r"https?:|<script|<img|\ssrc=", text)
    assert made.summary[0].startswith("few_labels, preset paper: 156 of 156 runs")


def test_beside_another_protocol(tmp_path):
    made = write_report(store(tmp_path / "r", [*grid(3), *records()]), reference="vae")
    assert [type(section).__name__ for section in made.sections] == ["MethodSection", "FewLabelsSection"]
    found = read(made.page.read_text())
    links = [attributes["href"] for name, attributes in found.tags if name == "a"]
    assert links == ["#s1", "#f2"]
    assert {"s1", "f2"} <= {attributes.get("id") for _, attributes in found.tags}
    text = made.markdown.read_text()
    assert "## classic, clean split" in text and "## few_labels, preset paper: 156 of 156 runs" in text
    assert "#### cardio, unseen" in text and "\n# few" not in text
    rows = list(csv.DictReader(made.table.read_text().splitlines()))
    few = [row for row in rows if row["protocol"] == "few_labels"]
    assert len(few) == 2 * 2 * (6 + 6 + 1) and len(rows) == len(few) + 12
    assert (few[0]["regime"], few[0]["m"], few[0]["n_runs"]) == ("seen", "1", "3")
    assert {row["regime"] for row in rows if row["protocol"] == "classic"} == {""}


def test_runs_that_are_missing_and_runs_of_other_settings_are_counted(tmp_path):
    some = [one for one in records() if (one.run.method, one.run.m) != ("dp_vae", 2)]
    other = [replace(one, run=replace(one.run, max_normals=7)) for one in some[:5]]
    made = write_report(store(tmp_path / "r", some + other))
    (section,) = made.sections
    assert (section.result.done, section.result.planned, section.other) == (144, 156, 5)
    assert "5 runs are not in the protocol's grid." in made.summary[0]


def test_refusals(tmp_path):
    some = records()
    with pytest.raises(
        InvalidInputError, match=r"^reference of report must be left out for runs of few_labels"
    ):
        write_report(store(tmp_path / "r", some), reference="vae")
    other = [replace(one, run=replace(one.run, max_normals=7)) for one in some[:5]]
    with pytest.raises(InvalidInputError, match=r"^runs of report must be of a known grid"):
        write_report(store(tmp_path / "other", other))


def result(some):
    plan = Plan("few_labels", "paper", tuple(one.run for one in some), 1)
    return FewLabelsResult.of(plan, {one.run.key: one for one in some})


def test_a_panel_has_the_best_of_each_kind_with_a_band_and_the_others_in_grey():
    some = records(methods=("logistic_regression", "gradient_boosting", "deep_sad", "vae"))
    some = [
        replace(one, auroc=one.auroc - 0.05) if one.run.method == "gradient_boosting" else one for one in some
    ]
    found = read(str(label_curves(result(some), "seen", "cardio")))
    lines = [attributes["class"] for name, attributes in found.tags if name == "polyline"]
    assert lines == ["curve behind", "curve free", "curve plain", "curve semi"]
    bands = [attributes["class"] for name, attributes in found.tags if name == "polygon"]
    assert bands == ["band free", "band plain", "band semi"]
    names = [a["y"] for name, a in found.tags if name == "text" and a["class"].startswith("label")]
    heights = sorted(map(float, names))
    assert len(heights) == 3 and min(b - a for a, b in itertools.pairwise(heights)) >= 13.9
    assert "gradient_boosting (1:" in " ".join(found.words)


def test_a_method_far_behind_leaves_the_panel_at_the_bottom():
    """The scale is that of the methods worth comparing; what is drawn below it is cut."""
    behind = {"ss_dgm": 0.2, "deep_sad": 0.88, "mml_vae": 0.88, "kernel_ssad": 0.88}
    more = [
        replace(one, run=replace(one.run, method=method), auroc=auroc)
        for method, auroc in behind.items()
        for one in records()
        if one.run.method == "logistic_regression"
    ]
    found = read(str(label_curves(result([*records(), *more]), "seen", "cardio")))
    _picture, window = (a for name, a in found.tags if name == "svg")
    bottom = float(window["height"])
    lowest = {kind: max(heights(found, kind)) for kind in ("plain", "semi", "behind")}
    assert lowest["plain"] <= bottom and lowest["semi"] <= bottom < lowest["behind"]


def heights(found, kind):
    """How far down the corners of the curves of one kind are."""
    corners = [a["points"] for name, a in found.tags if name == "polyline" and kind in a["class"]]
    return [float(pair.split(",")[1]) for one in corners for pair in one.split()]


def test_curves_rise_where_auroc_does():
    found = read(str(label_curves(result(records()), "seen", "cardio")))
    corners = next(a["points"] for name, a in found.tags if a.get("class") == "curve plain")
    heights = [float(point.split(",")[1]) for point in corners.split()]
    widths = [float(point.split(",")[0]) for point in corners.split()]
    assert len(heights) == 6 and heights == sorted(heights, reverse=True) and widths == sorted(widths)


def test_a_panel_without_a_run_that_ended_well():
    some = [replace(one, status="failed", auroc=None) for one in records()]
    assert "no run has ended well" in str(label_curves(result(some), "seen", "cardio"))


def test_a_single_m_and_a_single_seed():
    found = read(str(label_curves(result(runs(ms=(5,), n_seeds=1)), "unseen", "thyroid")))
    assert not any(name == "polygon" for name, _ in found.tags)
