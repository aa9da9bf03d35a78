"""Numbers, outcomes and cells of Markdown as short text: the filters of the templates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from askew.benchmarks.result_tables.cell_text import p_text
from askew.benchmarks.result_tables.paired_tests import Comparison
from askew.plain_text import Markdown, as_markdown

LEVEL = 0.05
"""Level of the tests."""


def counted(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> counted(1, "seed"), counted(6, "data set")
    ('1 seed', '6 data sets')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def signed(points: float | None, digits: int = 1) -> str:
    """Return a difference of fractions in percentage points, with its sign.

    >>> signed(0.0123), signed(-0.0049, 2), signed(None), signed(-0.0001)
    ('+1.2', '−0.49', '–', '0.0')
    """
    if points is None:
        return "–"
    shown = f"{100 * points:+.{digits}f}"
    return shown[1:] if float(shown) == 0 else shown.replace("-", "−")


def seconds(value: float | None) -> str:
    """Return seconds with two digits that count, long times in minutes or hours.

    >>> seconds(0.0123), seconds(52.4), seconds(400.0), seconds(9000.0), seconds(None)
    ('0.012 s', '52 s', '6.7 min', '2.5 h', '–')
    """
    if value is None:
        return "–"
    for unit, length in (("h", 3600.0), ("min", 60.0)):
        if value >= 2 * length:
            return f"{value / length:.1f} {unit}"
    return f"{value:.0f} s" if value >= 10 else f"{value:.2g} s"


def ranges(numbers: Iterable[int]) -> str:
    """Return whole numbers as ranges.

    >>> ranges([3, 0, 1, 2, 7])
    '0–3, 7'
    """
    groups: list[list[int]] = []
    for number in sorted(numbers):
        if groups and number == groups[-1][-1] + 1:
            groups[-1].append(number)
        else:
            groups.append([number])
    return ", ".join(f"{g[0]}–{g[-1]}" if len(g) > 1 else str(g[0]) for g in groups)


def span(numbers: Iterable[int | None]) -> str:
    """Return the smallest and the largest of the numbers that are known.

    >>> span([1200, None, 100]), span([5]), span([None])
    ('100–1,200', '5', '–')
    """
    known = [number for number in numbers if number is not None]
    ends = sorted({min(known), max(known)}) if known else []
    return "–".join(f"{number:,}" for number in ends) or "–"


def p_pair(row: Comparison) -> str:
    """Return the p-values after Holm: Wilcoxon, t-test, and of random splits the corrected resampled t-test."""
    found = [row.wilcoxon_holm, row.t_holm, *([] if row.resampled_p is None else [row.resampled_holm])]
    return " / ".join(map(p_text, found))


def direction(row: Comparison) -> str:
    """Return ``above`` or ``below`` where both corrected tests agree that there is a difference, else ``within``."""
    if row.difference is None or any(p is None or p >= LEVEL for p in (row.wilcoxon_holm, row.t_holm)):
        return "within"
    return "above" if row.difference > 0 else "below"


def markdown_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Markdown:
    r"""Return a Markdown table; a ``|`` in a cell is escaped.

    >>> print(markdown_table(("a", "b"), [("1", "x|y")]))
    | a | b |
    | --- | --- |
    | 1 | x\|y |
    """
    lines = [headings, ["---"] * len(headings), *rows]
    return Markdown("\n".join(f"| {' | '.join(map(one_line, line))} |" for line in lines))


def one_line(text: str) -> Markdown:
    """Return text as Markdown, with single spaces."""
    return as_markdown(" ".join(text.split()))
