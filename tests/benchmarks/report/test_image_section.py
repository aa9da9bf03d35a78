"""The report's part on the image protocols: on the page, in Markdown and CSV, and its pictures."""

import csv
import html.parser
import json
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from image_records import finished

from askew.benchmarks.protocols.images.pictures import CODES_FILE
from askew.benchmarks.protocols.images.result import ImageResult
from askew.benchmarks.report import write_report
from askew.benchmarks.report.figures.curves import image_curves
from askew.benchmarks.report.figures.images import best_against_second, codes_picture
from askew.benchmarks.runs.store import Store
from askew.errors import InvalidInputError


def folder(path, *plans):
    home = Store(path)
    for _, records in plans:
        for one in records.values():
            home.write(one)
    return path


def marks(picture, kind):
    root = ElementTree.fromstring(str(picture))
    return [one for one in root.iter() if kind in one.get("class", "").split()]


def words(text):
    class Words(html.parser.HTMLParser):
        found = ""

        def handle_data(self, data):
            self.found += f" {data}"

    reader = Words()
    reader.feed(text)
    return " ".join(reader.found.split())


def test_a_page_with_tables_curves_scatters_and_tests(tmp_path):
    made = write_report(folder(tmp_path / "r", finished("labelled_ratio")))
    (section,) = made.sections
    assert (len(section.records), len(section.failures), section.other) == (100, 0, 0)
    assert (section.result.done, section.result.planned) == (100, 100)
    text = made.page.read_text()
    said = words(text)
    for part in (
        "labelled_ratio: scenario (i)",
        "100 of 100 runs (the full grid has 10,260)",
        "normal training images of a run",
        "mnist: 50 of 50 runs, 10 normal classes",
        "best VAE with labels",
        "Best against second",
        "dp_vae against vae: above on average in 2 of 2 columns; shown by both paired tests in 2",
    ):
        assert part in said, part
    assert text.count('class="curves"') == 2 and text.count('class="scatter"') == 4
    assert not re.search(r"https?:|<script|<img|\ssrc=", text)
    assert "Codes" not in said


def test_many_rivals_of_one_reference_share_a_sentence(tmp_path):
    methods = ["ama", "vae", "kde", "alad", "anogan", "dp_vae"]
    (section,) = write_report(folder(tmp_path / "r", finished("one_vs_rest", methods=methods))).sections
    (said,) = [line for line in section.summary if "above ama" in line]
    above, below, shown = (part.split(": ")[1].rstrip(".") for part in said.split(". "))
    means = {row.method: row.auroc_mean for row in section.result.rows}
    assert above.split(", ") == sorted(name for name in methods if means[name] > means["ama"])
    assert {*above.split(", "), *below.split(", "), "ama", "none"} == {*methods, "none"}
    assert not any(line.startswith("kde against ama") for line in section.summary)
    assert shown == "none" or {*shown.split(", ")} <= {*methods}
    assert any(line.startswith("dp_vae against vae") for line in section.summary)


def test_markdown_csv_and_another_protocol_beside(tmp_path):
    parts = finished("labelled_ratio", datasets=["mnist"]), finished("pollution"), finished("eta")
    made = write_report(folder(tmp_path / "r", *parts))
    assert [section.result.protocol for section in made.sections] == [
        "labelled_ratio",
        "pollution",
        "eta",
    ]
    text = made.markdown.read_text()
    assert "\n## labelled_ratio, preset quick: 50 of 50 runs" in text and "\n### mnist: 50 of 50 runs" in text
    assert text.count("\n### Paired tests") == 3
    lines = list(csv.DictReader(made.table.read_text().splitlines()))
    assert {line["protocol"] for line in lines} == {"labelled_ratio", "pollution", "eta"}
    assert {line["eta"] for line in lines if line["protocol"] == "eta"} == {"0.01", "1.0", "100.0"}
    assert len({line["preset"] for line in lines}) == 1 and lines[0]["published_runs"] == "90"


def test_presets_have_sections_of_their_own_and_other_settings_are_counted(tmp_path):
    quick = finished("labelled_ratio", datasets=["mnist"], normal_classes=[1, 2])
    paper = finished(
        "labelled_ratio", "paper", datasets=["mnist"], normal_classes=[1, 2], known_classes=[3, 4]
    )
    some = next(iter(paper[1].values()))
    other = replace(some, run=replace(some.run, params={"mine": 1}))
    made = write_report(folder(tmp_path / "r", quick, paper, (None, {other.run.key: other})))
    found = [(s.result.preset, s.result.done, s.result.planned, s.other) for s in made.sections]
    assert found == [("paper", 2 * 2 * (2 + 4 * 3), 2 * 2 * (2 + 4 * 3), 1), ("quick", 10, 10, 0)]
    assert "1 run is not in the protocol's grid" in " ".join(made.summary)


def test_ensembles_of_another_size_are_the_plan_that_was_run(tmp_path):
    single = finished("labelled_ratio", "paper", datasets=["mnist"], normal_classes=[1], members=1)
    usual = finished(
        "labelled_ratio", "paper", methods=["mml_vae"], datasets=["mnist"], normal_classes=[1], at=[0.2]
    )
    (section,) = write_report(folder(tmp_path / "r", single, usual)).sections
    assert (section.result.done, section.result.planned, section.other) == (len(single[1]), len(single[1]), 9)
    assert "VAEs are single models here" in " ".join(section.result.plan.notes)


