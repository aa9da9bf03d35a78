"""The sentences of a model's page and card."""

from __future__ import annotations

from typing import Any

import pandas as pd

from askew.base.persistence import unwrap
from askew.model_card.card import Card, Evidence

_NAMED = 3
"""Images that a sentence names."""

_FEW = 10
"""Known anomalies below which nobody can say much of what is found."""


def summary(card: Card) -> list[str]:
    """Return what the model is and was trained on."""
    found = [f"{card.method}: {card.summary}"]
    facts = card.facts
    if facts is None:
        return [*found, "The file does not say what it was trained on; it was written by an older askew."]
    rows = facts.n_normal + facts.n_unlabelled + facts.n_anomalies
    found.append(
        f"Trained on {rows:,} {card.things}: {facts.n_anomalies:,} known anomalies, {facts.n_normal:,} known normal, "
        f"{facts.n_unlabelled:,} unlabelled."
    )
    if not card.uses_labels and facts.n_anomalies:
        found.append("It does not learn from labels: the known anomalies were left out of training.")
    return found


def health(card: Card) -> list[str]:
    """Return what the health checks found at training."""
    facts = card.facts
    if facts is None:
        return ["Unknown: the file is older than these notes."]
    found = [_sentence(text) for text in facts.health]
    if card.uses_labels and not facts.n_anomalies:
        found.append("There was no known anomaly to learn from: labels would help this method.")
    elif card.uses_labels and facts.n_anomalies < _FEW:
        found.append(
            f"{facts.n_anomalies} known anomalies are few: kinds that were never labelled are found only "
            "as far as they are unusual."
        )
    return found or [
        f"All checks passed: finite scores, {card.things} told apart, known anomalies below the rest."
    ]


def threshold(card: Card) -> list[str]:
    """Return what the threshold is and leads to."""
    if card.threshold is None:
        share = f"{100 * card.model.offset_:g}" if card.facts is None else _flagged(card)
        return [
            f"Flagged is what scores below {card.model.offset_:.6g}, {share}.",
            f"That is a share of the training {card.things} and no guarantee. `askew threshold` puts a threshold with "
            "a meaning on the model: a rate of false alarms, a number of alerts, or costs.",
        ]
    kind = type(card.threshold).__name__
    return [f"{kind} threshold, fitted on held-out {card.things}.", *card.threshold.expected_.sentences()]


def _flagged(card: Card) -> str:
    contamination = getattr(card.model, "contamination", None)
    return (
        "set at training"
        if contamination is None
        else f"the lowest {contamination:.1%} of the training {card.things}"
    )


def reasons(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the most anomalous rows, each with its features in words."""
    found: list[dict[str, Any]] = []
    for row, lines in table.groupby("row", sort=False):
        found.append(
            {
                "row": str(row),
                "score": f"{lines['score'].iloc[0]:.5g}",
                "why": [
                    (str(each.feature), _value(each.observed), _value(each.expected), f"{each.share:.0%}")
                    for each in lines.itertuples()
                ],
            }
        )
    return found


def sections(card: Card) -> list[tuple[str, list[str]]]:
    """Return the model card: titles and sentences, after Mitchell et al. (2019), Model Cards for Model Reporting."""
    found = [
        ("What it is", summary(card)),
        (
            "What it is for",
            [
                f"Ranking {_alike(card)} by how unusual they are, for a person to look at. It was not made to decide "
                "by itself about people.",
            ],
        ),
        ("Inputs", _inputs(card)),
        ("Threshold", threshold(card)),
        ("Health", health(card)),
    ]
    if card.evidence is not None:
        found.append(("Results", _results(card.evidence, card.things)))
    found.append(("Limits", _limits(card)))
    return found


def _alike(card: Card) -> str:
    if card.image_shape is not None:
        return "images like those it was trained on"
    return "rows of tables like the one it was trained on"


def _inputs(card: Card) -> list[str]:
    if card.image_shape is not None:
        values = "from 0 to 255" if unwrap(card.model).image_bytes_ else "floating-point"
        return [f"Images of {size(card.image_shape)}, {values}. `askew` brings image files to that size."]
    if not card.features:
        return [f"{card.model.n_features_in_} columns of numbers, without names, in the order of training."]
    return [f"{len(card.features)} columns: {', '.join(card.features)}."]


def size(shape: tuple[int, int, int]) -> str:
    """Return the size of images (channels, height, width) in words."""
    channels, height, width = shape
    colours = {1: "grey", 3: "colour"}.get(channels, f"{channels} channels")
    return f"{width} x {height} pixels, {colours}"


def _results(evidence: Evidence, things: str) -> list[str]:
    rows = len(evidence.scores)
    found = [f"{evidence.source}: {evidence.n_flagged:,} of {rows:,} {things} flagged."]
    if evidence.sheet is not None:
        worst = ", ".join(f"{case.name} ({case.score:.5g})" for case in evidence.sheet.anomalous[:_NAMED])
        found.append(f"The lowest scores: {worst}.")
    if evidence.quality is not None:
        auroc, auprc = evidence.quality
        found.append(
            f"{int(evidence.known.sum()):,} known anomalies against the other {things}, which count as normal: AUROC "
            f"{auroc:.3f}, average precision {auprc:.3f}. If the model was trained on these {things}, that is better "
            f"than what new {things} will give."
        )
    found.append(evidence.no_curve if evidence.curve is None else evidence.curve.sentence())
    return found


def _limits(card: Card) -> list[str]:
    found = [
        f"{card.things.capitalize()} from another source, or from a time when things have changed, are scored as "
        f"unusual whether they matter or not: fit anew when most {card.things} drift.",
        f"What was common among the training {card.things} counts as normal, also if it is wrong.",
    ]
    if card.facts is not None and card.facts.n_unlabelled:
        found.append(
            f"Unlabelled training {card.things} count as normal; anomalies that hide among them teach it to pass them."
        )
    return found


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _value(value: Any) -> str:
    return f"{value:.5g}" if isinstance(value, float) else str(value)
