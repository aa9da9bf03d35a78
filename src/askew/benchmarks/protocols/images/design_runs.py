"""From a protocol to the runs of a preset.

A run's seed decides everything that is random in it. Where every class is known in turn, the seed of repetition s
is 10 s + the number of the known class: the runs without labels are then as many as the others, each the partner
of one, with its split and its initial weights. Where a seed draws the known classes, those of a smaller k are
among those of a larger one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from askew import index
from askew.benchmarks.protocols.images.budgets import PEERS, Budget
from askew.benchmarks.protocols.images.design import N_CLASSES, PAIRS, Design, Point, normal_set, on_images
from askew.benchmarks.protocols.images.method_settings import params
from askew.benchmarks.result_tables.table import sentences
from askew.benchmarks.runs.choices import Choice, choose, choose_numbers, choose_seeds
from askew.benchmarks.runs.label_use import RUN_WITHOUT_LABELS, VAES, WITHOUT_LABELS
from askew.benchmarks.runs.method import Method, reasons_left_out
from askew.benchmarks.runs.method import choices as method_choices
from askew.benchmarks.runs.plan import Run
from askew.errors import InvalidInputError, must, require_whole

OWNER = "run_images"
PRESETS = ("quick", "paper")
STRIDE = 10
"""Seeds from one repetition to the next: more than any known class's number."""
TABLE_SEEDS = tuple(range(10))
"""Of the ablation's two tables, as in the classic protocol."""


@dataclass(frozen=True)
class DesignPart:
    """The part of a grid that is run; all checked. Empty ``seeds`` and no ``members`` are the preset's."""

    design: Design
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

    def image_seeds(self) -> tuple[int, ...]:
        """Return the repetitions of an image cell."""
        usual = self.design.seeds[: self.design.quick.n_seeds] if self.is_quick else self.design.seeds
        return self.seeds or usual

    def table_seeds(self) -> tuple[int, ...]:
        """Return the repetitions of a cell of a table."""
        return self.seeds or (self.design.quick.table_seeds if self.is_quick else TABLE_SEEDS)


def design_part(design: Design, choice: Choice) -> DesignPart:
    """Return the part of a grid that a choice stands for; what is not in the grid is refused with its choices."""
    choose("preset", [choice.preset], PRESETS, OWNER)
    usual = _preset_part(design, choice.preset)
    datasets = _chosen(
        choose, "datasets", choice.datasets, usual.datasets, (*design.datasets, *design.optional)
    )
    methods = _chosen(choose, "methods", choice.methods, usual.methods, _methods(design))
    classes = tuple(range(max((N_CLASSES.get(name, 1) for name in datasets), default=1)))
    normal = usual.normal_classes or classes
    if choice.known_classes is not None and design.drawn:
        given = list(choice.known_classes)
        remedy = "A seed draws them; choose seeds instead."
        raise InvalidInputError(must("known_classes", OWNER, "left out here", given, remedy))
    part = DesignPart(
        design=design,
        preset=choice.preset,
        methods=methods,
        datasets=datasets,
        normal_classes=_chosen(choose_numbers, "normal_classes", choice.normal_classes, normal, classes),
        known_classes=_chosen(choose_numbers, "known_classes", choice.known_classes, (), classes),
        at=_chosen(choose_numbers, "at", choice.at, usual.at, tuple(map(design.value, design.points))),
        seeds=() if choice.seeds is None else choose_seeds(choice.seeds, OWNER),
    )
    return replace(part, members=_members(choice.members, part))


def _preset_part(design: Design, preset: str) -> DesignPart:
    """Return what a preset takes of a grid; no ``normal_classes`` are all."""
    if preset == "quick":
        of = design.quick
        return DesignPart(design, preset, of.methods, of.datasets, of.normal_classes, (), of.at, ())
    at = tuple(map(design.value, design.points))
    return DesignPart(design, preset, design.methods, design.datasets, (), (), at, ())


def _methods(design: Design) -> tuple[str, ...]:
    """Return the methods that may be chosen; where a protocol is about one method, its own alone."""
    is_narrow = len(design.variants) > 1 or design.axis == "eta"
    others = () if is_narrow else method_choices(index.of_images())
    return tuple(dict.fromkeys((*others, *design.methods)))


def _chosen(
    check: Callable[..., tuple[Any, ...]],
    argument: str,
    values: Iterable[Any] | None,
    usual: tuple[Any, ...],
    choices: tuple[Any, ...],
) -> tuple[Any, ...]:
    return usual if values is None else check(argument, values, choices, OWNER)


def _members(size: int | None, part: DesignPart) -> int | None:
    """Return the size of a VAE's ensemble, None for the usual one; refused where no VAE has one to choose."""
    if size is None:
        return None
    require_whole("members", OWNER, size, 1, "Use members=1.")
    if part.design.compares_sizes:
        remedy = f"{part.design.name} compares sizes of ensembles."
        raise InvalidInputError(must("members", OWNER, "left out here", size, remedy))
    if not set(VAES).intersection(part.methods):
        remedy = f"It sizes the ensembles of {', '.join(VAES)}; the other methods are one model."
        raise InvalidInputError(must("members", OWNER, "left out without a VAE", size, remedy))
    is_usual = all(size == usual_members(part.design, part.preset, name) for name in part.datasets)
    return None if is_usual else size


