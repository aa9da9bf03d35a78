"""An image protocol's result as text: Markdown for the folder, rich tables for the terminal, and its sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from askew.benchmarks.protocols.images.grid import MEASURES
from askew.benchmarks.protocols.images.published import DOUBTS
from askew.benchmarks.runs.method import Method
from askew.benchmarks.tables.printing import p_text, percent

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from askew.benchmarks.protocols.images.result import ImageResult
    from askew.benchmarks.protocols.images.row import ClassCell, ImageRow
    from askew.benchmarks.tables.statistics import Comparison

TEST_HEADINGS = ("where", "first", "second", "pairs", "difference", "Wilcoxon", "Holm", "t-test", "Holm")


def title(result: ImageResult) -> str:
    """Return one line: protocol, preset and coverage."""
    whole = "" if result.planned == result.grid else f" (the full grid has {result.grid:,})"
    coverage = f"{result.done:,} of {result.planned:,} runs{whole}"
    return f"{result.protocol.name}, preset {result.preset}: {coverage}"


def heading(result: ImageResult) -> list[str]:
    """Return what stands above the tables: what the protocol asks, and what its runs were cut to."""
    asked = result.protocol.title
    return [f"{asked[0].upper()}{asked[1:]}.", *result.notes]


def notes(result: ImageResult) -> list[str]:
    """Return what stands below the tables: how to read them, failures, what is missing, the tests."""
    lines = [*_reading(result)]
    if any(Method.of(row.method).is_test_tuned for row in result.rows):
        lines.append(
            "Rows named _test_tuned chose their kernel on a tenth of the test images, as the papers did: they "
            "explain gaps to the published numbers and compare with nothing else."
        )
    failed = sum(row.n_failed for row in result.rows)
    if failed:
        lines.append(f"Failed runs: {failed:,}. They count as runs; the means are over the others.")
    if result.done < result.planned:
        lines.append(f"Runs not done yet: {result.planned - result.done:,}. The same command continues.")
    if result.comparisons:
        lines.append(
            "Tests: paired over runs of the same normal class and seed (so of the same known classes, training and "
            "test images), two-sided, Holm's correction over data sets and columns; difference in points. The best "
            "two are chosen from the numbers they are tested on, so their p-values flatter."
        )
    return lines


def _reading(result: ImageResult) -> Iterator[str]:
    """Yield how to read the tables' numbers."""
    protocol = result.protocol
    yield (
        f"{', '.join(MEASURES[name] for name in protocol.measures)} in percent on the test images, mean ± standard "
        "deviation (divisor n − 1) over runs, one per normal class and known class or seed; in brackets what the "
        "papers print, over all runs of their grid (over the same normal classes where they print each): VAEs are "
        "ensembles of five there, autoencoder is their CAE. A dash is a cell without runs."
    )
    if "auprc_normal" in protocol.measures:
        yield (
            "AUPRC has anomalies positive, AUPRC of normals the others, and is beside what the paper prints: it does "
            "not say which are positive, and 99.9 at an AUROC of 98.7 fits normals alone, ten for one anomaly. FPR80 "
            "is the share of anomalies that pass where 80 % of the normals do; lower is better. The paper's WAIC and "
            "likelihood ratio seem to be other authors' numbers, of other networks and other shares of anomalies."
        )
    for (of, dataset, method), (_, why) in DOUBTS.items():
        if of == protocol.name and any((row.dataset, row.method) == (dataset, method) for row in result.rows):
            yield f"In doubt (?), {method} on {dataset}: {why}."


def class_grid(result: ImageResult, dataset: str) -> tuple[list[str], list[list[str]]] | None:
    """Return headings and rows of a data set's table by normal class, ours (theirs); None where there is none."""
    keys = [key for line in result.lines(dataset) for key in result.by_class if key[:2] == (dataset, line)]
    names = sorted({cell.normal_class for key in keys for cell in result.by_class[key]}, key=int)
    if not keys:
        return None
    rows = []
    for _, line, at in keys:
        cells = {cell.normal_class: cell for cell in result.by_class[dataset, line, at]}
        where = f", {result.protocol.symbol} = {at:g}" if len(result.columns(dataset)) > 1 else ""
        rows.append([f"{line}{where}", *(_class_cell(cells.get(name)) for name in names)])
    return ["method", *names], rows


def _class_cell(cell: ClassCell | None) -> str:
    if cell is None:
        return "–"
    printed = "" if cell.published_mean is None else f" ({percent(cell.published_mean)})"
    return f"{percent(cell.auroc_mean)}{printed}"


def grid(result: ImageResult, dataset: str, bold: tuple[str, str]) -> tuple[list[str], list[list[str]]]:
    """Return headings and rows of a data set's table, the best mean of a column between ``bold``."""
    columns = [(value, measure) for value in result.columns(dataset) for measure in result.protocol.measures]
    rows = []
    for line in result.lines(dataset):
        cells = [(result.cells.get((dataset, line, value)), value, measure) for value, measure in columns]
        rows.append([line, *(_cell(row, m, best(result, dataset, at, m), bold) for row, at, m in cells)])
    return ["method", *(_heading(result, *column) for column in columns)], rows


