"""From a protocol to the runs of a preset.

A run's seed decides everything that is random in it. Where every class is known in turn, the seed of repetition s
is 10 s + the number of the known class: the runs without labels are then as many as the others, each the partner
of one, with its split and its initial weights. Where a seed draws the known classes, those of a smaller k are
among those of a larger one.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from askew import index
from askew.benchmarks.protocols.images.grid import (
    LABEL_FREE,
    N_CLASSES,
    PAIRS,
    WITHOUT_LABELS,
    Point,
    Protocol,
    normal_set,
)
from askew.benchmarks.protocols.images.grids import PROTOCOLS
from askew.benchmarks.protocols.images.notes import notes
from askew.benchmarks.protocols.images.settings import VAES, params
from askew.benchmarks.runs.choices import choose, choose_seeds
from askew.benchmarks.runs.method import Method
from askew.benchmarks.runs.method import choices as method_choices
from askew.benchmarks.runs.plan import Plan, Run
from askew.errors import InvalidInputError, must, require_whole

_Number = TypeVar("_Number", int, float)

PRESETS = ("quick", "paper")
STRIDE = 10
"""Seeds from one repetition to the next: more than any known class's number."""
TABLE_SEEDS = tuple(range(10))
"""Of the ablation's two tables, as in the classic protocol."""


@dataclass(frozen=True)
class Choice:
    """What to run of a protocol; all checked. Empty ``seeds`` and no ``members`` are the preset's."""

    protocol: Protocol
    preset: str
    methods: tuple[str, ...]
    datasets: tuple[str, ...]
    normal_classes: tuple[int, ...]
    known_classes: tuple[int, ...]
    at: tuple[float, ...]
    seeds: tuple[int, ...]
    members: int | None = None

    @property
    def is_quick(self) -> bool:
        """Whether runs are cut to a budget."""
        return self.preset == "quick"


def plan(
    protocol: str,
    preset: str = "quick",
    methods: Iterable[str] | None = None,
    datasets: Iterable[str] | None = None,
    normal_classes: Iterable[int] | None = None,
    known_classes: Iterable[int] | None = None,
    at: Iterable[float] | None = None,
    seeds: Iterable[int] | None = None,
    members: int | None = None,
) -> Plan:
    """Return the runs of an image protocol.

    Parameters
    ----------
    protocol : str
        One of :data:`askew.benchmarks.protocols.images.grids.PROTOCOLS`.
    preset : {"quick", "paper"}
        Decides what is not given, and whether runs are cut to the budgets of
        :data:`askew.benchmarks.protocols.images.budgets.QUICK`.
    methods : iterable of str, optional
        Any detectors of tables and images, hybrids (``ssad_hybrid``, ...) or ``_test_tuned`` names; of ``eta``,
        ``ablation``, ``ensemble_size`` and ``ill_trained_autoencoder`` those of the protocol alone. Without labels
        (γ_l = 0) a semi-supervised method is what :data:`WITHOUT_LABELS` says, and that is what is run.
    datasets : iterable of str, optional
        Of the protocol.
    normal_classes, known_classes : iterable of int, optional
        Numbers of classes, from 0 on. ``known_classes`` limits the runs to cells that know one of them, and
        the partners of these cells without labels; a protocol that draws its known classes takes none.
    at : iterable of float, optional
        Columns of the table: values of γ_l, γ_p, k or η.
    seeds : iterable of int, optional
        Repetitions of a cell.
    members : int, optional
        Models of a VAE's ensemble, at least 1; by default the papers' five, and one in ``quick``. One model takes a
        fifth of the time. The protocols that compare sizes take none.

    Raises
    ------
    InvalidInputError
        For a name or number that is not among the choices; the message lists them.

    Examples
    --------
    >>> [run.method for run in plan("labelled_ratio", methods=["dp_vae"], datasets=["mnist"], normal_classes=[3]).runs]
    ['vae', 'dp_vae']
    """
    chosen = _choice(protocol, preset, methods, datasets, normal_classes, known_classes, at, seeds, members)
    runs = tuple(dict.fromkeys(_runs(chosen)))
    full = _choice(protocol, "paper")
    return Plan(protocol, preset, runs, len(set(_runs(full))), tuple(notes(chosen)))


