"""The paired tests of an image protocol."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from askew.benchmarks.runs.method import Method
from askew.benchmarks.tables.statistics import Comparison, against, best_against_second

if TYPE_CHECKING:
    from askew.benchmarks.protocols.images.result import ImageResult

SEMI_SUPERVISED = ("dp_vae", "mml_vae", "mml_dp_vae")
"""The VAEs with labels: each is compared with the plain one and with Deep SAD."""

Scores = dict[tuple[str, str], Mapping[int, float]]


def comparisons(result: ImageResult) -> tuple[Comparison, ...]:
    """Return the paired tests of a result, Wilcoxon's and the t-test, on pairs that share normal class and seed.

    Best against second in every column, and each VAE with labels against the plain VAE without and against Deep
    SAD with the same labels; where the protocol has a reference, every other method against it. Where a protocol
    varies how a method is run, each way against the first; where it has a base, each other column against that one
    (η against 1). Families are corrected over data sets and columns by Holm's method.
    """
    if len(result.protocol.variants) > 1:
        return _variants(result)
    if result.protocol.base is not None:
        return _against_base(result, result.protocol.base)
    scores = columns(result)
    found = best_against_second(
        {cell: by for cell, by in scores.items() if not Method.of(cell[1]).is_test_tuned}
    )
    present = {line for _, line in scores}
    for reference in ("vae", "deep_sad"):
        rivals = [name for name in SEMI_SUPERVISED if name in present]
        if reference in present:
            found += against(reference, rivals, scores)
    if (reference := result.protocol.reference) in present:
        run = {(named(result, dataset, at), line) for dataset, line, at in result.aurocs}
        for other in sorted(one for one in present - {reference} if not Method.of(one).is_test_tuned):
            # where neither was run, both stand for their cells of another column, in which they are compared
            where = {column for column, line in run if line in (reference, other)}
            found += against(
                reference, [other], {cell: by for cell, by in scores.items() if cell[0] in where}
            )
    return tuple(found)


def columns(result: ImageResult) -> Scores:
    """Return by column (data set and value in words) and line the AUROC of each pair, standing cells included."""
    scores: Scores = {}
    for dataset in result.datasets:
        for at in result.columns(dataset):
            for line in result.lines(dataset):
                key = result.standing(dataset, line, at)
                is_own = key is not None and (key[1] == line)  # a semi-supervised method is not its own rival
                if key is not None and is_own and result.aurocs[key]:
                    scores[named(result, dataset, at), line] = result.aurocs[key]
    return scores


def named(result: ImageResult, dataset: str, at: float) -> str:
    """Return a column's name, for example ``mnist, γ_l = 0.01``; without a letter it is the data set's."""
    if not result.protocol.symbol:
        return dataset
    return f"{dataset}, {result.protocol.symbol} = {at:g}"


def _variants(result: ImageResult) -> tuple[Comparison, ...]:
    scores: Scores = {}
    for (dataset, line, at), by_pair in result.aurocs.items():
        if by_pair:
            scores[named(result, dataset, at), line] = by_pair
    found: list[Comparison] = []
    first, *others = (variant.name for variant in result.protocol.variants)
    for method in dict.fromkeys(row.method for row in result.rows):
        lines = [f"{method} ({name})" for name in others]
        found += against(f"{method} ({first})", lines, scores)
    return tuple(found)


def _against_base(result: ImageResult, base: float) -> tuple[Comparison, ...]:
    symbol = result.protocol.symbol
    scores: Scores = {
        (f"{dataset}, {line}", f"{symbol} = {at:g}"): by_pair
        for (dataset, line, at), by_pair in result.aurocs.items()
        if by_pair
    }
    first = f"{symbol} = {base:g}"
    others = [name for name in dict.fromkeys(name for _, name in scores) if name != first]
    return tuple(against(first, others, scores))