def _heading(result: ImageResult, value: float, measure: str) -> str:
    symbol = result.protocol.symbol
    return f"{symbol} = {value:g}" if symbol else MEASURES[measure]


def best(result: ImageResult, dataset: str, at: float, measure: str = "auroc") -> float:
    """Return the best mean of a column among methods that have not seen test images."""
    rows = [row for (of, _, value), row in result.cells.items() if of == dataset and value == at]
    means = [getattr(row, f"{measure}_mean") for row in rows if not Method.of(row.method).is_test_tuned]
    known = [mean for mean in means if mean is not None]
    return (min if measure == "fpr80" else max)(known, default=0.0)


def _cell(row: ImageRow | None, measure: str, best: float, bold: tuple[str, str]) -> str:
    if row is None:
        return "–"
    found = row.measured(measure)
    ours = _spread(found.mean, found.std)
    if found.mean is not None and found.mean == best:
        ours = ours.join(bold)
    theirs = f"{_spread(found.published_mean, found.published_std)}{'?' if found.is_doubtful else ''}"
    printed = f" ({theirs})" if found.published_mean is not None else ""
    remarks = [f"{row.n_failed} failed"] if row.n_failed else []
    remarks += [f"{row.n_runs}/{row.n_planned} runs"] if row.n_runs < row.n_planned else []
    return f"{ours}{printed}" + (f" *{', '.join(remarks)}*" if remarks else "")


def _spread(mean: float | None, std: float | None) -> str:
    return percent(mean) + ("" if std is None else f" ± {percent(std)}")


def coverage(result: ImageResult, dataset: str) -> str:
    """Return how many runs a data set's table has, and on how many normal classes."""
    rows = [row for row in result.rows if row.dataset == dataset]
    done, planned = sum(row.n_runs for row in rows), sum(row.n_planned for row in rows)
    classes = max(row.n_normal_classes for row in rows)
    return f"{done:,} of {planned:,} runs" + (f", {classes} normal classes" if classes else "")


def test_cells(row: Comparison) -> tuple[str, ...]:
    """Return one paired test as text, under :data:`TEST_HEADINGS`."""
    difference = "–" if row.difference is None else f"{100 * row.difference:+.2f}"
    p_values = (row.wilcoxon_p, row.wilcoxon_holm, row.t_p, row.t_holm)
    return (row.dataset, row.first, row.second, str(row.n_pairs), difference, *map(p_text, p_values))


def markdown(result: ImageResult) -> str:
    """Return title, tables, tests and notes as Markdown."""
    blocks = [f"# {title(result)}", "\n".join(f"- {line}" for line in heading(result))]
    for dataset in result.datasets:
        blocks.append(f"## {dataset}: {coverage(result, dataset)}")
        blocks.append("\n".join(_lines(*grid(result, dataset, ("**", "**")))))
        if (classes := class_grid(result, dataset)) is not None:
            blocks += [f"### {dataset} by normal class", "\n".join(_lines(*classes))]
    if result.comparisons:
        rows = [list(test_cells(row)) for row in result.comparisons]
        blocks += ["## Paired tests", "\n".join(_lines(TEST_HEADINGS, rows))]
    blocks.append("\n".join(f"- {line}" for line in notes(result)))
    return "\n\n".join(blocks) + "\n"


def _lines(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for line in (headings, ["---"] * len(headings), *rows):
        yield f"| {' | '.join(line)} |"


def terminal(result: ImageResult) -> RenderableType:
    """Return title, tables, tests and notes for a terminal."""
    from rich.console import Group
    from rich.padding import Padding
    from rich.text import Text

    parts: list[RenderableType] = [Text(title(result), style="bold")]
    parts += [Padding(Text(line), (0, 2)) for line in heading(result)]
    for dataset in result.datasets:
        parts.append(Text(f"{dataset}: {coverage(result, dataset)}", style="bold"))
        parts.append(_table(*grid(result, dataset, ("[bold green]", "[/bold green]"))))
        if (classes := class_grid(result, dataset)) is not None:
            parts += [Text(f"{dataset} by normal class", style="bold"), _table(*classes)]
    if result.comparisons:
        parts.append(Text("Paired tests", style="bold"))
        parts.append(_table(TEST_HEADINGS, [test_cells(row) for row in result.comparisons], words=3))
    parts += [Padding(Text(line, style="dim"), (0, 2)) for line in notes(result)]
    return Group(*parts)


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]], words: int = 1) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE, padding=(0, 1, 0, 0))
    for number, text in enumerate(headings):
        table.add_column(text, justify="left" if number < words else "right", no_wrap=number >= words)
    for row in rows:
        table.add_row(*row)
    return table
