"""The page about a model, and the model card as Markdown."""

from __future__ import annotations

import base64
from functools import singledispatch
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
from askew.model_card.evidence import ImageEvidence, RowEvidence
from askew.model_card.figures import learning_curve_picture, score_histograms, share_bars
from askew.model_card.sentences import CARD, SECTIONS
from askew.scoring import cell_text

_DRIVERS = 10
_LONGEST = 160
"""Pixels along the longer side of a tile, at most: twice as many as the page shows."""

_CRISP = 80
"""Images with fewer pixels a side are shown with their pixels to be seen, larger ones smoothly."""

_NOTHING: dict[str, Any] = {"drivers": []}

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
    return CARD.page(
        "model.html.j2",
        card=card,
        evidence=card.evidence,
        sections=_sections(card),
        scores=_scores(card),
        curve=_curve(card),
        **(_NOTHING if card.evidence is None else _shown_of(card.evidence)),
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
    cut = float(card.model.offset_)  # of a threshold that judges rows together, that of one alone
    drawn = {}
    if facts is not None:
        rest, known = np.array(facts.score_quantiles), np.array(facts.anomaly_scores)
        count = facts.n_normal + facts.n_unlabelled
        drawn["training"] = _histograms(card, f"Training {card.unit}", rest, known, cut, count)
    if threshold is not None:
        rest, known = threshold.calibration_, threshold.anomalies_
        drawn["held_out"] = _histograms(card, f"Held-out {card.unit}", rest, known, cut, len(rest))
    if evidence is not None and not evidence.known.all():
        rest, known = evidence.scores[~evidence.known], evidence.scores[evidence.known]
        here = cut if threshold is None else threshold.cut_off(evidence.scores)
        drawn["evidence"] = _histograms(card, evidence.source, rest, known, here, len(rest))
    return drawn


def _histograms(card: Card, title: str, rest: Any, known: Any, cut: float | None, count: int) -> _Drawn:
    """Draw the scores of rows and of known anomalies; ``rest`` may be the quantiles of ``count`` scores."""
    groups = {f"{count:,} {card.unit} not known as anomalies": rest}
    if len(known):
        groups[f"{len(known):,} known anomalies"] = known
    return both_widths(lambda width: score_histograms(groups, cut, width, f"Histogram of scores: {title}"))


@singledispatch
def _shown_of(evidence: Any) -> dict[str, Any]:
    """Return what the page's part about the evidence is given."""
    raise NotImplementedError


@_shown_of.register
def _(evidence: RowEvidence) -> dict[str, Any]:
    shares = {str(name): float(share) for name, share in evidence.drivers.head(_DRIVERS).items()}
    drawn = both_widths(lambda width: share_bars(shares, width, "What drives the scores")) if shares else []
    return {"drivers": drawn, "reasons": _reasons(evidence.reasons)}


@_shown_of.register
def _(evidence: ImageEvidence) -> dict[str, Any]:
    sheet = evidence.sheet
    crisp = max(sheet.anomalous[0].tiles[0].shape[:2]) < _CRISP
    return {"drivers": [], "sheet": sheet, "groups": _groups(sheet), "crisp": crisp}


def _curve(card: Card) -> _Drawn:
    learned = None if card.evidence is None else card.evidence.curve
    if learned is None:
        return []
    title = "Held-out AUROC against the number of known anomalies"
    return both_widths(lambda width: learning_curve_picture(learned, width, title))


def _reasons(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the most anomalous rows: number, score, and the table's lines of its features."""
    texts = {name: table[name].map(cell_text) for name in ("observed", "expected")}
    return [
        {"row": lines["row"].iloc[0], "score": lines["score"].iloc[0], "lines": lines.to_dict("records")}
        for _, lines in table.assign(**texts).groupby("place", sort=False)
    ]


def _groups(sheet: ContactSheet) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return the most anomalous and the most normal images, under their headings."""
    groups = (("Most anomalous", sheet.anomalous), ("Most normal", sheet.normal))
    return [(heading, [_shown(case) for case in cases]) for heading, cases in groups if cases]


def _shown(case: Any) -> dict[str, Any]:
    tiles = [base64.b64encode(png(tile, _LONGEST)).decode() for tile in case.tiles]
    return {"name": case.name, "score": f"{case.score:.4g}", "flagged": case.flagged, "tiles": tiles}