def _choice(
    protocol: str,
    preset: str,
    methods: Iterable[str] | None = None,
    datasets: Iterable[str] | None = None,
    normal_classes: Iterable[int] | None = None,
    known_classes: Iterable[int] | None = None,
    at: Iterable[float] | None = None,
    seeds: Iterable[int] | None = None,
    members: int | None = None,
) -> Choice:
    owner = "run_images"
    choose("protocol", [protocol], PROTOCOLS, owner)
    choose("preset", [preset], PRESETS, owner)
    grid = PROTOCOLS[protocol]
    quick = grid.quick if preset == "quick" else None
    narrow = len(grid.variants) > 1 or grid.axis == "eta"
    others = () if narrow else method_choices(index.of_images())
    choices = tuple(dict.fromkeys((*others, *grid.methods)))
    used = choose(
        "datasets", (quick or grid).datasets if datasets is None else datasets, grid.datasets, owner
    )
    classes = range(max((N_CLASSES.get(name, 1) for name in used), default=1))
    values = tuple(map(grid.value, grid.points))
    if known_classes is not None and grid.drawn:
        remedy = "A seed draws them; choose seeds instead."
        raise InvalidInputError(must("known_classes", owner, "left out here", list(known_classes), remedy))
    named = choose("methods", (quick or grid).methods if methods is None else methods, choices, owner)
    return Choice(
        protocol=grid,
        preset=preset,
        methods=named,
        datasets=used,
        normal_classes=_numbers(
            "normal_classes", normal_classes, quick.normal_classes if quick else classes, classes
        ),
        known_classes=_numbers("known_classes", known_classes, (), classes),
        at=_numbers("at", at, quick.at if quick else values, values),
        seeds=() if seeds is None else choose_seeds(seeds, owner),
        members=_members(members, grid, named, used, preset, owner),
    )


def _members(
    given: int | None,
    grid: Protocol,
    methods: Collection[str],
    datasets: Iterable[str],
    preset: str,
    owner: str,
) -> int | None:
    """Return the size of a VAE's ensemble, None for the usual one; refused where no VAE has one to choose."""
    if given is None:
        return None
    require_whole("members", owner, given, 1, "Use members=1.")
    if grid.compares_sizes:
        remedy = f"{grid.name} compares sizes of ensembles."
        raise InvalidInputError(must("members", owner, "left out here", given, remedy))
    if not set(VAES).intersection(methods):
        remedy = f"It sizes the ensembles of {', '.join(VAES)}; the other methods are one model."
        raise InvalidInputError(must("members", owner, "left out without a VAE", given, remedy))
    return None if all(given == usual_members(grid, preset, name) for name in datasets) else given


def usual_members(grid: Protocol, preset: str, dataset: str) -> int:
    """Return how many models an ensemble of VAEs has on ``dataset``, where the protocol does not compare sizes."""
    return int(params("vae", normal_set(dataset), budget=grid.budget(preset, dataset))["n_members"])


def _numbers(
    argument: str, given: Iterable[_Number] | None, usual: Iterable[_Number], choices: Sequence[_Number]
) -> tuple[_Number, ...]:
    """Return the numbers, each once; one that is not among the choices, or none, is refused."""
    if given is None:
        return tuple(usual)
    found = tuple(dict.fromkeys(given))
    remedy = f"Choose from: {', '.join(f'{value:g}' for value in choices)}."
    for value in found:
        if value not in choices:
            raise InvalidInputError(must(argument, "run_images", "one of the protocol's", value, remedy))
    if not found:
        raise InvalidInputError(must(argument, "run_images", "at least one number", [], remedy))
    return found


