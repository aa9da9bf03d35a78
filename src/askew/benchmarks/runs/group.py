"""Groups of runs that are done together, in one process."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from askew.benchmarks.runs.plan import Run

SEEDS_TOGETHER = 10
"""Largest group: a kill loses at most the training of one group, and memory stays bounded."""


@dataclass(frozen=True)
class Group:
    """Runs that share a training."""

    runs: tuple[Run, ...]

    @property
    def key(self) -> str:
        """A name that no other group of a plan has."""
        return self.runs[0].key

    def singles(self, runs: Iterable[Run] | None = None) -> list[Group]:
        """Return a group for each of the runs alone."""
        return [Group((run,)) for run in (self.runs if runs is None else runs)]

    def title(self, words: Callable[[Run], str]) -> str:
        """Return the group in words, for example ``dp_vae on cardio, seeds 0-9``; ``words`` says all but the seeds."""
        return f"{words(self.runs[0])}, {_seeds_in_words([run.seed for run in self.runs])}"


def _seeds_in_words(seeds: Sequence[int]) -> str:
    distinct = list(dict.fromkeys(seeds))
    if len(distinct) == 1:
        return f"seed {distinct[0]}"
    gapless = distinct == list(range(distinct[0], distinct[0] + len(distinct)))
    return f"seeds {distinct[0]}-{distinct[-1]}" if gapless else f"seeds {', '.join(map(str, distinct))}"


def grouped(runs: Iterable[Run], group_key: Callable[[Run], str], workers: int = 1) -> list[Group]:
    """Return groups of runs with equal ``group_key``: ten at most, and no more than a worker's share."""
    alike: defaultdict[str, list[Run]] = defaultdict(list)
    for run in runs:
        alike[group_key(run)].append(run)
    share = math.ceil(sum(map(len, alike.values())) / workers)
    size = max(1, min(SEEDS_TOGETHER, share))
    return [Group(tuple(same[at : at + size])) for same in alike.values() for at in range(0, len(same), size)]
