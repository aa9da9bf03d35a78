"""Which part of an image protocol's grid a folder's runs are: its methods, data sets, classes, columns and seeds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from askew.benchmarks.protocols.images.coordinates import at
from askew.benchmarks.protocols.images.design import PAIRS, WITHOUT_LABELS, Design
from askew.benchmarks.protocols.images.design_runs import STRIDE, next_class, usual_members
from askew.benchmarks.protocols.images.designs import DESIGNS
from askew.benchmarks.protocols.images.protocol import plan
from askew.benchmarks.protocols.images.settings import VAES
from askew.benchmarks.runs.plan import Plan, Run
from askew.errors import InvalidInputError


def planned(name: str, preset: str, runs: Sequence[Run]) -> Plan | None:
    """Return the plan that ``runs`` are of: tables, image sets and pairs of image sets have a part each.

    None for runs of names that are not in the protocol's grid.
    """
    kinds = (
        [run for run in runs if run.normal_class is None],
        [run for run in runs if _has_classes(run)],
        [run for run in runs if run.dataset in PAIRS],
    )
    try:
        parts = [_part(DESIGNS[name], preset, same) for same in kinds if same]
    except InvalidInputError:
        return None
    return replace(
        parts[0],
        runs=tuple(run for one in parts for run in one.runs),
        notes=tuple(dict.fromkeys(note for one in parts for note in one.notes)),
    )


def _part(protocol: Design, preset: str, runs: Sequence[Run]) -> Plan:
    """Return the grid's part with the names, classes, columns and seeds of ``runs``, all of one kind."""
    return plan(
        protocol.name,
        preset,
        methods=_methods(runs, protocol),
        datasets=[of for of in protocol.datasets if of in {run.dataset for run in runs}],
        normal_classes=sorted({int(run.normal_class or 0) for run in runs if _has_classes(run)}) or None,
        known_classes=None if protocol.drawn else _known(runs, preset),
        at=sorted({at(run) for run in runs}),
        seeds=sorted({_repetition(run, protocol) for run in runs}),
        members=None if protocol.compares_sizes else _members(runs, protocol, preset),
    )


def _has_classes(run: Run) -> bool:
    """Return whether one class of an image set is normal: not so for tables and for pairs of image sets."""
    return run.normal_class is not None and run.dataset not in PAIRS


def _methods(runs: Sequence[Run], protocol: Design) -> list[str]:
    """Return the methods to plan; where a protocol takes its own alone, those whose label-free form was run."""
    present = {run.method for run in runs}
    if len(protocol.variants) > 1:
        return [name for name in protocol.methods if {name, WITHOUT_LABELS.get(name)} & present]
    return [*(name for name in protocol.methods if name in present), *sorted(present - set(protocol.methods))]


def _known(runs: Sequence[Run], preset: str) -> list[int] | None:
    """Return the classes that are known in some run, or whose partner without labels was run; None for tables.

    None also for runs that all know the class that the quick preset takes.
    """
    found = {
        (run.dataset, int(run.normal_class or 0), run.seed % STRIDE) for run in runs if _has_classes(run)
    }
    usual = all(known == next_class(dataset, normal) for dataset, normal, known in found)
    return sorted({known for _, _, known in found}) if found and not (preset == "quick" and usual) else None


def _repetition(run: Run, protocol: Design) -> int:
    return run.seed if protocol.drawn or run.normal_class is None else run.seed // STRIDE


def _members(runs: Sequence[Run], protocol: Design, preset: str) -> int | None:
    """Return the one size of ensembles of VAEs, None for each set's usual one: whichever fits more of the runs."""
    vaes = [run for run in runs if run.method in VAES]
    sizes = Counter(run.params.get("n_members") for run in vaes)
    usual = sum(run.params.get("n_members") == usual_members(protocol, preset, run.dataset) for run in vaes)
    return next((size for size, fitting in sizes.most_common(1) if fitting > usual), None)
