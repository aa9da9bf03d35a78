"""What the few_labels protocol found: a row per table, regime, method and m; where plain classifiers win; ranks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from askew.benchmarks.runs.plan import Plan, Run
from askew.benchmarks.runs.store import Record, Store
from askew.benchmarks.tables.ranks import Ranks, average_ranks
from askew.benchmarks.tables.rows import as_csv, cell_numbers, mean_of_all, write_tables
from askew.benchmarks.tables.statistics import holm, paired

if TYPE_CHECKING:
    from rich.console import RenderableType

PLAIN = ("logistic_regression", "gradient_boosting", "catboost")
"""Classifiers without networks: known anomalies against all other rows."""

SEMI_SUPERVISED = ("deep_sad", "dp_vae", "mml_vae", "mml_dp_vae", "ss_dgm", "kernel_ssad", "ssad_hybrid")
"""Methods that learn what is normal, and from labels what is not; ``supervised`` is of neither kind."""

LEVEL = 0.05

Key: TypeAlias = tuple[str, str, str, int]
"""Data set, regime, method, m."""


@dataclass(frozen=True)
class FewLabelsRow:
    """One method with m labels in one regime on one data set; AUROC, AUPRC and FPR80 are fractions in [0, 1].

    Parameters
    ----------
    dataset, regime, method : str
        What was run.
    m : int
        Labelled anomalies; 0 for a method that learns nothing from labels.
    n_runs, n_failed, n_planned : int
        Finished runs, the failed ones among them, and runs of the plan. The means are over the others.
    auroc_mean, auroc_std : float or None
        Mean and standard deviation (divisor n − 1) over the seeds; None without enough runs.
    auprc_mean, fpr80_mean : float or None
        See :func:`askew.benchmarks.runs.metrics.metrics`.
    """

    dataset: str
    regime: str
    method: str
    m: int
    n_runs: int
    n_failed: int
    n_planned: int
    auroc_mean: float | None
    auroc_std: float | None
    auprc_mean: float | None
    fpr80_mean: float | None


@dataclass(frozen=True)
class Contest:
    """The best plain classifier against the best semi-supervised method in one cell: data set, regime, m.

    ``wilcoxon_p`` belongs to the claim that the better of the two is better than *every* method of the other kind:
    the largest p-value of its signed-rank tests with them. ``t_p`` is that of the paired t-test between the two;
    with a method far behind, whose seeds differ widely, a t-test shows nothing. Both are two-sided, over seeds, with
    Holm's correction over the data sets of the same regime and m. The contestants are chosen from the numbers that
    are tested, so the p-values flatter both sides.
    """

    dataset: str
    regime: str
    m: int
    plain: str
    plain_mean: float
    semi_supervised: str
    semi_supervised_mean: float
    wilcoxon_p: float | None
    t_p: float | None

    @property
    def difference(self) -> float:
        """Mean AUROC of the plain classifier minus that of the semi-supervised method."""
        return self.plain_mean - self.semi_supervised_mean

    @property
    def shown(self) -> bool:
        """Whether both corrected tests agree that there is a difference; if not, it is one on average only."""
        return all(p is not None and p < LEVEL for p in (self.wilcoxon_p, self.t_p))


@dataclass(frozen=True)
class FewLabelsResult:
    """What a plan of few_labels found so far.

    Parameters
    ----------
    protocol, preset : str
        What was run.
    done, planned, grid : int
        Finished runs (failed ones included), runs of the plan, runs of the protocol's full grid.
    notes : tuple of str
        What a reader must know of the plan, and which methods could not be run.
    rows : tuple of FewLabelsRow
        One per data set, regime, method and m of the plan.
    aurocs : mapping
        AUROC by seed of the runs that did not fail, per data set, regime, method and m.
    """

    protocol: str
    preset: str
    done: int
    planned: int
    grid: int
    notes: tuple[str, ...]
    rows: tuple[FewLabelsRow, ...]
    aurocs: Mapping[Key, Mapping[int, float]]

    @property
    def regimes(self) -> tuple[str, ...]:
        """The regimes in the order of the plan."""
        return tuple(dict.fromkeys(row.regime for row in self.rows))

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods in the order of the plan."""
        return tuple(dict.fromkeys(row.method for row in self.rows))

    @property
    def ms(self) -> tuple[int, ...]:
        """The columns: numbers of labels, or 0 alone where no method learns from labels."""
        found = sorted({row.m for row in self.rows})
        return tuple(m for m in found if m) or tuple(found)

    def datasets(self, regime: str, m: int | None = None) -> tuple[str, ...]:
        """Return the data sets of a regime, those with m labels if m is given, in the order of the plan."""
        rows = [row for row in self.rows if row.regime == regime]
        able = {row.dataset for row in rows if m is None or row.m == m}
        return tuple(name for name in dict.fromkeys(row.dataset for row in rows) if name in able)

    def row(self, dataset: str, regime: str, method: str, m: int) -> FewLabelsRow | None:
        """Return a cell of the table; the one with m = 0 stands in every column that the data set has."""
        by_key = {_key(row): row for row in self.rows}
        if dataset not in self.datasets(regime, m):
            return None
        return by_key.get((dataset, regime, method, m)) or by_key.get((dataset, regime, method, 0))

    def mean(self, regime: str, method: str, m: int) -> float | None:
        """Return the mean AUROC over the data sets that have m labels; None if a cell has no number."""
        rows = [self.row(dataset, regime, method, m) for dataset in self.datasets(regime, m)]
        return mean_of_all([row.auroc_mean if row else None for row in rows])

    def ranks(self, regime: str, m: int) -> Ranks:
        """Return the average ranks over the data sets that have m labels."""
        found = {}
        for dataset in self.datasets(regime, m):
            for method in self.methods:
                row = self.row(dataset, regime, method, m)
                if row is not None and row.n_runs == row.n_planned:
                    found[dataset, method] = -math.inf if row.auroc_mean is None else row.auroc_mean
        return average_ranks(found, self.datasets(regime, m), self.methods)

    def contests(self, regime: str) -> tuple[Contest, ...]:
        """Return the contests of a regime, m by m; cells without a number on one of the sides are left out."""
        return tuple(contest for m in self.ms for contest in self._contests(regime, m))

    def _contests(self, regime: str, m: int) -> list[Contest]:
        found = []
        for dataset in self.datasets(regime, m):
            sides = [self._side(dataset, regime, m, names) for names in (PLAIN, SEMI_SUPERVISED)]
            if all(sides):
                found.append(_contest(dataset, regime, m, *sides))
        wilcoxon, t = (holm([getattr(one, name) for one in found]) for name in ("wilcoxon_p", "t_p"))
        return [replace(one, wilcoxon_p=w, t_p=p) for one, w, p in zip(found, wilcoxon, t, strict=True)]

    def _side(
        self, dataset: str, regime: str, m: int, names: Iterable[str]
    ) -> dict[str, Mapping[int, float]]:
        """Return AUROC by seed of the methods of one kind that have any."""
        found = {name: self.aurocs.get((dataset, regime, name, m), {}) for name in names}
        return {name: by_seed for name, by_seed in found.items() if by_seed}

    def to_json(self) -> dict[str, Any]:
        """Return ``{"protocol", "preset", "coverage": [done, planned], "rows", "contests", "notes"}``, JSON-able."""
        contests = [one for regime in self.regimes for one in self.contests(regime)]
        return {
            "protocol": self.protocol,
            "preset": self.preset,
            "coverage": [self.done, self.planned],
            "rows": [asdict(row) | {"published_mean": None} for row in self.rows],
            "contests": [asdict(one) | {"shown": one.shown} for one in contests],
            "notes": list(self.notes),
        }

    def csv(self) -> str:
        """Return the rows as CSV text, with a header."""
        return as_csv(FewLabelsRow, self.rows)

    def markdown(self) -> str:
        """Return the tables, the contests in words, and the notes as Markdown."""
        from askew.benchmarks.protocols.few_labels.printing import markdown

        return markdown(self)

    def table(self) -> RenderableType:
        """Return the tables of means and ranks, the contests in words, and the notes, to print with rich."""
        from askew.benchmarks.protocols.few_labels.printing import terminal

        return terminal(self)


