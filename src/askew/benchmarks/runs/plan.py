"""Protocols as data: what one run is, which runs make a plan, and which of them are done together."""

from __future__ import annotations

import hashlib
import json
import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any

_LATER_FIELDS = ("regime", "m", "max_normals", "max_tests", "relative_to")
"""Fields that runs did not always have: left out of a run's dict where they say nothing, so keys stay."""


def canonical(value: Any) -> str:
    """Return ``value`` as JSON text that is the same for equal values: sorted keys, no spaces, no NaN.

    >>> canonical({"b": 1, "a": [0.5, None]})
    '{"a":[0.5,null],"b":1}'
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def digest(value: Any) -> str:
    """Return the SHA-256 of the canonical JSON of ``value``, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


@dataclass(frozen=True)
class Run:
    """One fit and one test of one method on one split: everything that decides its outcome.

    Parameters
    ----------
    protocol : str
        For example ``"classic"``.
    dataset, method : str
        Names as in ``askew.datasets.names()`` and of :class:`~askew.benchmarks.runs.method.Method`.
    params : mapping
        JSON-able constructor parameters, flat, with scikit-learn's double underscores
        (``{"beta_kl": 0.05, "training__lr": 0.001}``); ``random_state`` is the seed.
    seed : int
        Decides the split and the detector's random state.
    split : str
        ``"clean"`` or ``"leaky"`` for tables, ``"published"`` for image sets, which come with their test set.
    labelled_ratio, pollution_ratio : float
        γ_l and γ_p of the protocol, in [0, 1).
    normal_class, known_classes : str and tuple of str, or None
        The classes of a class-wise protocol, or the image set that is normal as a whole; None for tables that come
        with their anomalies marked.
    regime, m, max_normals : str, int and int, or None
        Of few_labels: whether test anomalies are like the labelled ones, and the number of labelled anomalies, which
        then counts instead of ``labelled_ratio``. Of few_labels and the quick presets of image sets: the most
        normal training rows. None elsewhere.
    """

    protocol: str
    dataset: str
    method: str
    params: Mapping[str, Any] = field(hash=False)
    seed: int
    split: str = "clean"
    labelled_ratio: float = 0.01
    pollution_ratio: float = 0.0
    normal_class: str | None = None
    known_classes: tuple[str, ...] | None = None
    regime: str | None = None
    m: int | None = None
    max_normals: int | None = None
    max_tests: int | None = None
    relative_to: str | None = None

    @cached_property
    def key(self) -> str:
        """The run's stable name, the SHA-256 of its canonical JSON; presets share the runs of both."""
        return digest(self.as_dict())

    @property
    def short_key(self) -> str:
        """The first characters of the key, which tell it from others, for names of files."""
        return self.key[:16]

    @cached_property
    def group_key(self) -> str:
        """Equal for runs that differ in their seed alone, which may be trained together."""
        return replace(self, seed=0).key

    def as_dict(self) -> dict[str, Any]:
        """Return the run as a JSON-able dict, without the later fields that are None."""
        whole = asdict(replace(self, params=dict(self.params)))
        return {
            name: value for name, value in whole.items() if value is not None or name not in _LATER_FIELDS
        }


@dataclass(frozen=True)
class Plan:
    """The runs of a protocol under a preset, in the order of the printed table.

    Parameters
    ----------
    protocol, preset : str
        For example ``"classic"`` and ``"quick"``.
    runs : tuple of Run
        Each exactly once.
    grid : int
        Number of runs in the protocol's full grid, of which this plan is all or a stated subset.
    notes : tuple of str
        What a reader of the table must know of the plan.
    """

    protocol: str
    preset: str
    runs: tuple[Run, ...]
    grid: int
    notes: tuple[str, ...] = ()

    @property
    def datasets(self) -> tuple[str, ...]:
        """The data sets in order of appearance."""
        return tuple(dict.fromkeys(run.dataset for run in self.runs))

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods in order of appearance."""
        return tuple(dict.fromkeys(run.method for run in self.runs))

    @property
    def splits(self) -> tuple[str, ...]:
        """The kinds of split, usually one."""
        return tuple(dict.fromkeys(run.split for run in self.runs))

    def missing(self, done: Collection[str]) -> tuple[Run, ...]:
        """Return the runs whose key is not among ``done``."""
        return tuple(run for run in self.runs if run.key not in done)


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
