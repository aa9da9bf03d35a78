"""The numbers of a table as text."""

from __future__ import annotations

from typing import NamedTuple


class CellStyle(NamedTuple):
    """How the parts of a cell are written: the best of its column, a deviation, a published number, a remark."""

    best: str = "{}"
    spread: str = " ± {}"
    published: str = " ({})"
    remark: str = " *{}*"
    is_terminal: bool = False


PLAIN = CellStyle()
MARKDOWN = CellStyle(best="**{}**")
PAGE = CellStyle(best="*{}*")
"""Of the report's page, whose template makes the stars bold."""
TERMINAL = CellStyle(best="[bold green]{}[/bold green]", is_terminal=True)


def percent(value: float | None) -> str:
    """Return a fraction as percent with one decimal, or a dash.

    >>> percent(0.9734), percent(None)
    ('97.3', '–')
    """
    return "–" if value is None else f"{100 * value:.1f}"


def p_text(p: float | None) -> str:
    """Return a p-value with three decimals.

    >>> p_text(0.00195), p_text(0.0001), p_text(None)
    ('0.002', '<.001', '–')
    """
    if p is None:
        return "–"
    return "<.001" if p < 0.001 else f"{p:.3f}"


def points(value: float | None, digits: int = 2) -> str:
    """Return a difference of fractions in percentage points with its sign, or a dash.

    >>> points(0.0123), points(-0.5, 1), points(None)
    ('+1.23', '-50.0', '–')
    """
    return "–" if value is None else f"{100 * value:+.{digits}f}"


def spread(mean: float | None, std: float | None, style: CellStyle = PLAIN) -> str:
    """Return mean ± standard deviation in percent.

    >>> spread(0.973, 0.01), spread(0.5, None)
    ('97.3 ± 1.0', '50.0')
    """
    return percent(mean) + ("" if std is None else style.spread.format(percent(std)))


def marked_spread(mean: float | None, std: float | None, best: float, style: CellStyle) -> str:
    """Return mean ± standard deviation in percent, marked where the mean is the ``best`` of its column.

    >>> marked_spread(0.973, None, 0.973, MARKDOWN)
    '**97.3**'
    """
    text = spread(mean, std, style)
    return style.best.format(text) if mean is not None and mean == best else text