def summarise(plan: Plan, records: Mapping[str, Record]) -> FewLabelsResult:
    """Return what ``plan``'s finished runs say; ``records`` are by run key, those of other plans are left out."""
    cells: dict[Key, list[Run]] = {}
    for run in plan.runs:
        cells.setdefault((run.dataset, run.regime or "", run.method, run.m or 0), []).append(run)
    rows, aurocs = [], {}
    for key, runs in cells.items():
        found = [records[run.key] for run in runs if run.key in records]
        rows.append(_row(key, found, len(runs)))
        aurocs[key] = {one.run.seed: one.auroc for one in found if one.auroc is not None}
    done = sum(row.n_runs for row in rows)
    return FewLabelsResult(
        plan.protocol, plan.preset, done, len(plan.runs), plan.grid, plan.notes, tuple(rows), aurocs
    )


def tabulate(plan: Plan, store: Store) -> FewLabelsResult:
    """Write ``runs.parquet``, ``table.csv`` and ``table.md`` from the finished runs of ``store``.

    ``runs.parquet`` has every run of the folder, the tables and the result those of ``plan``.
    """
    result = summarise(plan, store.export())
    write_tables(store, result)
    return result


def _key(row: FewLabelsRow) -> Key:
    return row.dataset, row.regime, row.method, row.m


def _row(key: Key, records: Sequence[Record], n_planned: int) -> FewLabelsRow:
    return FewLabelsRow(*key, n_planned=n_planned, **cell_numbers(records))


def _contest(
    dataset: str,
    regime: str,
    m: int,
    plain: Mapping[str, Mapping[int, float]],
    semi: Mapping[str, Mapping[int, float]],
) -> Contest:
    """Return the contest of one cell, its p-values not corrected yet."""
    best_plain, best_semi = (max(side, key=lambda name: _mean(side[name])) for side in (plain, semi))
    plain_mean, semi_mean = _mean(plain[best_plain]), _mean(semi[best_semi])
    plain_wins = plain_mean > semi_mean
    winner, losers = (plain[best_plain], semi) if plain_wins else (semi[best_semi], plain)
    tests = {name: paired(winner, by_seed) for name, by_seed in losers.items()}
    ranked = [one.wilcoxon_p for one in tests.values()]
    wilcoxon = max(p for p in ranked if p is not None) if None not in ranked else None
    t = tests[best_semi if plain_wins else best_plain].t_p
    return Contest(dataset, regime, m, best_plain, plain_mean, best_semi, semi_mean, wilcoxon, t)


def _mean(by_seed: Mapping[int, float]) -> float:
    return math.fsum(by_seed.values()) / len(by_seed)
