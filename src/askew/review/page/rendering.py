"""The page's templates, and how they write numbers, times and answers."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from askew.benchmarks.report.phrases import counted
from askew.benchmarks.report.templating import Templates
from askew.scoring import cell_text

WORDS = {
    "anomaly": "anomaly",
    "normal": "normal",
    "unsure": "don't know",
    "skip": "skipped",
    "": "several answers",
}
SIGNS = {"anomaly": "A", "normal": "N", "unsure": "?", "skip": "–", "": "…"}
DEEDS = {
    "answer": "answered",
    "undo": "took back",
    "settle": "settled",
    "refit": "fitted a new model",
    "model": "went to another model",
    "import": "imported",
    "settings": "changed how it asks",
    "open": "opened the review",
}
"""The kinds of lines of a log, in words."""

_DIGITS, _NUMERIC = 9, set("+-.eE0123456789")
"""Characters of a number that may be shown as they are, and what numbers are made of."""

_STATIC = Path(__file__).parent / "static"
_KINDS = {".js": "text/javascript", ".svg": "image/svg+xml", ".css": "text/css"}


def severity_text(severity: float) -> str:
    """Return a severity with one digit; 100 is for what is exactly that.

    >>> severity_text(99.97), severity_text(100.0), severity_text(3.25)
    ('99.9', '100', '3.2')
    """
    return "100" if severity >= 100 else f"{min(severity, 99.9):.1f}"


def score_text(score: float) -> str:
    """Return a score with four digits that count, and a minus that is as wide as a digit.

    >>> score_text(-0.123456)
    '−0.1235'
    """
    return f"{score:.4g}".replace("-", "−")


def cell(value: Any) -> str | Markup:
    """Return a raw cell as a person reads it: of a number six digits that count, and the whole as its tooltip.

    >>> cell("0.12345678901"), cell("Oslo"), cell(None)
    (Markup('<span title="0.12345678901">0.123457</span>'), 'Oslo', 'missing')
    """
    text = cell_text(value)
    if len(text) <= _DIGITS or not (set(text) <= _NUMERIC) or text.count(".") != 1:
        return text
    try:
        short = cell_text(float(f"{float(text):.6g}"))
    except ValueError:
        return text
    return Markup('<span title="{}">{}</span>').format(text, short) if len(short) < len(text) else text


def plural(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> plural(1, "anomaly"), plural(3, "anomaly"), plural(1200, "row")
    ('1 anomaly', '3 anomalies', '1,200 rows')
    """
    return f"{number:,} {noun[:-1]}ies" if noun.endswith("y") and number != 1 else counted(number, noun)


def local_time(at: str) -> str:
    """Return a time (ISO 8601, UTC) as a clock here shows it, with the day if it is not today."""
    if not at:
        return ""
    local = datetime.fromisoformat(at).astimezone()
    today = local.date() == datetime.now().astimezone().date()
    return f"{local:%H:%M}" if today else f"{local:%-d %b %Y %H:%M}"


_TEMPLATES = Templates(
    "",
    "askew.review.page",
    "askew.benchmarks.report",
    filters={
        "cell": cell,
        "text": cell_text,
        "counted": plural,
        "local_time": local_time,
        "score": score_text,
        "severity": severity_text,
    },
)


def rendered(template: str, status: int = 200, /, **context: Any) -> Response:
    """Return a page; what it is given is escaped."""
    return HTMLResponse(
        _TEMPLATES.page(template, words=WORDS, signs=SIGNS, deeds=DEEDS, **context), status_code=status
    )


def message(heading: str, text: str, status: int, asks_for_token: bool = False) -> Response:
    """Return a page that says one thing."""
    context = {"heading": heading, "text": text, "asks_for_token": asks_for_token}
    return rendered("message.html.j2", status, **context)


def static_files() -> dict[str, tuple[bytes, str]]:
    """Return the content and the type of the files that hold no data, by their names."""
    files = {path.name: path.read_bytes() for path in _STATIC.iterdir() if path.suffix in _KINDS}
    files["review.css"] = _TEMPLATES.page("review.css").encode()
    return {name: (content, _KINDS[Path(name).suffix]) for name, content in files.items()}
