"""The table of the sentiment protocol: both ways, without and with labels, beside the published numbers."""

from __future__ import annotations

import math
import statistics as plain
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from askew.benchmarks.runs.plan import Plan, Run
from askew.benchmarks.runs.store import Record, Store
from askew.benchmarks.tables.printing import p_text, percent
from askew.benchmarks.tables.published import cells
from askew.benchmarks.tables.rows import as_csv, write_tables
from askew.benchmarks.tables.statistics import Paired, paired

if TYPE_CHECKING:
    from rich.console import RenderableType

_Key = tuple[str, str, str, float]
"""Method, score, normal sentiment and share of labels."""

PUBLISHED = "mml_vae"
"""The paper's name of the sentence VAE, with and without labels."""


@dataclass(frozen=True)
class SentimentRow:
    """One method, one normal sentiment and one share of labels; AUROC as a fraction in [0, 1].

    Parameters
    ----------
    method, score, normal : str
        What was trained, what it was scored by (``"elbo"``, ``"kl"``; empty for the regression), and the
        sentiment it was trained on.
    labelled_ratio : float
        Share of labelled sentences of the other sentiment.
    n_runs, n_failed, n_planned : int
        Finished runs (failed ones included), the failed ones among them, runs of the plan.
    auroc_mean, auroc_std : float or None
        Over the runs that did not fail; divisor n − 1.
    published_mean, published_std : float or None
        Table 14's, which are scores by the ELBO.
    """

    method: str
    score: str
    normal: str
    labelled_ratio: float
    n_runs: int
    n_failed: int
    n_planned: int
    auroc_mean: float | None
    auroc_std: float | None
    published_mean: float | None
    published_std: float | None


@dataclass(frozen=True)
class Gain:
    """What labels bring a method: the AUROC with them minus that without, paired over seeds."""

    method: str
    score: str
    normal: str
    """A sentiment, or ``"both"``: then there are two pairs per seed."""
    labelled_ratio: float
    n_pairs: int
    difference: float | None
    wilcoxon_p: float | None
    t_p: float | None


@dataclass(frozen=True)
class SentimentResult:
    """What the plan found so far.

    Parameters
    ----------
    preset, dataset : str
        What was run.
    params : mapping
        Settings of the sentence VAE.
    sizes : (int, int, int)
        Training sentences, labelled ones among them, and test sentences, of the largest run.
    done, planned, grid : int
        Finished runs, runs of the plan, runs of the preset's full grid.
    rows : tuple of SentimentRow
    gains : tuple of Gain
    """

    preset: str
    dataset: str
    params: Mapping[str, Any]
    sizes: tuple[int, int, int]
    done: int
    planned: int
    grid: int
    rows: tuple[SentimentRow, ...]
    gains: tuple[Gain, ...]

    def to_json(self) -> dict[str, Any]:
        """Return protocol, preset, coverage, rows and gains, JSON-able."""
        return {
            "protocol": "sentiment",
            "preset": self.preset,
            "dataset": self.dataset,
            "coverage": [self.done, self.planned],
            "rows": [asdict(row) for row in self.rows],
            "gains": [asdict(gain) for gain in self.gains],
        }

    def csv(self) -> str:
        """Return the rows as CSV text, with a header."""
        return as_csv(SentimentRow, self.rows)

    def title(self) -> str:
        """Return one line: protocol, preset, data and coverage."""
        whole = "" if self.planned == self.grid else f" (the full grid has {self.grid})"
        return f"sentiment, preset {self.preset}, {self.dataset}: {self.done} of {self.planned} runs{whole}"

    def notes(self) -> list[str]:
        """Return what a reader of the table must know."""
        n_train, n_labelled, n_test = self.sizes
        lines = [
            "AUROC in percent, mean ± standard deviation (divisor n − 1) over seeds; in brackets Table 14 of "
            "the dual-prior paper. A column is the sentiment that is normal.",
            f"Up to {n_train:,} training sentences, {n_labelled} of them labelled, and {n_test:,} test sentences.",
            "Scores: elbo is the paper's; kl is its KL term alone, of the same trained models.",
            "logistic_regression sees the mean of a sentence's word vectors; it is not in the paper.",
        ]
        if "training__epochs" in self.params:
            epochs = self.params["training__epochs"]
            lines.insert(2, f"Trained for {epochs} epochs; the paper: 480 + 5, on about 30,000 sentences.")
        failed = sum(row.n_failed for row in self.rows)
        if failed:
            lines.append(f"Failed runs: {failed}. They count as runs; the means are over the others.")
        if self.done < self.planned:
            lines.append(f"Runs not done yet: {self.planned - self.done}. The same command continues.")
        return lines

    def _table(self) -> list[list[str]]:
        normals = list(dict.fromkeys(row.normal for row in self.rows))
        lines = [["method", "score", "labels", *normals]]
        for key in dict.fromkeys((row.method, row.score, row.labelled_ratio) for row in self.rows):
            of_key = {
                row.normal: row for row in self.rows if (row.method, row.score, row.labelled_ratio) == key
            }
            cells = (_cell(of_key.get(normal)) for normal in normals)
            lines.append([key[0], key[1] or "–", f"{100 * key[2]:g} %", *cells])
        return lines

    def _tests(self) -> list[list[str]]:
        lines = [["method", "score", "normal", "gain from labels", "pairs", "Wilcoxon", "t-test"]]
        for gain in self.gains:
            points = "–" if gain.difference is None else f"{100 * gain.difference:+.2f}"
            p_values = (p_text(gain.wilcoxon_p), p_text(gain.t_p))
            lines.append([gain.method, gain.score, gain.normal, points, str(gain.n_pairs), *p_values])
        return lines

    def markdown(self) -> str:
        """Return title, table, paired tests and notes as Markdown."""
        blocks = [f"# {self.title()}", _as_markdown(self._table())]
        if self.gains:
            blocks += ["## Paired tests", _as_markdown(self._tests())]
        blocks.append("\n".join(f"- {line}" for line in self.notes()))
        return "\n\n".join(blocks) + "\n"

    def table(self) -> RenderableType:
        """Return title, table, paired tests and notes for a terminal, to print with rich."""
        from rich import box
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        parts: list[RenderableType] = [Text(self.title(), style="bold")]
        for lines in (self._table(), self._tests()) if self.gains else (self._table(),):
            shown = Table(*lines[0], box=box.SIMPLE)
            for line in lines[1:]:
                shown.add_row(*line)
            parts.append(shown)
        return Group(*parts, *(Text(line, style="dim") for line in self.notes()))


