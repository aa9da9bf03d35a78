"""A result as text: Markdown for the folder, a rich table for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from askew.benchmarks.runs.method import Method

if TYPE_CHECKING:
    from rich.box import Box
    from rich.console import RenderableType
    from rich.table import Table

    from askew.benchmarks.tables.result import Result, Row
    from askew.benchmarks.tables.statistics import Comparison

_PADDING = (0, 1, 0, 0)
"""One space to the right of a cell, so that six data sets with ``100.0 ±10.0`` each fit in 100 columns."""

_TEST_HEADINGS = ("data set", "first", "second", "difference", "Wilcoxon", "Holm", "t-test", "Holm")


def title(result: Result) -> str:
    """Return one line: protocol, preset, split and coverage."""
    whole = "" if result.planned == result.grid else f" (the full grid has {result.grid})"
    coverage = f"{result.done} of {result.planned} runs{whole}"
    return f"{result.protocol}, preset {result.preset}, {result.split} split: {coverage}"


def notes(result: Result) -> list[str]:
    """Return what a reader of the table must know."""
    per_cell = sorted({row.n_runs for row in result.rows})
    runs = f"{per_cell[0]}" if len(per_cell) == 1 else f"{per_cell[0]} to {per_cell[-1]}"
    lines = [
        f"AUROC in percent, mean ± standard deviation (divisor n − 1) of {runs} runs per cell, one per seed; "
        "in brackets what the papers print.",
        "Published: cells of the dual-prior and Deep SAD papers; VAE methods are ensembles of five there; "
        "autoencoder is their CAE; a dash is a cell that they do not print.",
    ]
    if "leaky" in result.split:
        lines.append("Split leaky: test rows are also in the training pool; it explains gaps, no more.")
    if any(Method.of(method).is_test_tuned for method in result.methods):
        lines.append(
            "Rows named _test_tuned chose their kernel on a tenth of the test rows, as the papers did: they "
            "explain gaps to the published numbers and compare with nothing else."
        )
    failed = sum(row.n_failed for row in result.rows)
    if failed:
        lines.append(f"Failed runs: {failed}. They count as runs; the means are over the others.")
    if result.done < result.planned:
        lines.append(f"Runs not done yet: {result.planned - result.done}. The same command continues.")
    if result.comparisons:
        lines.append(
            "Tests: paired over seeds, two-sided, Holm's correction over data sets; difference in points. "
            "The best two are chosen from the numbers they are tested on, so their p-values flatter."
        )
    return lines


def percent(value: float | None) -> str:
    """Return a fraction as percent with one decimal, or a dash.

    >>> percent(0.9734), percent(None)
    ('97.3', '–')
    """
    return "–" if value is None else f"{100 * value:.1f}"


def p_text(p: float | None) -> str:
    """Return a p-value with three decimals.

    >>> p_text(0.00195), p_text(0.0001), p_text(None)
    ('0.002', '<.001', '–')
    """
    if p is None:
        return "–"
    return "<.001" if p < 0.001 else f"{p:.3f}"


def _remark(row: Row) -> str:
    remarks = [f"{row.n_failed} failed"] if row.n_failed else []
    if row.n_runs < row.n_planned:
        remarks.append(f"{row.n_runs}/{row.n_planned} runs")
    return ", ".join(remarks)


def _best(result: Result, dataset: str) -> float:
    """Return the best AUROC of the methods that have not seen test rows."""
    fair = (row for row in result.rows if row.dataset == dataset and not Method.of(row.method).is_test_tuned)
    return max((row.auroc_mean or 0.0 for row in fair), default=0.0)


def _test_cells(row: Comparison) -> tuple[str, ...]:
    difference = "–" if row.difference is None else f"{100 * row.difference:+.2f}"
    p_values = (row.wilcoxon_p, row.wilcoxon_holm, row.t_p, row.t_holm)
    return (row.dataset, row.first, row.second, difference, *map(p_text, p_values))


def markdown(result: Result) -> str:
    """Return title, table, tests and notes as Markdown."""
    blocks = [f"# {title(result)}", "\n".join(_lines(_grid(result)))]
    if result.comparisons:
        rows = [_TEST_HEADINGS, *map(_test_cells, result.comparisons)]
        blocks += ["## Paired tests", "\n".join(_lines(rows))]
    blocks.append("\n".join(f"- {line}" for line in notes(result)))
    return "\n\n".join(blocks) + "\n"


def _lines(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for number, row in enumerate(rows):
        yield f"| {' | '.join(row)} |"
        if number == 0:
            yield f"| {' | '.join(['---'] * len(row))} |"


def _grid(result: Result) -> list[list[str]]:
    rows = [["method", *result.datasets, "mean"]]
    for method in result.methods:
        cells = [_markdown_cell(result.row(dataset, method), result) for dataset in result.datasets]
        ours, theirs = result.overall(method)
        rows.append([method, *cells, f"{percent(ours)} ({percent(theirs)})"])
    return rows


def _markdown_cell(row: Row, result: Result) -> str:
    spread = "" if row.auroc_std is None else f" ± {percent(row.auroc_std)}"
    ours = f"{percent(row.auroc_mean)}{spread}"
    if row.auroc_mean is not None and row.auroc_mean == _best(result, row.dataset):
        ours = f"**{ours}**"
    spread = "" if row.published_std is None else f" ± {percent(row.published_std)}"
    remark = _remark(row)
    return f"{ours} ({percent(row.published_mean)}{spread})" + (f" *{remark}*" if remark else "")


def terminal(result: Result) -> RenderableType:
    """Return title, table, tests and notes for a terminal of 100 columns."""
    from rich.console import Group
    from rich.padding import Padding
    from rich.text import Text

    parts: list[RenderableType] = [Text(title(result), style="bold"), _main_table(result)]
    if result.comparisons:
        parts += [Text("Paired tests over seeds", style="bold"), _test_table(result)]
    parts += [Padding(Text(line, style="dim"), (0, 2)) for line in notes(result)]
    return Group(*parts)


def _main_table(result: Result) -> Table:
    from rich.table import Table

    table = Table(box=_box(), padding=_PADDING)
    table.add_column("method", no_wrap=True)
    for heading in (*result.datasets, "mean"):
        table.add_column(heading, justify="right", no_wrap=True)
    for method in result.methods:
        cells = [_terminal_cell(result.row(dataset, method), result) for dataset in result.datasets]
        ours, theirs = result.overall(method)
        table.add_row(method, *cells, f"{percent(ours)}\n[dim]({percent(theirs)})[/dim]")
    return table


def _terminal_cell(row: Row, result: Result) -> str:
    spread = "" if row.auroc_std is None else f" ±{percent(row.auroc_std)}"
    ours = f"{percent(row.auroc_mean)}{spread}"
    if row.auroc_mean is not None and row.auroc_mean == _best(result, row.dataset):
        ours = f"[bold green]{ours}[/bold green]"
    remark = "".join(f"\n[red]{part}[/red]" for part in _remark(row).split(", ") if part)
    return f"{ours}\n[dim]({percent(row.published_mean)})[/dim]{remark}"


def _test_table(result: Result) -> Table:
    from rich.table import Table

    table = Table(box=_box(), padding=_PADDING)
    for heading in _TEST_HEADINGS[:3]:
        table.add_column(heading, no_wrap=True)
    for heading in _TEST_HEADINGS[3:]:
        table.add_column(heading, justify="right", no_wrap=True)
    family = result.comparisons[0].family
    for row in result.comparisons:
        if row.family != family:
            table.add_section()
            family = row.family
        table.add_row(*_test_cells(row))
    return table


def _box() -> Box:
    from rich import box

    return box.SIMPLE