def _runs(chosen: Choice) -> Iterator[Run]:
    """Yield the runs by data set, point, method, variant, normal class and seed; one that two share comes twice."""
    grid = chosen.protocol
    for dataset in chosen.datasets:
        for point in grid.points:
            if grid.value(point) not in chosen.at:
                continue
            for method in chosen.methods:
                used, where = _without_labels(grid, method, point)
                if used is not None:
                    yield from _cell_runs(chosen, dataset, used, where)


def _without_labels(grid: Protocol, method: str, point: Point) -> tuple[str | None, Point]:
    """Return what is run for ``method`` at ``point``, and where; None where the method needs labels."""
    if grid.is_free(method):
        point = point._replace(labelled_ratio=0.0, k=0)
    if point.labelled_ratio == 0 and Method.of(method).untuned not in LABEL_FREE:
        return WITHOUT_LABELS.get(method), point
    return method, point


def _cell_runs(chosen: Choice, dataset: str, method: str, point: Point) -> Iterator[Run]:
    grid, normals = chosen.protocol, normal_set(dataset)
    budget = grid.budget(chosen.preset, dataset)
    settings = params(method, normals, point.pollution_ratio > 0, budget)
    if point.eta is not None:
        settings["eta"] = point.eta
    if chosen.members is not None and method in VAES:
        settings["n_members"] = chosen.members
    for variant in grid.variants:
        shared: dict[str, Any] = {
            "protocol": grid.name,
            "dataset": dataset,
            "method": method,
            "params": settings | dict(variant.params),
            "labelled_ratio": point.labelled_ratio,
            "pollution_ratio": point.pollution_ratio,
            "relative_to": grid.relative_to,
        }
        if normals not in N_CLASSES:
            usual = grid.quick.table_seeds if chosen.is_quick else TABLE_SEEDS
            for seed in chosen.seeds or usual:
                yield Run(**shared, seed=seed)
            continue
        for normal, known, seed in _cells(chosen, dataset, point.k):
            yield Run(
                **shared,
                seed=seed,
                split="published",
                normal_class=normal,
                known_classes=tuple(map(str, known)) or None,
                max_normals=budget.max_normals if budget else None,
                max_tests=grid.quick.max_tests if budget else None,
            )


def _cells(chosen: Choice, dataset: str, k: int) -> Iterator[tuple[str, tuple[int, ...], int]]:
    """Yield what is normal, known classes and seed of each image cell; no known classes for k = 0."""
    grid = chosen.protocol
    repetitions = chosen.seeds or (grid.seeds[: grid.quick.n_seeds] if chosen.is_quick else grid.seeds)
    if dataset in PAIRS:
        yield from ((normal_set(dataset), (), seed) for seed in repetitions)
        return
    n = N_CLASSES[dataset]
    for normal in chosen.normal_classes:
        if normal >= n:
            continue
        for repetition in repetitions:
            if grid.drawn:
                yield str(normal), drawn_classes(normal, repetition, n)[:k], repetition
                continue
            for known in _known(chosen, dataset, normal):
                yield str(normal), (known,) if k else (), STRIDE * repetition + known


def _known(chosen: Choice, dataset: str, normal: int) -> Iterable[int]:
    classes = range(N_CLASSES[dataset])
    if chosen.known_classes:
        return [known for known in chosen.known_classes if known != normal and known in classes]
    return [next_class(dataset, normal)] if chosen.is_quick else [one for one in classes if one != normal]


def next_class(dataset: str, normal: int) -> int:
    """Return the known class that the quick presets take: the next one, after the last the first.

    >>> next_class("mnist", 3), next_class("mnist", 9)
    (4, 0)
    """
    return (normal + 1) % N_CLASSES[dataset]


def drawn_classes(normal: int, seed: int, n: int) -> tuple[int, ...]:
    """Return all classes but ``normal`` in the order in which scenario (iii) comes to know them.

    >>> drawn_classes(0, 3, 10)[:2] == drawn_classes(0, 3, 10)[:5][:2], len(drawn_classes(0, 3, 10))
    (True, 9)
    """
    others = [number for number in range(n) if number != normal]
    random.Random(1000 * seed + normal).shuffle(others)
    return tuple(others)