def usual_members(design: Design, preset: str, dataset: str) -> int:
    """Return how many models an ensemble of VAEs has on ``dataset``, where the protocol does not compare sizes."""
    return int(params("vae", normal_set(dataset), budget=design.budget(preset, dataset))["n_members"])


def runs_of(part: DesignPart) -> Iterator[Run]:
    """Yield the runs by data set, point, method, variant, normal class and seed; one that two share comes twice."""
    design = part.design
    for dataset in part.datasets:
        for point in design.points:
            if design.value(point) not in part.at:
                continue
            for method in part.methods:
                used, where = _without_labels(design, method, point)
                if used is not None:
                    yield from _cell_runs(part, dataset, used, where)


def _without_labels(design: Design, method: str, point: Point) -> tuple[str | None, Point]:
    """Return what is run for ``method`` at ``point``, and where; None where the method needs labels."""
    if design.is_free(method):
        point = point._replace(labelled_ratio=0.0, k=0)
    if point.labelled_ratio == 0 and Method.of(method).printed_as not in RUN_WITHOUT_LABELS:
        return WITHOUT_LABELS.get(method), point
    return method, point


def _cell_runs(part: DesignPart, dataset: str, method: str, point: Point) -> Iterator[Run]:
    design = part.design
    budget = design.budget(part.preset, dataset)
    settings = params(method, normal_set(dataset), point.pollution_ratio > 0, budget)
    if point.eta is not None:
        settings["eta"] = point.eta
    if part.members is not None and method in VAES:
        settings["n_members"] = part.members
    for variant in design.variants:
        run = Run(
            protocol=design.name,
            dataset=dataset,
            method=method,
            params=settings | dict(variant.params),
            seed=0,
            labelled_ratio=point.labelled_ratio,
            pollution_ratio=point.pollution_ratio,
            relative_to=design.relative_to,
        )
        if not on_images(dataset):
            yield from (replace(run, seed=seed) for seed in part.table_seeds())
            continue
        of_images = replace(
            run,
            split="published",
            max_normals=budget.max_normals if budget else None,
            max_tests=design.quick.max_tests if budget else None,
        )
        for normal, known, seed in _cells(part, dataset, point.k):
            known_classes = tuple(map(str, known)) or None
            yield replace(of_images, seed=seed, normal_class=normal, known_classes=known_classes)


def _cells(part: DesignPart, dataset: str, k: int) -> Iterator[tuple[str, tuple[int, ...], int]]:
    """Yield what is normal, known classes and seed of each image cell; no known classes for k = 0."""
    if dataset in PAIRS:
        yield from ((normal_set(dataset), (), seed) for seed in part.image_seeds())
        return
    n = N_CLASSES[dataset]
    for normal in (normal for normal in part.normal_classes if normal < n):
        for repetition in part.image_seeds():
            if part.design.drawn:
                yield str(normal), drawn_classes(normal, repetition, n)[:k], repetition
                continue
            for known in _known(part, dataset, normal):
                yield str(normal), (known,) if k else (), STRIDE * repetition + known


def _known(part: DesignPart, dataset: str, normal: int) -> Iterable[int]:
    classes = range(N_CLASSES[dataset])
    if part.known_classes:
        return [known for known in part.known_classes if known != normal and known in classes]
    return [next_class(dataset, normal)] if part.is_quick else [one for one in classes if one != normal]


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


def notes(part: DesignPart) -> list[str]:
    """Return sentences on a plan: what quick runs are cut to, what is run in place of something else or left out."""

    def settings(method: str, dataset: str, cut: Budget) -> dict[str, Any]:
        return params(method, normal_set(dataset), budget=cut)

    design = part.design
    ratios = {point.labelled_ratio for point in design.points if design.value(point) in part.at}
    has_label_free_cells = 0.0 in ratios or design.labelled is not None
    stand_ins = [name for name in part.methods if WITHOUT_LABELS.get(name, name) != name]
    lines = sentences(
        "protocols/images/plan_notes.j2",
        part=part,
        design=design,
        cuts={name: cut for name in part.datasets if (cut := design.budget(part.preset, name))},
        varied={name for variant in design.variants for name, _ in variant.params},
        has_stand_ins=has_label_free_cells and stand_ins,
        kernel_methods={Method.of(name).inner for name in part.methods} & {"oc_svm", "kernel_ssad", "kde"},
        peers={name for name in part.methods if Method.of(name).detector in PEERS},
        vaes=VAES,
        pairs=PAIRS,
        settings=settings,
    )
    return [*lines, *reasons_left_out(part.methods)]
