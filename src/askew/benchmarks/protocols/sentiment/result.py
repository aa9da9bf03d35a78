"""The table of the sentiment protocol: both ways, without and with labels, beside the published numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from typing import Any, ClassVar, TypeAlias

from askew.benchmarks.result_tables import layout, row_fields
from askew.benchmarks.result_tables.cell_text import CellStyle, p_text, percent, points, spread
from askew.benchmarks.result_tables.paired_tests import paired_test
from askew.benchmarks.result_tables.published import Cell, cells
from askew.benchmarks.result_tables.row_fields import CellRow
from askew.benchmarks.result_tables.table import Table
from askew.benchmarks.runs.plan import Run
from askew.benchmarks.runs.store import Record

Key: TypeAlias = tuple[str, str, str, float]
"""Method, score, normal sentiment and share of labels."""

Scores: TypeAlias = Mapping[Key, Mapping[int, float]]
"""AUROC by seed of each cell."""

PUBLISHED = "mml_vae"
"""The paper's name of the sentence VAE, with and without labels."""


def score_of(run: Run) -> str:
    """Return what a run is scored by, ``"elbo"`` or ``"kl"``; empty for the regression."""
    return str(run.params.get("score_by", ""))


@dataclass(frozen=True)
class SentimentRow(CellRow):
    """One method, normal sentiment and share of labelled sentences of the other sentiment.

    ``score`` is what it is scored by, ``"elbo"`` or ``"kl"``, empty for the regression; the published numbers are
    scores by the ELBO. See :mod:`~askew.benchmarks.result_tables.row_fields` for the numbers.
    """

    method: str = row_fields.of("run.method")
    score: str = row_fields.column(lambda cell: score_of(cell.run))
    normal: str = row_fields.column(lambda cell: str(cell.run.normal_class))
    labelled_ratio: float = row_fields.of("run.labelled_ratio")
    n_runs: int = row_fields.of("n_runs")
    n_failed: int = row_fields.of("n_failed")
    n_planned: int = row_fields.of("n_planned")
    auroc_mean: float | None = row_fields.mean("auroc")
    auroc_std: float | None = row_fields.std("auroc")
    published_mean: float | None = row_fields.published("mean")
    published_std: float | None = row_fields.published("std")


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


_GAIN_COLUMNS = (
    layout.Column("method", lambda gain: gain.method),
    layout.Column("score", lambda gain: gain.score),
    layout.Column("normal", lambda gain: gain.normal),
    layout.Column("gain from labels", lambda gain: points(gain.difference)),
    layout.Column("pairs", lambda gain: str(gain.n_pairs)),
    layout.Column("Wilcoxon", lambda gain: p_text(gain.wilcoxon_p)),
    layout.Column("t-test", lambda gain: p_text(gain.t_p)),
)