@pytest.mark.parametrize("members", [None, 2, 3])
def test_quick_ensembles_of_the_usual_sizes_and_of_one_size_are_a_plan(tmp_path, members):
    (section,) = write_report(folder(tmp_path / "r", finished("labelled_ratio", members=members))).sections
    assert (section.result.done, section.result.planned, section.other) == (100, 100, 0)
    words = " ".join(section.result.plan.notes)
    assert ("ensembles of 2 (five in the papers)" in words) is (members is None)
    assert (f"VAEs are ensembles of {members} here" in words) is (members is not None)


@pytest.mark.parametrize("name", ["ablation", "ensemble_size", "ill_trained_autoencoder", "known_classes"])
def test_every_kind_of_protocol_has_a_page(tmp_path, name):
    whole, records = finished(name)
    made = write_report(folder(tmp_path / "r", (whole, records)))
    (section,) = made.sections
    assert (section.result.done, section.result.planned) == (len(whole.runs), len(whole.runs))
    assert (section.result.comparisons) and section.other == 0


def test_unknown_names_alone_are_refused(tmp_path):
    _, records = finished("eta")
    one = next(iter(records.values()))
    one = replace(one, run=replace(one.run, method="mine"))
    with pytest.raises(InvalidInputError, match="must be of a known grid"):
        write_report(folder(tmp_path / "r", (None, {one.run.key: one})))
    with pytest.raises(InvalidInputError, match="image protocols alone"):
        write_report(folder(tmp_path / "s", finished("eta")), reference="vae")


def test_curves_put_marks_where_their_numbers_are():
    result = ImageResult.of(
        *finished("labelled_ratio", datasets=["mnist"], methods=["vae", "dp_vae", "mml_vae", "deep_sad"])
    )
    picture = image_curves(result, "mnist")
    ticks = [
        one for one in marks(picture, "tick") if one.get("text-anchor") == "end" and one.text[0].isdigit()
    ]
    (low, y_low), *_, (high, y_high) = [(float(one.text), float(one.get("y")) - 4) for one in ticks]

    def y(value):
        return y_low + (100 * value - low) / (high - low) * (y_high - y_low)

    points = marks(picture, "point")
    semi = [float(one.get("cy")) for one in points if "semi" in one.get("class")]
    wanted = [
        result.by_key["mnist", "vae", 0.0].auroc_mean,
        result.by_key["mnist", "dp_vae", 0.01].auroc_mean,
    ]
    assert semi == pytest.approx([y(value) for value in wanted], abs=0.2)
    free = [float(one.get("cy")) for one in points if "free" in one.get("class")]
    assert free == pytest.approx([y(wanted[0])] * 2, abs=0.2)  # it is drawn through
    assert len(marks(picture, "band")) == 3 and len(marks(picture, "printed-point")) == 6
    assert [one.text for one in marks(picture, "label")] == ["dp_vae", "deep_sad", "vae"]


def test_a_single_column_has_no_curve():
    assert image_curves(ImageResult.of(*finished("ablation")), "cardio") is None


def test_scatters_have_the_best_method_upwards():
    whole, records = finished("labelled_ratio", datasets=["mnist"])
    (_, _), (where, picture) = best_against_second(ImageResult.of(whole, records))
    assert where == "mnist, γ_l = 0.01" and len(marks(picture, "run")) == 10
    (diagonal,) = marks(picture, "diagonal")
    ends = [float(diagonal.get(name)) for name in ("x1", "y1", "x2", "y2")]

    def is_above(dot):
        share = (float(dot.get("cx")) - ends[0]) / (ends[2] - ends[0])
        return float(dot.get("cy")) < ends[1] + share * (ends[3] - ends[1])

    by_pair = {}
    for run in whole.runs:
        if run.method in ("dp_vae", "mml_vae"):
            by_pair.setdefault(run.normal_class, {})[run.method] = records[run.key].auroc
    wanted = sum(one["dp_vae"] > one["mml_vae"] for one in by_pair.values())
    assert sum(map(is_above, marks(picture, "run"))) == wanted
    assert f"above the diagonal in {wanted} of 10 runs" in str(picture)


def test_codes_are_drawn_in_the_section_that_they_belong_to(tmp_path):
    home = folder(tmp_path / "r", finished("labelled_ratio", datasets=["mnist"]), finished("pollution"))
    models = [{"method": name, "x": [0.0, 1.0, 2.0], "y": [0.0, 3.0, 1.0]} for name in ("vae", "dp_vae")]
    found = {
        "protocol": "pollution",
        "preset": "quick",
        "words": "One <cell>.",
        "kinds": [0, 1, 2],
        "models": models,
    }
    (home / CODES_FILE).write_text(json.dumps(found))
    made = write_report(home)
    assert [section.codes is not None for section in made.sections] == [False, True]
    text = made.page.read_text()
    assert text.count('class="codes"') == 2 and "One &lt;cell&gt;." in text
    picture = codes_picture(models[0], [0, 1, 2])
    assert [len(marks(picture, f"code-{kind}")) for kind in ("normal", "known", "other")] == [1, 1, 1]
    (home / CODES_FILE).write_text("{")
    assert all(section.codes is None for section in write_report(home).sections)
