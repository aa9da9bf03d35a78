"""The page about a model, and the model card as Markdown."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from askew.benchmarks.report.svg import both_widths
from askew.explain import ContactSheet
from askew.explain.tiles import png
from askew.inputs.atomic import atomic_path
from askew.model_card.card import Card
from askew.model_card.figures import learning_curve_picture, score_histograms, share_bars
from askew.model_card.sentences import CARD, SECTIONS

_DRIVERS = 10
_LONGEST = 160
"""Pixels along the longer side of a tile, at most: twice as many as the page shows."""

_CRISP = 80
"""Images with fewer pixels a side are shown with their pixels to be seen, larger ones smoothly."""

_Drawn = list[tuple[str, Markup]]
"""A picture for wide and for narrow screens."""


def write_page(card: Card, path: Path) -> tuple[Path, Path]:
    """Write the page to `path` and the model card beside it as Markdown; return both paths.

    Both are written whole or not at all.
    """
    markdown = path.with_suffix(".md")
    for target, content in ((path, html(card)), (markdown, card_text(card))):
        with atomic_path(target) as temporary:
            temporary.write_text(content, encoding="utf-8")
    return path, markdown


def html(card: Card) -> str:
    """Return the page: one file, style and pictures inside, no scripts, no network."""
    evidence = card.evidence
    sheet = None if evidence is None else evidence.sheet
    return CARD.page(
        "model.html.j2",
        card=card,
        evidence=evidence,
        sections=_sections(card),
        scores=_scores(card),
        drivers=_drivers(card),
        curve=_curve(card),
        reasons=[] if evidence is None or evidence.reasons.empty else _reasons(evidence.reasons),
        sheet=sheet,
        groups=[] if sheet is None else _groups(sheet),
        crisp=card.image_shape is not None and max(card.image_shape[1:]) < _CRISP,
    )


def card_text(card: Card) -> str:
    """Return the model card as Markdown."""
    return CARD.text("card.md.j2", card=card, sections=_sections(card))


def _sections(card: Card) -> list[tuple[str, list[str]]]:
    said = [(title, CARD.say(macro, card)) for title, macro in SECTIONS.items()]
    return [(title, sentences) for title, sentences in said if sentences]


def _scores(card: Card) -> dict[str, _Drawn]:
    """Return the histograms of the scores that there are: of training, held out for the threshold, of the evidence."""
    facts, threshold, evidence = card.facts, card.threshold, card.evidence
    # a threshold that judges rows together has a cut-off per table, none for these
    together = threshold is not None and threshold.needs_all_rows
    cut = None if together else float(card.model.offset_)
    drawn = {}
    if facts is not None:
        rest, known = np.array(facts.score_quantiles), np.array(facts.anomaly_scores)
        count = facts.n_normal + facts.n_unlabelled
        drawn["training"] = _histograms(card, f"Training {card.things}", rest, known, cut, count)
    if threshold is not None:
        rest, known = threshold.calibration_, threshold.anomalies_
        drawn["held_out"] = _histograms(card, f"Held-out {card.things}", rest, known, cut, len(rest))
    if evidence is not None and not evidence.known.all():
        rest, known = evidence.scores[~evidence.known], evidence.scores[evidence.known]
        here = cut if threshold is None else threshold.cut_off(evidence.scores)
        drawn["evidence"] = _histograms(card, evidence.source, rest, known, here, len(rest))
    return drawn


def _histograms(card: Card, title: str, rest: Any, known: Any, cut: float | None, count: int) -> _Drawn:
    """Draw the scores of rows and of known anomalies; ``rest`` may be the quantiles of ``count`` scores."""
    groups = {f"{count:,} {card.things} not known as anomalies": rest}
    if len(known):
        groups[f"{len(known):,} known anomalies"] = known
    return both_widths(lambda width: score_histograms(groups, cut, width, f"Histogram of scores: {title}"))


def _drivers(card: Card) -> _Drawn:
    if card.evidence is None or not len(card.evidence.drivers):
        return []
    shares = {str(name): float(share) for name, share in card.evidence.drivers.head(_DRIVERS).items()}
    return both_widths(lambda width: share_bars(shares, width, "What drives the scores"))


def _curve(card: Card) -> _Drawn:
    learned = None if card.evidence is None else card.evidence.curve
    if learned is None:
        return []
    title = "Held-out AUROC against the number of known anomalies"
    return both_widths(lambda width: learning_curve_picture(learned, width, title))


def _reasons(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the most anomalous rows: number, score, and the table's lines of its features."""
    by_row = table.groupby("row", sort=False)
    return [
        {"row": row, "score": lines["score"].iloc[0], "lines": lines.to_dict("records")}
        for row, lines in by_row
    ]


def _groups(sheet: ContactSheet) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return the most anomalous and the most normal images, under their headings."""
    groups = (("Most anomalous", sheet.anomalous), ("Most normal", sheet.normal))
    return [(heading, [_shown(case) for case in cases]) for heading, cases in groups if cases]


def _shown(case: Any) -> dict[str, Any]:
    tiles = [base64.b64encode(png(tile, _LONGEST)).decode() for tile in case.tiles]
    return {"name": case.name, "score": f"{case.score:.4g}", "flagged": case.flagged, "tiles": tiles}
