"""What a comparison of rows with a model's reference finds: which columns and scores have drifted, in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from scipy import stats

from askew.drift.cells import Cuts
from askew.drift.held_out_scores import HeldOutScores
from askew.drift.reference import Reference
from askew.drift.tally import Tally
from askew.drift.two_samples import Difference, detectable
from askew.errors import InvalidInputError, must

TELLING = 0.25
"""The smallest distance that rows can tell, above which they are too few to say that nothing has drifted."""


@dataclass(frozen=True)
class Criteria:
    """When rows are said to have drifted.

    `level`, in (0, 1), is the share of files without drift for which drift is reported all the same, at most. A change
    counts if at least the share `smallest`, in [0, 1), of the rows would have to be others to undo it: of many rows,
    every tiny change is significant.
    """

    level: float = 0.01
    smallest: float = 0.05

    def __post_init__(self) -> None:
        if not 0 < self.level < 1:
            remedy = (
                "It is how often drift may be reported where there is none; 0.01 is once in a hundred files."
            )
            raise InvalidInputError(must("level", "Criteria", "in (0, 1)", self.level, remedy))
        if not 0 <= self.smallest < 1:
            remedy = "It is the share of rows that a change must concern to count; 0.05 is one row in twenty."
            raise InvalidInputError(must("smallest", "Criteria", "in [0, 1)", self.smallest, remedy))


@dataclass(frozen=True)
class Finding:
    """What was found of one property of a column, or of the scores.

    `what` is where the change is largest, "" without any; `before` and `now` are its shares of the rows. `distance`,
    0 to 1, is the share of the rows that would have to be others; `p_value` is that of no change, after correction for
    the number of columns. `drift` says whether it is significant and large enough, `significant` whether it is the
    former.
    """

    name: str
    what: str
    before: float
    now: float
    distance: float
    p_value: float
    significant: bool
    drift: bool

    def sentence(self) -> str:
        """Return for example ``amount: above 3.2 in 62% of the rows, 25% in training.``."""
        return f"{self.name}: {self.what} in {share(self.now)} of the rows, {share(self.before)} before."

    def as_dict(self) -> dict[str, Any]:
        """Return it JSON-able."""
        return dict(vars(self))


@dataclass(frozen=True)
class Drift:
    """Whether rows are still like those that a model learned from, and which of their properties are not.

    `verdict` is ``"drift"``, ``"no drift"``, or ``"too few rows"``: nothing was found, and only a change of more than
    `detectable`, a share of the rows, could have been. `scores` is None if the model keeps none of held-out rows.
    """

    verdict: str
    n_rows: int
    n_reference: int
    criteria: Criteria
    detectable: float
    scores: Finding | None
    scores_from: str
    columns: tuple[Finding, ...]
    notes: tuple[str, ...] = ()
    unit: str = "rows"

    @property
    def drifted(self) -> tuple[Finding, ...]:
        """What has drifted, the scores first, then columns, the largest change first."""
        every = (*([] if self.scores is None else [self.scores]), *self.columns)
        return tuple(each for each in every if each.drift)

    def sentences(self) -> list[str]:
        """Return the verdict in plain words, and what is to be said beside it."""
        return [self._verdict_in_words(), *self._scores_in_words(), *self._small_changes(), *self.notes]

    def as_dict(self) -> dict[str, Any]:
        """Return all of it JSON-able."""
        return {
            "verdict": self.verdict,
            "drift": self.verdict == "drift",
            "n_rows": self.n_rows,
            "n_reference": self.n_reference,
            **vars(self.criteria),
            "detectable": self.detectable,
            "scores": None if self.scores is None else self.scores.as_dict() | {"from": self.scores_from},
            "columns": [each.as_dict() for each in self.columns],
            "notes": list(self.notes),
        }

    def _verdict_in_words(self) -> str:
        kind = "columns" if self.unit == "rows" else "figures"
        properties = f"{len({each.name for each in self.columns}):,} {kind}"
        if self.verdict == "drift":
            columns = [each for each in self.drifted if each is not self.scores]
            found = [f"{len({each.name for each in columns})} of {properties}"] if columns else []
            found += ["the scores"] if self.scores is not None and self.scores.drift else []
            return (
                f"Drift: {' and '.join(found)} of {self.n_rows:,} {self.unit} are not what the model learned."
            )
        if self.verdict == "too few rows":
            few = f"Too few {self.unit} to tell: {self.n_rows:,} beside {self.n_reference:,}"
            told = f"; only a change of more than {share(self.detectable)} of them would be found"
            return f"{few}{told if self.detectable < 1 else ''}."
        told = f"a change of {share(self.detectable)} of them or more would have been found"
        return f"No drift: nothing is found in {self.n_rows:,} {self.unit}, where {told}."

    def _scores_in_words(self) -> list[str]:
        if self.scores is None:
            return [f"Scores are not compared: {self.scores_from}"]
        return [f"Scores are compared with those of {self.scores_from}."]

    def _small_changes(self) -> list[str]:
        every = (*([] if self.scores is None else [self.scores]), *self.columns)
        small = [each.name for each in every if each.significant and not each.drift]
        if not small:
            return []
        many = f"{len(small)} smaller changes are significant, but concern"
        one = "One smaller change is significant, but concerns"
        few = f"fewer than {share(self.criteria.smallest)} of the {self.unit}"
        return [f"{many if len(small) > 1 else one} {few}: {', '.join(small[:5])}."]


NO_SCORES = (
    "the model keeps none of rows that it was not fitted on, and those of its own training rows are better than any "
    "others. Fit with --threshold, put one on with `askew threshold`, or give rows that are new to it (--reference)."
)


def judge(
    reference: Reference,
    tally: Tally,
    criteria: Criteria,
    notes: Sequence[str] = (),
    no_scores: str = NO_SCORES,
) -> Drift:
    """Return what rows that were counted say; half of the level is spent on the scores, half on the columns."""
    held_out = reference.scores
    level = criteria.level / (1 if held_out is None else 2)
    columns = _column_findings(reference, tally, level, criteria)
    scores = None if held_out is None else _score_finding(held_out, tally, level, criteria)
    telling = detectable(reference.n_rows, tally.n_rows, level / max(len(columns), 1))
    if held_out is not None:
        telling = max(telling, detectable(held_out.n, tally.n_rows, level / 2))
    drifted = any(each.drift for each in columns) or (scores is not None and scores.drift)
    return Drift(
        verdict="drift" if drifted else "too few rows" if telling > TELLING else "no drift",
        n_rows=tally.n_rows,
        n_reference=reference.n_rows,
        criteria=criteria,
        detectable=max(telling, criteria.smallest),
        scores=scores,
        scores_from=no_scores if held_out is None else f"{held_out.n:,} {held_out.source}",
        columns=columns,
        notes=(*tally.date_notes(), *notes),
        unit=reference.unit,
    )


def _column_findings(
    reference: Reference, tally: Tally, level: float, criteria: Criteria
) -> tuple[Finding, ...]:
    """Return what is found of the columns, what has drifted first, then the largest change."""
    pairs = [
        (part, part.compared(now))
        for part, now in zip(reference.parts, tally.counts, strict=True)
        if tally.comparable(part, now)
    ]
    if not pairs:
        return ()
    adjusted = stats.false_discovery_control([each.p_value for _, each in pairs])  # Benjamini and Hochberg's
    columns = []
    for (part, found), p in zip(pairs, adjusted, strict=True):
        what = part.cells.in_words(found.cell, found.below) if found.before != found.now else ""
        columns.append(_finding(part.column, what, found._replace(p_value=float(p)), level, criteria))
    return tuple(sorted(columns, key=lambda each: (not each.drift, -each.distance)))


def _score_finding(held_out: HeldOutScores, tally: Tally, level: float, criteria: Criteria) -> Finding:
    found = held_out.compared(tally.scores)
    what = Cuts(tuple(held_out.points)).in_words(found.cell, found.below)
    if found.cell < 0:
        what = f"as the lowest {share(held_out.tail_share)} of held-out rows"
    return _finding("scores", what, found, level, criteria)


def _finding(name: str, what: str, found: Difference, level: float, criteria: Criteria) -> Finding:
    significant = found.p_value <= level
    drift = significant and found.distance >= criteria.smallest
    return Finding(name, what, found.before, found.now, found.distance, found.p_value, significant, drift)


def share(value: float) -> str:
    """Return a share in per cent, with two digits where it is small.

    >>> [share(value) for value in (0.5, 0.0312, 0.0004, 0.0, 1.0)]
    ['50%', '3.1%', '0.04%', '0%', '100%']
    """
    percent = 100 * value
    return f"{percent:.0f}%" if percent >= 10 or not percent else f"{percent:.2g}%"