@dataclass(frozen=True)
class SentimentResult(Table[Key, Record, SentimentRow]):
    """The table of the sentiment protocol: a row per method, score, normal sentiment and share of labels."""

    row_type: ClassVar[type[SentimentRow]] = SentimentRow
    notes_template: ClassVar[str] = "protocols/sentiment/notes.j2"

    @staticmethod
    def key(run: Run) -> Key:
        """Return method, score, normal sentiment and share of labels."""
        return run.method, score_of(run), str(run.normal_class), run.labelled_ratio

    @staticmethod
    def published(runs: Sequence[Run], records: Sequence[Record]) -> Cell | None:
        """Return Table 14's number, which is of the score by the ELBO."""
        run = runs[0]
        if score_of(run) != "elbo":
            return None
        where = (PUBLISHED, run.normal_class, run.labelled_ratio)
        by_place = {
            (cell.method, cell.normal_class, cell.ratio_labelled): cell for cell in cells("sentiment")
        }
        return by_place.get(where)

    @property
    def trained(self) -> Run:
        """A run of the sentence VAE, or of the regression where there is none."""
        return next((run for run in self.plan.runs if run.params), self.plan.runs[0])

    @property
    def setting(self) -> str:
        """What the title says beside protocol and preset."""
        return f", {self.trained.dataset}"

    @property
    def sizes(self) -> list[int]:
        """Training sentences, labelled ones among them, and test sentences, of the largest run."""
        records = [record for cell in self.cells.values() for record in cell.records]
        return [
            max((getattr(record, name) or 0 for record in records), default=0)
            for name in ("n_train", "n_labelled", "n_test")
        ]

    @cached_property
    def gains(self) -> tuple[Gain, ...]:
        """What labels bring, per sentiment and over both, where there are runs with and without."""
        return tuple(gains({key: cell.by_pair() for key, cell in self.cells.items()}))

    def to_json(self) -> dict[str, Any]:
        """Return protocol, preset, coverage, rows and gains, JSON-able."""
        first = {"protocol": self.plan.protocol, "preset": self.preset, "dataset": self.trained.dataset}
        return first | super().to_json() | {"gains": [asdict(gain) for gain in self.gains]}

    def blocks(self, style: CellStyle) -> Iterator[layout.Block]:
        """Yield title, the grid of normal sentiments, paired tests, notes."""
        yield layout.Line(self.title, 1)
        yield self._grid()
        if self.gains:
            if not style.is_terminal:
                yield layout.Line("Paired tests")
            yield layout.grid(self.gains, _GAIN_COLUMNS, n_words=None, wraps=True, look={})
        yield layout.Sentences(self.notes(), "dim", indent=0)

    def _grid(self) -> layout.Grid:
        rows = {(row.method, row.score, row.labelled_ratio, row.normal): row for row in self.rows}
        columns = [
            layout.Column("method", lambda line: line[0]),
            layout.Column("score", lambda line: line[1] or "–"),
            layout.Column("labels", lambda line: f"{100 * line[2]:g} %"),
            *(
                layout.Column(normal, partial(_cell, rows, normal))
                for normal in dict.fromkeys(key[-1] for key in rows)
            ),
        ]
        lines = dict.fromkeys(key[:-1] for key in rows)
        return layout.grid(lines, columns, n_words=None, wraps=True, look={})


def _cell(rows: Mapping[Any, SentimentRow], normal: str, line: tuple[str, str, float]) -> str:
    row = rows.get((*line, normal))
    if row is None or row.n_runs == 0:
        return "–"
    paper = "" if row.published_mean is None else f" ({percent(row.published_mean)})"
    failed = f" {row.n_failed} failed" if row.n_failed else ""
    return f"{spread(row.auroc_mean, row.auroc_std)}{paper}{failed}"


def gains(scores: Scores) -> list[Gain]:
    """Return the gain from labels per sentiment and over both, where there are runs with and without."""
    found = []
    for method, score, ratio in dict.fromkeys((key[0], key[1], key[3]) for key in scores if key[3] > 0):
        pairs: dict[str, tuple[Mapping[int, float], Mapping[int, float]]] = {
            key[2]: (with_labels, scores[*key[:3], 0.0])
            for key, with_labels in scores.items()
            if (key[0], key[1], key[3]) == (method, score, ratio) and (*key[:3], 0.0) in scores
        }
        if len(pairs) > 1:  # a pair is then a seed and a sentiment
            with_labels, without = (_numbered(side) for side in zip(*pairs.values(), strict=True))
            pairs["both"] = (with_labels, without)
        for normal, sides in pairs.items():
            test = paired_test(*sides)
            if test.n_pairs:
                found.append(Gain(method, score, normal, ratio, *test))
    return found


def _numbered(sides: Sequence[Mapping[int, float]]) -> dict[int, float]:
    """Return the scores of several sentiments as one mapping, each seed of each with a number of its own."""
    n = len(sides)
    return {n * seed + place: score for place, part in enumerate(sides) for seed, score in part.items()}
