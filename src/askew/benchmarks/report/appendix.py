"""What stands at the end of a section and of the report: messages of runs, settings, sizes and versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from askew.benchmarks.report.cells import Cell
from askew.benchmarks.report.phrases import counted, ranges, seconds, span
from askew.benchmarks.runs.plan import canonical
from askew.benchmarks.runs.store import Record


class Message(NamedTuple):
    """What several runs of a method on a data set said alike."""

    method: str
    dataset: str
    seeds: str
    text: str


def same_messages(cells: Mapping[tuple[str, str], Cell], field: str) -> list[Message]:
    """Return the failures (``field="error"``) or warnings (``"warnings"``), equal ones of a cell together."""
    seeds: dict[tuple[str, str, str], list[int]] = {}
    for (dataset, method), cell in cells.items():
        for record in cell.records:
            said = getattr(record, field)
            if field == "error" and record.status != "ok":
                said = said or "no reason was recorded"
            if said:
                seeds.setdefault((method, dataset, said), []).append(record.run.seed)
    return [Message(m, of, ranges(found), said) for (m, of, said), found in sorted(seeds.items())]


class Parameter(NamedTuple):
    """One parameter of a method: ``texts`` has one value, or one per data set where they differ."""

    name: str
    texts: tuple[str, ...]


def run_settings(
    cells: Mapping[tuple[str, str], Cell], methods: Sequence[str], datasets: Sequence[str]
) -> list[tuple[str, list[Parameter]]]:
    """Return by method the parameters that its runs were given; one without any has its defaults."""
    found = []
    for method in methods:
        of = [cells.get((dataset, method)) for dataset in datasets]
        params = [cell.records[0].run.params if cell else None for cell in of]
        names = sorted({name for one in params if one is not None for name in one})
        rows = [Parameter(name, _texts(params, name)) for name in names]
        found.append((method, rows or [Parameter("all", ("defaults",))]))
    return found


def _texts(params: Sequence[Mapping[str, Any] | None], name: str) -> tuple[str, ...]:
    texts = ["–" if one is None else _text(one, name) for one in params]
    same = {text for text, one in zip(texts, params, strict=True) if one is not None}
    return (same.pop(),) if len(same) == 1 else tuple(texts)


def _text(params: Mapping[str, Any], name: str) -> str:
    if name not in params:
        return "default"
    value = params[name]
    return f"{value:g}" if isinstance(value, float) else canonical(value).strip('"')


def row_counts(
    cells: Mapping[tuple[str, str], Cell], datasets: Sequence[str]
) -> list[tuple[str, str, str, str]]:
    """Return by data set the training rows, the labelled anomalies among them, and the test rows."""
    rows = []
    for dataset in datasets:
        runs = [record for (of, _), cell in cells.items() if of == dataset for record in cell.records]
        train, labelled = span(run.n_train for run in runs), span(run.n_labelled for run in runs)
        rows.append((dataset, train, labelled, span(run.n_test for run in runs)))
    return rows


def versions(records: Sequence[Record]) -> list[tuple[str, str]]:
    """Return the versions by name, with numbers of runs where there are several; then days and hours."""
    rows = []
    for name in sorted({name for record in records for name in record.versions}):
        runs: dict[str, int] = {}
        for record in records:
            version = record.versions.get(name, "not recorded")
            runs[version] = runs.get(version, 0) + 1
        only = len(runs) == 1
        parts = [
            version if only else f"{version} ({counted(n, 'run')})" for version, n in sorted(runs.items())
        ]
        rows.append((name, ", ".join(parts)))
    days = sorted({record.started.partition("T")[0] for record in records})
    rows.append(("run on", days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"))
    rows.append(("time spent fitting", seconds(sum(record.fit_seconds or 0.0 for record in records))))
    return rows
