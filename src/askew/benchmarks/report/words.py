"""The sentences of a report, and its numbers as text; the page and the Markdown say the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from askew.benchmarks.report.collect import Cell, Section
from askew.benchmarks.runs.plan import canonical
from askew.benchmarks.runs.store import Record
from askew.benchmarks.tables.cell_text import p_text, percent
from askew.benchmarks.tables.paired_tests import Comparison
from askew.benchmarks.tables.ranks import Ranks

SYMBOLS = {"above": "▲", "within": "≈", "below": "▼"}
LEVEL = 0.05


def count(number: int, word: str) -> str:
    """Return a number with its noun.

    >>> count(1, "seed"), count(6, "data set")
    ('1 seed', '6 data sets')
    """
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def outside(number: int) -> list[str]:
    """Return a sentence on runs that are not in the protocol's grid, or none if there are none.

    >>> outside(1), outside(0)
    (["1 run is not in the protocol's grid."], [])
    """
    return (
        [f"{count(number, 'run')} {'is' if number == 1 else 'are'} not in the protocol's grid."]
        if number
        else []
    )


def signed(points: float | None, digits: int = 1) -> str:
    """Return a difference of fractions in percentage points, with its sign.

    >>> signed(0.0123), signed(-0.0049, 2), signed(None), signed(-0.0001)
    ('+1.2', '−0.49', '–', '0.0')
    """
    if points is None:
        return "–"
    shown = f"{100 * points:+.{digits}f}"
    return shown[1:] if float(shown) == 0 else shown.replace("-", "−")


def spread(mean: float | None, std: float | None) -> str:
    """Return mean ± standard deviation in percent."""
    return percent(mean) + ("" if mean is None or std is None else f" ± {percent(std)}")


def seconds(value: float | None) -> str:
    """Return seconds with two digits that count, long times in minutes or hours.

    >>> seconds(0.0123), seconds(52.4), seconds(400.0), seconds(9000.0), seconds(None)
    ('0.012 s', '52 s', '6.7 min', '2.5 h', '–')
    """
    if value is None:
        return "–"
    for unit, length in (("h", 3600.0), ("min", 60.0)):
        if value >= 2 * length:
            return f"{value / length:.1f} {unit}"
    return f"{value:.0f} s" if value >= 10 else f"{value:.2g} s"


def setting(section: Section) -> str:
    """Return what a section's runs share: protocol, split and ratios."""
    labelled = f"{100 * section.labelled_ratio:g} % labelled anomalies"
    polluted = f"{100 * section.pollution_ratio:g} % pollution" if section.pollution_ratio else "no pollution"
    return f"{section.protocol}, {section.split} split, {labelled}, {polluted}"


def summary(section: Section) -> list[str]:
    """Return what there is, and what it comes to: three or four sentences."""
    records, failures = section.records, section.failures
    sizes = (len(section.methods), len(section.datasets), len(section.seeds))
    parts = [count(n, word) for n, word in zip(sizes, ("method", "data set", "seed"), strict=True)]
    whole = sizes[0] * sizes[1] * sizes[2]
    failed = f"{count(len(failures), 'run')} failed" if failures else "none failed"
    lines = [f"{len(records):,} of {whole:,} runs are done ({' × '.join(parts)}); {failed}."]
    if section.coverage:
        done, grid, other = section.coverage
        more = f"; {count(other, 'run')} here are not in it" if other else ""
        lines.append(f"The protocol's full grid has {grid} runs: {done} of them are here{more}.")
    means = {name: section.overall(name)[0] for name in section.methods}
    complete = {name: mean for name, mean in means.items() if mean is not None}
    if complete:
        best = max(complete, key=lambda name: complete[name])
        over = count(len(section.datasets), "data set")
        lines.append(f"{best} has the highest mean AUROC, {percent(complete[best])} % over {over}.")
    verdicts = [cell.verdict for cell in section.cells.values() if cell.verdict]
    if verdicts:
        fine = sum(verdict != "below" for verdict in verdicts)
        lines.append(
            f"{fine} of {count(len(verdicts), 'cell')} with a published number are within one published "
            "standard deviation of it, or better."
        )
    return lines


def rank_words(ranks: Ranks) -> list[str]:
    """Return the outcome of Friedman's test, and what the plot leaves out."""
    lines = []
    over = count(len(ranks.datasets), "data set")
    if ranks.chi2 is not None and ranks.chi2_p is not None and ranks.f_p is not None:
        differ = "differ" if ranks.f_p < LEVEL else "cannot be told apart"
        lines.append(
            f"Friedman's test over {over}: χ² = {ranks.chi2:.2f}, p = {p_text(ranks.chi2_p)} (Iman and "
            f"Davenport's F: p = {p_text(ranks.f_p)}); by F the methods {differ} at the level {LEVEL:g}."
        )
    if ranks.critical_difference is not None:
        lines.append(
            f"Nemenyi's critical difference at the level {ranks.alpha:g} is {ranks.critical_difference:.2f} "
            f"ranks; a bar joins methods that are closer. The sample is {over}, so only large differences show."
        )
    if ranks.left_out:
        lines.append(f"Not ranked, because runs are missing: {', '.join(ranks.left_out)}.")
    return lines


