"""The table of label_loop: shares by hand, paired tests, what is not complete, and the picture."""

import io
import json

import pytest
from label_loop_records import runs
from rich.console import Console

from askew.benchmarks.protocols.label_loop.picture import draw_curves
from askew.benchmarks.protocols.label_loop.protocol import plan
from askew.benchmarks.protocols.label_loop.record import LoopRecord
from askew.benchmarks.protocols.label_loop.result import LoopResult


def result_of(records, **choice):
    chosen = {
        "datasets": ["cardio", "glass"],
        "methods": ["anomalous", "aad_forest", "static"],
        "seeds": range(3),
    }
    return LoopResult.of(plan("paper", **chosen | choice), {record.run.key: record for record in records})


def test_shares_are_of_the_most_that_could_be_found():
    (run,) = plan(methods=["static"], datasets=["glass"], seeds=[0]).runs
    record = LoopRecord.of(run, "quick", status="ok", found=[1] * 10 + [3] * 10, n_anomalies=4)
    assert [record.after(n) for n in (1, 2, 10, 20, 50)] == [1.0, 0.5, 0.25, 0.75, 0.75]
    assert record.average == pytest.approx((0.25 + 0.75 + 0.75 + 0.75) / 4)


def test_means_and_tests_are_over_tables():
    result = result_of(runs(n_seeds=3))
    averages = [row.average for row in result.rows if row.method == "anomalous"]
    assert result.mean("anomalous", "average") == pytest.approx(sum(averages) / 2)
    first = result.over_tables()[0]
    assert (first.first, first.second, first.n_tables) == ("anomalous", "aad_forest", 2)
    gap = result.mean("anomalous", "average") - result.mean("aad_forest", "average")
    assert first.test.difference == pytest.approx(gap) and gap > 0
    assert [names for _, names in result.groups()] == [("cardio", "glass"), ("cardio",)]
    assert len(result.curve("static")) == 100
    assert result.curve("static")[99] == pytest.approx(result.mean("static", "share_100"))


def test_a_difference_that_all_seeds_show_is_counted():
    result = result_of(runs(n_seeds=10), seeds=range(10))
    assert {(one.first, one.wins, one.losses) for one in result.over_tables()} == {
        ("anomalous", 2, 0),
        ("static", 0, 2),
    }
    (sentence,) = result.verdict()
    assert "shown better on 2, worse on 0" in sentence


def test_means_are_over_tables_that_are_whole():
    some = [record for record in runs() if (record.run.dataset, record.run.seed) != ("glass", 2)]
    result = result_of(some)
    assert result.complete == ("cardio",) and result.groups()[0][1] == ("cardio",)
    text = result.markdown()
    assert "means are over tables where all methods have all their runs" in text and "2/3 runs" in text
    nothing = result_of([])
    assert nothing.complete == () and nothing.over_tables() == () and "0 of 18 runs" in nothing.markdown()


def test_everything_is_printed_and_json(tmp_path):
    result = result_of(runs())
    found = json.loads(json.dumps(result.to_json()))
    assert found["coverage"] == [18, 18] and {one["first"] for one in found["over_tables"]} == {
        "anomalous",
        "static",
    }
    assert result.csv().count("\n") == 7
    console = Console(width=110, record=True, file=io.StringIO())
    console.print(result.table())
    text = console.export_text()
    for part in ("All tables (2)", "Tables that had no part", "Our loop was settled on glass", "better on"):
        assert part in text, part
    draw_curves(result, tmp_path)
    assert 5_000 < (tmp_path / "curves.png").stat().st_size < 200_000
