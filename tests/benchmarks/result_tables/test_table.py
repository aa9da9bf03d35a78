"""The table of a small protocol: cells, columns, notes, and the same as JSON, CSV, Markdown and for a terminal."""

import io
from dataclasses import dataclass
from operator import attrgetter
from types import SimpleNamespace

import pytest
from rich.console import Console

from askew.benchmarks import Plan, Run
from askew.benchmarks.result_tables import layout, row_fields
from askew.benchmarks.result_tables.cell_text import marked_spread
from askew.benchmarks.result_tables.row_fields import CellRow
from askew.benchmarks.result_tables.table import Table


@dataclass(frozen=True)
class ToyRow(CellRow):
    method: str = row_fields.of("run.method")
    n_runs: int = row_fields.of("n_runs")
    n_failed: int = row_fields.of("n_failed")
    n_planned: int = row_fields.of("n_planned")
    auroc_mean: float | None = row_fields.mean("auroc")
    auroc_std: float | None = row_fields.std("auroc")
    auprc_mean: float | None = row_fields.mean("auprc")
    published_mean: float | None = row_fields.published("mean")
    difference: float | None = row_fields.of("difference")


class Toy(Table):
    row_type = ToyRow
    notes_template = "result_tables/unfinished.j2"

    @staticmethod
    def key(run):
        return run.method

    @staticmethod
    def published(runs, records):
        return SimpleNamespace(mean=0.75) if runs[0].method == "vae" else None

    def blocks(self, style):
        yield layout.Line(self.title, 1)
        mean = layout.Column("AUROC", lambda row: marked_spread(row.auroc_mean, row.auroc_std, 0.875, style))
        remarks = layout.Column("remarks", lambda row: row.remark(style))
        yield layout.grid(self.rows, [layout.Column("method", attrgetter("method")), mean, remarks])
        yield layout.Sentences(self.notes(), "dim")


def record(run, auroc, auprc=0.5):
    status = "failed" if auroc is None else "ok"
    return SimpleNamespace(run=run, status=status, auroc=auroc, auprc=None if auroc is None else auprc)


@pytest.fixture
def toy():
    """Two methods with three seeds: one run failed, one is not done, one has no AUPRC."""
    runs = tuple(Run("toy", "cardio", method, {}, seed) for method in ("vae", "kde") for seed in range(3))
    values = {0: 0.75, 1: 1.0, 2: None, 3: 0.5, 4: 0.25}
    records = {runs[n].key: record(runs[n], auroc, None if n == 3 else 0.5) for n, auroc in values.items()}
    return Toy.of(Plan("toy", "quick", runs, grid=6000), records)


def test_columns_count_runs_and_average_those_that_did_not_fail(toy):
    vae, kde = toy.rows
    assert (vae.n_runs, vae.n_failed, vae.n_planned) == (3, 1, 3)
    assert (kde.n_runs, kde.n_failed, kde.n_planned) == (2, 0, 3)
    assert (vae.auroc_mean, vae.auprc_mean) == (0.875, 0.5)
    assert vae.auroc_std == pytest.approx(0.25 / 2**0.5)  # divisor n − 1
    assert kde.auprc_mean is None, "a run without the measure leaves no mean"
    assert (vae.published_mean, vae.difference, kde.published_mean, kde.difference) == (
        0.75,
        0.125,
        None,
        None,
    )
    assert toy.by_key == {"vae": vae, "kde": kde}
    assert toy.cells["vae"].by_pair() == {0: 0.75, 1: 1.0}


def test_title_and_notes_say_what_is_missing(toy):
    assert toy.title == "toy, preset quick: 5 of 6 runs (the full grid has 6,000)"
    failed, missing = toy.notes()
    assert failed == "Failed runs: 1. They count as runs; the means are over the others."
    assert missing == "Runs not done yet: 1. The same command continues."
    assert Toy.of(Plan("toy", "quick", toy.plan.runs[:1], 1), {}).title == "toy, preset quick: 0 of 1 runs"


def test_json_and_csv_have_the_columns_in_order(toy):
    found = toy.to_json()
    assert (found["protocol"], found["preset"], found["coverage"]) == ("toy", "quick", [5, 6])
    head, *lines = toy.csv().splitlines()
    assert head.split(",") == list(found["rows"][0]) == list(vars(toy.rows[0]))
    assert lines[1] == "kde,2,0,3,0.375,0.1767766952966369,,,"
    assert Toy(toy.plan, {}).csv() == head + "\n", "a table without rows has its header"


def test_markdown_and_terminal_say_the_same(toy):
    assert toy.markdown().splitlines()[2:6] == [
        "| method | AUROC | remarks |",
        "| --- | --- | --- |",
        "| vae | **87.5 ± 17.7** |  *1 failed* |",
        "| kde | 37.5 ± 17.7 |  *2/3 runs* |",
    ]
    console = Console(width=100, file=io.StringIO(), color_system=None)
    console.print(toy.table())
    text = console.file.getvalue()
    assert toy.title in text and "87.5 ± 17.7" in text and "*" not in text.partition("remarks")[0]
    assert "  Failed runs: 1." in text


def test_files_of_a_folder(toy):
    written = {}
    records = {one.run.key: one for cell in toy.cells.values() for one in cell.records}
    store = SimpleNamespace(export=lambda: records, write_text=written.__setitem__)
    assert Toy.tabulate(toy.plan, store) == toy
    assert written == {"table.csv": toy.csv(), "table.md": toy.markdown()}
