"""The paired tests of an image protocol: Wilcoxon's and the t-test, on runs that share normal class and seed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from askew.benchmarks.protocols.images.design import Design
from askew.benchmarks.protocols.images.row import Key
from askew.benchmarks.result_tables.paired_tests import Comparison, against, best_against_second
from askew.benchmarks.runs.label_use import VAES_WITH_LABELS
from askew.benchmarks.runs.method import Method

Aurocs: TypeAlias = Mapping[Key, Mapping[int, float]]
"""AUROC by pair of each cell of the table."""

ColumnScores: TypeAlias = Mapping[tuple[str, str], Mapping[int, float]]
"""AUROC by pair of each column (its name) and line, cells of another column that stand there included."""


def column_name(protocol: Design, dataset: str, at: float) -> str:
    """Return a column's name, for example ``mnist, γ_l = 0.01``; without a letter it is the data set's."""
    return f"{dataset}, {protocol.symbol} = {at:g}" if protocol.symbol else dataset


def comparisons(protocol: Design, aurocs: Aurocs, scores: ColumnScores) -> tuple[Comparison, ...]:
    """Return the paired tests of a table.

    Best against second in every column, and each VAE with labels against the plain VAE without and against Deep
    SAD with the same labels; where the protocol has a reference, every other method against it. Where a protocol
    varies how a method is run, each way against the first; where it has a base, each other column against that one
    (η against 1). Families are corrected over data sets and columns by Holm's method.
    """
    finished = {key: by_pair for key, by_pair in aurocs.items() if by_pair}
    if len(protocol.variants) > 1:
        return tuple(_between_variants(protocol, aurocs, finished))
    if protocol.base is not None:
        return tuple(_between_columns(protocol, protocol.base, finished))
    found = best_against_second(
        {key: by for key, by in scores.items() if not Method.of(key[1]).is_test_tuned}
    )
    present = {line for _, line in scores}
    for reference in ("vae", "deep_sad"):
        if reference in present:
            found += against(reference, [name for name in VAES_WITH_LABELS if name in present], scores)
    if protocol.reference in present:
        found += _against_reference(protocol, aurocs, scores)
    return tuple(found)


def _against_reference(protocol: Design, aurocs: Aurocs, scores: ColumnScores) -> list[Comparison]:
    reference = protocol.reference
    planned = {(column_name(protocol, dataset, at), line) for dataset, line, at in aurocs}
    found: list[Comparison] = []
    others = {line for _, line in scores if line != reference and not Method.of(line).is_test_tuned}
    for other in sorted(others):
        # where neither was run, both stand for their cells of another column, in which they are compared
        where = {column for column, line in planned if line in (reference, other)}
        found += against(reference, [other], {key: by for key, by in scores.items() if key[0] in where})
    return found


def _between_variants(protocol: Design, aurocs: Aurocs, finished: Aurocs) -> list[Comparison]:
    scores = {(column_name(protocol, dataset, at), line): by for (dataset, line, at), by in finished.items()}
    first, *others = (variant.name for variant in protocol.variants)
    found: list[Comparison] = []
    for method in dict.fromkeys(line.partition(" ")[0] for _, line, _ in aurocs):
        found += against(f"{method} ({first})", [f"{method} ({name})" for name in others], scores)
    return found


def _between_columns(protocol: Design, base: float, finished: Aurocs) -> list[Comparison]:
    symbol = protocol.symbol
    scores = {
        (f"{dataset}, {line}", f"{symbol} = {at:g}"): by for (dataset, line, at), by in finished.items()
    }
    first = f"{symbol} = {base:g}"
    others = [name for name in dict.fromkeys(name for _, name in scores) if name != first]
    return against(first, others, scores)
