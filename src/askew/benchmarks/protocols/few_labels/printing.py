"""The few_labels result as text: Markdown for the folder, a rich table for the terminal, and its sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from askew.benchmarks.tables.printing import percent

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from askew.benchmarks.protocols.few_labels.result import Contest, FewLabelsResult, FewLabelsRow

MEANING = {
    "seen": "seen: test anomalies of the same pool as the labelled ones",
    "unseen": "unseen: labels from one cluster of the anomalies, test on the other clusters",
}


def title(result: FewLabelsResult) -> str:
    """Return one line: protocol, preset and coverage."""
    whole = "" if result.planned == result.grid else f" (the full grid has {result.grid:,})"
    return f"{result.protocol}, preset {result.preset}: {result.done:,} of {result.planned:,} runs{whole}"


def notes(result: FewLabelsResult) -> list[str]:
    """Return what a reader of the tables must know."""
    lines = [
        "AUROC in percent, means over seeds, then over the data sets that have so many anomalies to label; in "
        "brackets the average rank over them. Methods that learn nothing from labels stand in every column.",
        *result.notes,
    ]
    failed = sum(row.n_failed for row in result.rows)
    if failed:
        lines.append(f"Failed runs: {failed:,}. They count as runs; the means are over the others.")
    if result.done < result.planned:
        left = result.planned - result.done
        lines.append(f"Runs not done yet: {left:,}; cells without all their runs have no rank.")
    if any(result.contests(regime) for regime in result.regimes):
        lines.append(
            "Shown by paired tests over seeds: Wilcoxon's test against every method of the other kind and the t-test "
            "against the best of them, two-sided, Holm's correction over data sets, p < 0.05 in both. Contestants "
            "are chosen from the numbers they are tested on, so the tests flatter both sides."
        )
    return lines


def contest_words(result: FewLabelsResult, regime: str) -> list[str]:
    """Return in plain words where a plain classifier wins over the semi-supervised methods, and where not."""
    contests = result.contests(regime)
    if not contests:
        return []
    won = [one for one in contests if one.difference > 0]
    lost = [one for one in contests if one.difference < 0]
    lines = [
        f"{regime}: the best plain classifier has a higher mean than every semi-supervised method in {len(won)} of "
        f"{len(contests)} cells (data set and m), in {sum(one.shown for one in won)} of them shown by paired "
        f"tests; the best semi-supervised method than every plain classifier in {len(lost)}, shown in "
        f"{sum(one.shown for one in lost)}."
    ]
    for m in result.ms:
        here = [one for one in won if one.m == m]
        if here:
            lines.append(f"{regime}, m = {m}: a plain classifier wins on {'; '.join(map(_won, here))}.")
    return lines


def _won(one: Contest) -> str:
    proof = "shown" if one.shown else "on average only"
    return (
        f"{one.dataset} ({one.plain} {percent(one.plain_mean)}, best semi-supervised {one.semi_supervised} "
        f"{percent(one.semi_supervised_mean)}; {proof})"
    )


def overview(
    result: FewLabelsResult, regime: str, bold: tuple[str, str]
) -> tuple[list[str], list[list[str]]]:
    """Return headings and rows of the table of means and ranks, the best mean of a column between ``bold``."""
    columns = [m for m in result.ms if result.datasets(regime, m)]
    counts = [len(result.datasets(regime, m)) for m in columns]
    headings = ["method", *(f"m = {m} ({n})" for m, n in zip(columns, counts, strict=True))]
    means = {(name, m): result.mean(regime, name, m) for name in result.methods for m in columns}
    best = {m: max((means[name, m] or 0.0 for name in result.methods), default=0.0) for m in columns}
    ranks = {m: result.ranks(regime, m) for m in columns}
    rows = []
    for name in result.methods:
        cells = []
        for m in columns:
            mean, rank = means[name, m], ranks[m].rank(name)
            shown = percent(mean) if mean is None or mean < best[m] else percent(mean).join(bold)
            cells.append(shown + ("" if rank is None else f" ({rank:.1f})"))
        rows.append([name, *cells])
    return headings, rows


def per_dataset(
    result: FewLabelsResult, regime: str, dataset: str, bold: tuple[str, str] = ("**", "**")
) -> tuple[list[str], list[list[str]]]:
    """Return headings and rows of one data set's table: mean ± standard deviation, the best between ``bold``."""
    columns = [m for m in result.ms if dataset in result.datasets(regime, m)]
    cells = {(name, m): result.row(dataset, regime, name, m) for name in result.methods for m in columns}
    best = {
        m: max((row.auroc_mean or 0.0 for (_, of), row in cells.items() if of == m and row), default=0.0)
        for m in columns
    }
    rows = [[name, *(_cell(cells[name, m], best[m], bold) for m in columns)] for name in result.methods]
    return ["method", *(f"m = {m}" for m in columns)], rows


def _cell(row: FewLabelsRow | None, best: float, bold: tuple[str, str]) -> str:
    if row is None:
        return "–"
    spread = "" if row.auroc_std is None else f" ± {percent(row.auroc_std)}"
    shown = f"{percent(row.auroc_mean)}{spread}"
    shown = shown.join(bold) if row.auroc_mean is not None and row.auroc_mean == best else shown
    remarks = [f"{row.n_failed} failed"] if row.n_failed else []
    remarks += [f"{row.n_runs}/{row.n_planned} runs"] if row.n_runs < row.n_planned else []
    return shown + (f" *{', '.join(remarks)}*" if remarks else "")


def markdown(result: FewLabelsResult) -> str:
    """Return the tables, the contests in words, and the notes as Markdown."""
    blocks = [f"# {title(result)}"]
    for regime in result.regimes:
        blocks.append(f"## {MEANING.get(regime, regime).capitalize()}")
        blocks.append("\n".join(_lines(*overview(result, regime, ("**", "**")))))
        blocks.append("\n".join(f"- {line}" for line in contest_words(result, regime)))
        for dataset in result.datasets(regime):
            blocks += [f"### {dataset}, {regime}", "\n".join(_lines(*per_dataset(result, regime, dataset)))]
    blocks.append("\n".join(f"- {line}" for line in notes(result)))
    return "\n\n".join(block for block in blocks if block) + "\n"


def _lines(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for line in (headings, ["---"] * len(headings), *rows):
        yield f"| {' | '.join(line)} |"


def terminal(result: FewLabelsResult) -> RenderableType:
    """Return the tables of means and ranks, the contests in words, and the notes for a terminal."""
    from rich.console import Group
    from rich.padding import Padding
    from rich.text import Text

    parts: list[RenderableType] = [Text(title(result), style="bold")]
    for regime in result.regimes:
        parts += [Text(MEANING.get(regime, regime)), _table(result, regime)]
        parts += [Padding(Text(line), (0, 2)) for line in contest_words(result, regime)]
    parts += [Padding(Text(line, style="dim"), (0, 2)) for line in notes(result)]
    return Group(*parts)


def _table(result: FewLabelsResult, regime: str) -> Table:
    from rich import box
    from rich.table import Table

    headings, rows = overview(result, regime, ("[bold green]", "[/bold green]"))
    table = Table(box=box.SIMPLE, padding=(0, 1, 0, 0))
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="right" if number else "left", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    return table
