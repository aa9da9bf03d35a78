"""The page about a model, and the model card as Markdown."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from askew.benchmarks.report.page import NARROW, WIDE, Tile
from askew.explain import ContactSheet
from askew.explain.tiles import png
from askew.inputs.atomic import atomic_path
from askew.model_card import figures, words
from askew.model_card.card import Card

_DRIVERS = 10
_LONGEST = 160
"""Pixels along the longer side of a tile, at most: twice as many as the page shows."""

_CRISP = 80
"""Images with fewer pixels a side are shown with their pixels to be seen, larger ones smoothly."""


@dataclass(frozen=True)
class Picture:
    """A picture for wide and one for narrow screens."""

    title: str
    note: str
    drawn: tuple[tuple[str, Markup], ...]


@dataclass(frozen=True)
class Shown:
    """An image of the contact sheet on the page: its tiles are data URIs."""

    name: str
    score: str
    flagged: bool
    tiles: tuple[str, ...]


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
    template = _environment().get_template("model.html.j2")
    page: str = template.render(
        card=card,
        tiles=_tiles(card),
        summary=words.summary(card),
        health=words.health(card),
        pictures=_pictures(card),
        threshold=words.threshold(card),
        reasons=[] if evidence is None or evidence.reasons.empty else words.reasons(evidence.reasons),
        sheet=None if evidence is None else evidence.sheet,
        groups=[] if evidence is None or evidence.sheet is None else _cases(evidence.sheet),
        crisp=card.image_shape is not None and max(card.image_shape[1:]) < _CRISP,
        curve=None if evidence is None else _curve(card),
        no_curve="" if evidence is None else evidence.no_curve,
        sections=words.sections(card),
    )
    return page


def card_text(card: Card) -> str:
    """Return the model card as Markdown."""
    text: str = _environment().get_template("card.md.j2").render(card=card, sections=words.sections(card))
    return text


def _environment() -> Any:
    import jinja2

    return jinja2.Environment(
        loader=jinja2.ChoiceLoader(
            [
                jinja2.PackageLoader("askew.model_card", "templates"),
                jinja2.PackageLoader("askew.benchmarks.report", "templates"),
            ]
        ),
        autoescape=jinja2.select_autoescape(("html.j2", "css")),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )


def _tiles(card: Card) -> list[Tile]:
    tiles = []
    if card.facts is not None:
        rows = card.facts.n_normal + card.facts.n_unlabelled + card.facts.n_anomalies
        tiles += [
            Tile(f"{rows:,}", f"training {card.things}"),
            Tile(f"{card.facts.n_anomalies:,}", "known anomalies"),
            Tile(f"{card.facts.n_normal:,}", "known normal"),
        ]
    if card.image_shape is None:
        tiles.append(Tile(str(card.model.n_features_in_), "columns"))
    else:
        extent, _, colours = words.size(card.image_shape).partition(" pixels, ")
        tiles.append(Tile(extent, f"pixels, {colours}"))
    evidence = card.evidence
    if evidence is not None:
        tiles.append(Tile(f"{evidence.n_flagged:,}", f"flagged of {len(evidence.scores):,}"))
        if evidence.quality is not None:
            tiles.append(
                Tile(
                    f"{100 * evidence.quality[0]:.1f} %",
                    f"AUROC on the {'table' if card.image_shape is None else 'images'}",
                )
            )
    return tiles


def _pictures(card: Card) -> list[Picture]:
    found = []
    evidence = card.evidence
    # a threshold that judges rows together has a cut-off per table, none for these
    together = card.threshold is not None and card.threshold.needs_all_rows
    cut = None if together else float(card.model.offset_)
    if card.facts is not None:
        note = (
            f"Scores of the {card.things} it was trained on, at every per cent; higher = more normal. New "
            f"{card.things} score a little lower. Very low scores share the leftmost bar."
        )
        rest, known = np.array(card.facts.score_quantiles), np.array(card.facts.anomaly_scores)
        count = card.facts.n_normal + card.facts.n_unlabelled
        found.append(_scores(f"Training {card.things}", note, rest, known, cut, card.things, count))
    if card.threshold is not None:
        note = f"Scores of {card.things} held out for the threshold. The model was not fitted on them."
        threshold = card.threshold
        found.append(
            _scores(
                f"Held-out {card.things}",
                note,
                threshold.calibration_,
                threshold.anomalies_,
                cut,
                card.things,
            )
        )
    if evidence is not None:
        rest, known = evidence.scores[~evidence.known], evidence.scores[evidence.known]
        if len(rest):
            here = cut if card.threshold is None else card.threshold.cut_off(evidence.scores)
            found.append(
                _scores(evidence.source, f"Scores of its {card.things}.", rest, known, here, card.things)
            )
    if evidence is not None and len(evidence.drivers):
        drivers = evidence.drivers.head(_DRIVERS)
        note = "Mean share in what lowers the scores of the most anomalous rows."
        names, shares = [str(name) for name in drivers.index], [float(value) for value in drivers]
        drawn = _twice(lambda width: figures.bars(names, shares, width, "What drives the scores"))
        found.append(Picture("What drives the scores", note, drawn))
    return found


def _cases(sheet: ContactSheet) -> list[tuple[str, list[Shown]]]:
    """Return the most anomalous and the most normal images, under their headings."""
    found = []
    for heading, cases in (("Most anomalous", sheet.anomalous), ("Most normal", sheet.normal)):
        shown = [
            Shown(each.name, f"{each.score:.4g}", each.flagged, tuple(_data_uri(t) for t in each.tiles))
            for each in cases
        ]
        if shown:
            found.append((heading, shown))
    return found


def _data_uri(tile: Any) -> str:
    return f"data:image/png;base64,{base64.b64encode(png(tile, _LONGEST)).decode()}"


def _scores(
    title: str, note: str, rest: Any, known: Any, cut: float | None, things: str, count: int | None = None
) -> Picture:
    what = f"Histogram of scores: {title}"
    shown = len(rest) if count is None else count
    return Picture(
        title, note, _twice(lambda width: figures.scores(rest, known, cut, shown, width, what, things))
    )


def _curve(card: Card) -> Picture | None:
    learned = None if card.evidence is None else card.evidence.curve
    if learned is None:
        return None
    what = "Held-out AUROC against the number of known anomalies"
    return Picture("Learning curve", learned.sentence(), _twice(lambda w: figures.curve(learned, w, what)))


def _twice(draw: Any) -> tuple[tuple[str, Markup], ...]:
    sizes: Sequence[tuple[str, int]] = (("wide", WIDE), ("narrow", NARROW))
    return tuple((kind, draw(width)) for kind, width in sizes)