def _cell(row: SentimentRow | None) -> str:
    if row is None or row.n_runs == 0:
        return "–"
    spread = "" if row.auroc_std is None else f" ± {percent(row.auroc_std)}"
    paper = "" if row.published_mean is None else f" ({percent(row.published_mean)})"
    remark = f" {row.n_failed} failed" if row.n_failed else ""
    return f"{percent(row.auroc_mean)}{spread}{paper}{remark}"


def _as_markdown(lines: list[list[str]]) -> str:
    rule = ["---"] * len(lines[0])
    return "\n".join(f"| {' | '.join(line)} |" for line in (lines[0], rule, *lines[1:]))


def summarise(chosen: Plan, records: Mapping[str, Record]) -> SentimentResult:
    """Return the table of a plan from its finished runs; those of other plans are left out."""
    paper = {
        (cell.normal_class, cell.ratio_labelled): cell
        for cell in cells("sentiment")
        if cell.method == PUBLISHED
    }
    by_cell: dict[_Key, list[Run]] = {}
    for run in chosen.runs:
        key = (run.method, str(run.params.get("score_by", "")), str(run.normal_class), run.labelled_ratio)
        by_cell.setdefault(key, []).append(run)
    rows, scores = [], {}
    for key, runs in by_cell.items():
        found = [records[run.key] for run in runs if run.key in records]
        scores[key] = {record.run.seed: record.auroc for record in found if record.auroc is not None}
        cell = paper.get(key[2:]) if key[1] == "elbo" else None
        values = list(scores[key].values())
        rows.append(
            SentimentRow(
                *key,
                n_runs=len(found),
                n_failed=len(found) - len(values),
                n_planned=len(runs),
                auroc_mean=math.fsum(values) / len(values) if values else None,
                auroc_std=plain.stdev(values) if len(values) > 1 else None,
                published_mean=cell.mean if cell else None,
                published_std=cell.std if cell else None,
            )
        )
    done = [records[run.key] for run in chosen.runs if run.key in records]
    sizes = tuple(
        max((getattr(record, name) or 0 for record in done), default=0)
        for name in ("n_train", "n_labelled", "n_test")
    )
    trained = next((run for run in chosen.runs if run.params), chosen.runs[0])
    return SentimentResult(
        chosen.preset,
        trained.dataset,
        trained.params,
        (sizes[0], sizes[1], sizes[2]),
        len(done),
        len(chosen.runs),
        chosen.grid,
        tuple(rows),
        tuple(_gains(scores)),
    )


def _gains(scores: Mapping[_Key, Mapping[int, float]]) -> list[Gain]:
    """Return the gain from labels per sentiment and over both, where there are runs with and without."""
    gains = []
    for method, score, ratio in dict.fromkeys((key[0], key[1], key[3]) for key in scores if key[3] > 0):
        pairs: dict[str, tuple[Mapping[int, float], Mapping[int, float]]] = {
            key[2]: (found, scores[*key[:3], 0.0])
            for key, found in scores.items()
            if (key[0], key[1], key[3]) == (method, score, ratio) and (*key[:3], 0.0) in scores
        }
        if len(pairs) > 1:  # a pair is then a seed and a sentiment
            both = [_numbered(side) for side in zip(*pairs.values(), strict=True)]
            pairs["both"] = (both[0], both[1])
        for normal, (with_labels, without) in pairs.items():
            test: Paired = paired(with_labels, without)
            if test.n_pairs:
                gains.append(Gain(method, score, normal, ratio, *test))
    return gains


def _numbered(sides: Sequence[Mapping[int, float]]) -> dict[int, float]:
    """Return the scores of several sentiments as one mapping, each seed of each with a number of its own."""
    n = len(sides)
    return {n * seed + place: score for place, part in enumerate(sides) for seed, score in part.items()}


def tabulate(chosen: Plan, store: Store) -> SentimentResult:
    """Write ``runs.parquet``, ``table.csv`` and ``table.md`` from the finished runs of ``store``."""
    result = summarise(chosen, store.export())
    write_tables(store, result)
    return result
