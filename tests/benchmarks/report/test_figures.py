"""The pictures are well-formed, hold every mark, and put it where its number is."""

import re
from itertools import combinations
from xml.etree import ElementTree

import pytest
from report_records import grid, messy, record

from askew.benchmarks.report.figures.methods import cost_picture, dots
from askew.benchmarks.report.figures.ranks import rank_plot
from askew.benchmarks.report.method_section import MethodSection
from askew.benchmarks.report.svg import Scale, log_ticks, shorten, tag, ticks
from askew.benchmarks.result_tables.ranks import Ranks

collect = MethodSection.collect


def dot_plot(section, dataset):
    return dots(
        dataset, {m: section.cells[dataset, m] for m in section.methods if (dataset, m) in section.cells}
    )


def cost(section, width):
    prices = {name: section.cost(name) for name in section.methods}
    return cost_picture({name: found for name, found in prices.items() if found}, width)


def parse(picture):
    return ElementTree.fromstring(str(picture))


def marks(root, kind):
    return [one for one in root.iter() if kind in one.get("class", "").split()]


def middle(polygon):
    points = [tuple(map(float, point.split(","))) for point in polygon.get("points").split()]
    return sum(x for x, _ in points) / len(points)


def test_a_dot_plot_has_every_mark():
    (section,) = collect(grid(6))
    root = parse(dot_plot(section, "cardio"))
    assert len(marks(root, "seed")) == 4 * 6
    assert len(marks(root, "interval")) == len(marks(root, "mean")) == 4
    assert len(marks(root, "published")) == 3  # no paper prints an isolation forest
    assert [one.text for one in marks(root, "label")] == list(section.methods)
    assert [one.text for one in marks(root, "best")] == ["dp_vae", None, "99.0"]


def test_marks_stand_where_their_numbers_are():
    (section,) = collect(grid(6))
    root = parse(dot_plot(section, "cardio"))
    printed = [one for one in marks(root, "tick")]
    at = {float(one.text): float(one.get("x")) for one in printed}
    (low, x_low), *_, (high, x_high) = sorted(at.items())

    def x(value):
        return x_low + (100 * value - low) / (high - low) * (x_high - x_low)

    for method, dot, line in zip(section.methods, marks(root, "mean"), marks(root, "interval"), strict=True):
        cell = section.cells["cardio", method]
        assert float(dot.get("cx")) == pytest.approx(x(cell.row.auroc_mean), abs=0.1)
        ends = float(line.get("x1")), float(line.get("x2"))
        assert ends == pytest.approx([x(end) for end in cell.interval], abs=0.1)
    printed = [middle(one) for one in marks(root, "published")]
    wanted = [section.cells["cardio", m].row.published_mean for m in ("dp_vae", "deep_sad", "vae")]
    assert printed == pytest.approx([x(value) for value in wanted], abs=0.1)


@pytest.mark.parametrize("auroc", [None, 1.0, 0.0, 0.5])
def test_a_dot_plot_of_one_run(auroc):
    (section,) = collect([record("x", "vae", 0, auroc)])
    root = parse(dot_plot(section, "x"))
    assert len(marks(root, "mean")) == (auroc is not None)
    assert [one.text for one in marks(root, "failed")] == ([] if auroc is not None else ["all runs failed"])


def test_all_pictures_of_messy_runs_stay_inside_their_frame():
    for section in collect(messy()):
        pictures = [dot_plot(section, of) for of in section.datasets]
        for width in (350, 540):
            pictures += [rank_plot(section.ranks, width), cost(section, width)]
        for picture in pictures:
            root = parse(picture)
            _, _, width, height = map(float, root.get("viewBox").split())
            for one in root.iter():
                for name, most in (("x", width), ("cx", width), ("x2", width), ("y", height), ("cy", height)):
                    assert -0.5 <= float(one.get(name, 0)) <= most + 0.5, (one.attrib, root.get("viewBox"))


RANKS = Ranks(("a", "b", "c", "d"), ("1", "2"), (1.0, 1.5, 3.0, 4.0), critical_difference=1.75)