def test_words(section: Section) -> str:
    """Return how to read the paired tests."""
    pairs = max((row.n_pairs for row in section.against_reference or section.best_two), default=0)
    least = f"; with {pairs} pairs a Wilcoxon p cannot be below {p_text(2.0 ** (1 - pairs))}" if pairs else ""
    return (
        "Differences in points, paired over seeds; p-values two-sided, Wilcoxon's signed-rank test and the "
        f"t-test, Holm's correction over data sets{least}."
    )


def p_pair(row: Comparison) -> str:
    """Return the corrected p-values: Wilcoxon, t-test."""
    return f"{p_text(row.wilcoxon_holm)} / {p_text(row.t_holm)}"


def direction(row: Comparison) -> str:
    """Return ``above`` or ``below`` where both corrected tests agree that there is a difference, else ``within``."""
    found = (row.wilcoxon_holm, row.t_holm)
    if row.difference is None or any(p is None or p >= LEVEL for p in found):
        return "within"
    return "above" if row.difference > 0 else "below"


def remark(cell: Cell) -> str:
    """Return what is not whole about a cell: failed and missing runs."""
    remarks = [f"{cell.row.n_failed} failed"] if cell.row.n_failed else []
    if cell.row.n_runs < cell.row.n_planned:
        remarks.append(f"{cell.row.n_runs}/{cell.row.n_planned} runs")
    return ", ".join(remarks)


@dataclass(frozen=True)
class Trouble:
    """The same thing said by several runs of a method on a data set."""

    method: str
    dataset: str
    seeds: str
    text: str


def troubles(section: Section, field: str) -> list[Trouble]:
    """Return the failures (``field="error"``) or warnings (``"warnings"``), equal ones of a cell together."""
    found: dict[tuple[str, str, str], list[int]] = {}
    for (dataset, method), cell in section.cells.items():
        for record in cell.records:
            said = getattr(record, field)
            if field == "error" and record.status != "ok":
                said = said or "no reason was recorded"
            if said:
                found.setdefault((method, dataset, said), []).append(record.run.seed)
    return [Trouble(m, of, ranges(seeds), said) for (m, of, said), seeds in sorted(found.items())]


def ranges(numbers: Iterable[int]) -> str:
    """Return whole numbers as ranges.

    >>> ranges([3, 0, 1, 2, 7])
    '0–3, 7'
    """
    groups: list[list[int]] = []
    for number in sorted(numbers):
        if groups and number == groups[-1][-1] + 1:
            groups[-1].append(number)
        else:
            groups.append([number])
    return ", ".join(f"{g[0]}–{g[-1]}" if len(g) > 1 else str(g[0]) for g in groups)


@dataclass(frozen=True)
class Setting:
    """One parameter of a method: ``values`` has one text, or one per data set where they differ."""

    method: str
    name: str
    values: tuple[str, ...]


def settings(section: Section) -> list[Setting]:
    """Return the parameters that the runs were given; a method without any is listed with its defaults."""
    found = []
    for method in section.methods:
        cells = [section.cells.get((of, method)) for of in section.datasets]
        params = [cell.records[0].run.params if cell else None for cell in cells]
        given = [one for one in params if one is not None]
        names = sorted({name for one in given for name in one})
        if not names:
            found.append(Setting(method, "all", ("defaults",)))
        for name in names:
            values = ["–" if one is None else _value(one, name) for one in params]
            same = {_value(one, name) for one in given}
            found.append(Setting(method, name, (same.pop(),) if len(same) == 1 else tuple(values)))
    return found


def _value(params: Mapping[str, Any], name: str) -> str:
    if name not in params:
        return "default"
    value = params[name]
    return f"{value:g}" if isinstance(value, float) else canonical(value).strip('"')


def sizes(section: Section) -> list[tuple[str, str, str, str]]:
    """Return by data set the training rows, the labelled anomalies among them, and the test rows."""
    rows = []
    for dataset in section.datasets:
        runs = [record for (of, _), cell in section.cells.items() if of == dataset for record in cell.records]
        shown = (_span(getattr(run, name) for run in runs) for name in ("n_train", "n_labelled", "n_test"))
        train, labelled, test = shown
        rows.append((dataset, train, labelled, test))
    return rows


def _span(numbers: Iterable[int | None]) -> str:
    known = sorted({number for number in numbers if number is not None})
    if not known:
        return "–"
    return f"{known[0]:,}" if len(known) == 1 else f"{known[0]:,}–{known[-1]:,}"


def versions(records: Sequence[Record]) -> list[tuple[str, str]]:
    """Return the versions by name, with numbers of runs where there are several; then days and hours."""
    rows = []
    for name in sorted({name for record in records for name in record.versions}):
        found: dict[str, int] = {}
        for record in records:
            version = record.versions.get(name, "not recorded")
            found[version] = found.get(version, 0) + 1
        one = len(found) == 1
        parts = [version if one else f"{version} ({count(n, 'run')})" for version, n in sorted(found.items())]
        rows.append((name, ", ".join(parts)))
    days = sorted({record.started.partition("T")[0] for record in records})
    rows.append(("run on", days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"))
    spent = sum(record.fit_seconds or 0.0 for record in records)
    rows.append(("time spent fitting", seconds(spent)))
    return rows