@pytest.mark.parametrize("width", [350, 540])
def test_rank_plot(width):
    root = parse(rank_plot(RANKS, width))
    dots = [float(one.get("cx")) for one in marks(root, "mean")]
    unit = (dots[3] - dots[0]) / 3
    assert dots == pytest.approx([dots[0] + unit * (rank - 1) for rank in RANKS.average], abs=0.1)
    ruler = [one for one in marks(root, "ruler") if one.get("y1") == one.get("y2")]
    assert float(ruler[0].get("x2")) - float(ruler[0].get("x1")) == pytest.approx(1.75 * unit, abs=0.1)
    assert len(marks(root, "group")) == len(RANKS.groups) == 3
    assert "CD 1.75" in "".join(root.itertext())


def test_bars_of_the_rank_plot_span_their_groups():
    root = parse(rank_plot(RANKS, 540))
    dots = dict(zip("abcd", (float(one.get("cx")) for one in marks(root, "mean")), strict=True))
    for bar, group in zip(marks(root, "group"), RANKS.groups, strict=True):
        ends = float(bar.get("x1")) + 4, float(bar.get("x2")) - 4
        assert ends == pytest.approx((dots[group[0]], dots[group[-1]]), abs=0.1)


def test_a_critical_difference_wider_than_the_axis_is_said_and_cut():
    ranks = Ranks(("a", "b"), ("1", "2"), (1.0, 2.0), critical_difference=1.4)
    root = parse(rank_plot(ranks, 540))
    assert "more than the axis" in "".join(root.itertext())
    one = parse(rank_plot(Ranks(("a",), ("1",), (1.0,)), 540))
    assert not marks(one, "ruler") and not marks(one, "group")


def test_many_methods_stand_in_rows():
    names = tuple(f"m{i}" for i in range(20))
    ranks = Ranks(names, ("1",), tuple(float(i + 1) for i in range(20)))
    assert not marks(parse(rank_plot(ranks, 540)), "elbow")
    assert marks(parse(rank_plot(RANKS, 540)), "elbow")


def test_cost_marks_what_no_other_method_beats():
    (section,) = collect(grid())  # cheaper and worse: the forest; dearer and better: dp_vae; vae is beaten
    root = parse(cost(section, 540))
    behind = [one.find("title").text for one in marks(root, "behind")]
    assert [text.partition(":")[0] for text in behind] == ["vae"]
    by_name = {one.find("title").text.partition(":")[0]: one for one in marks(root, "mean")}
    xs = [float(by_name[m].get("cx")) for m in ("isolation_forest", "deep_sad", "vae", "dp_vae")]
    assert xs == sorted(xs)
    assert float(by_name["dp_vae"].get("cy")) < float(by_name["isolation_forest"].get("cy"))


def test_labels_of_the_cost_picture_do_not_overlap():
    crowd = [(3.0, 0.7), (3.6, 0.71), (4.3, 0.705), (3.2, 0.72), (4.0, 0.69)]  # within a label's length
    records = []
    for number, (seconds, auroc) in enumerate([(0.1, 0.5), (100.0, 0.99), *crowd]):
        records += [record("a", f"method_{number}", s, auroc, fit_seconds=seconds) for s in (0, 1)]
    (section,) = collect(records)
    boxes = []
    for one in marks(parse(cost(section, 540)), "label"):
        x, y, length = float(one.get("x")), float(one.get("y")), 6.7 * len(one.text)
        left = x - length * {"start": 0, "middle": 0.5, "end": 1}[one.get("text-anchor")]
        boxes.append((left, y - 10, left + length, y + 3))
    assert len(boxes) == 7
    for a, b in combinations(boxes, 2):
        assert a[0] >= b[2] or b[0] >= a[2] or a[1] >= b[3] or b[1] >= a[3]


def test_no_cost_picture_without_times():
    (section,) = collect(grid(2, fit_seconds=None))
    assert cost(section, 540) is None


def test_scales_and_ticks():
    assert Scale(0, 10, 100, 200)(2.5) == 125
    assert Scale(1, 100, 0, 10, logarithmic=True)(10) == pytest.approx(5)
    assert ticks(0, 1, 4) == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert log_ticks(0.02, 40) == [0.1, 1.0, 10.0]


def test_text_is_escaped_and_shortened():
    assert str(tag("text", "<b>&", class_='"x"')) == '<text class="&#34;x&#34;">&lt;b&gt;&amp;</text>'
    assert shorten("abc") == "abc" and len(shorten("x" * 99, 10)) == 10
    assert re.fullmatch(r"mml_vae.*…=0.001\)", shorten("mml_vae (training__lr=0.001)", 16))
