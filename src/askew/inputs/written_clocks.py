"""Times of day and durations (14:05; 2:05 PM; 01:30:15): which way a column writes them, and their values."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from askew.inputs.word_levels import MOSTLY, WordLevels, as_mask

CLOCKS = {"h:m": "minutes", "h:m:s": "seconds"}
"""Forms of times, and what their numbers count."""

_HALF_DAY = r"(?P<half>(?: ?[AaPp]\.?[Mm]\.?)?)$"
_LOOKS = {
    "h:m": r"^(?P<sign>-?)(?P<h>\d{1,3}):(?P<m>[0-5]\d)" + _HALF_DAY,
    "h:m:s": r"^(?P<sign>-?)(?P<h>\d{1,3}):(?P<m>[0-5]\d):(?P<s>[0-5]\d(?:[.,]\d+)?)" + _HALF_DAY,
}


class ClockWays(NamedTuple):
    """What words tell of the way their times are written: the `share` of times, their `form`, or two that clash."""

    share: float
    form: str = ""
    clash: tuple[str, str] | None = None


def clock_ways(levels: WordLevels) -> ClockWays:
    """Return how the times among words are written.

    >>> clock_ways(WordLevels.of(pa.array(["14:05", "9:30"]))).form
    'h:m'
    """
    masks = {form: levels.match(look) for form, look in _LOOKS.items()}
    share = levels.share(np.logical_or.reduce(list(masks.values())))
    form = max(masks, key=lambda each: levels.share(masks[each]))
    if levels.share(masks[form]) >= MOSTLY or share < MOSTLY:
        return ClockWays(levels.share(masks[form]), form)
    first, second = (levels.first(mask) for mask in masks.values())
    return ClockWays(share, clash=(first, second))


def read_clocks(words: pa.Array, form: str) -> pa.Array:
    """Return the times that words spell, in minutes for ``h:m`` and in seconds for ``h:m:s``; null for others.

    >>> read_clocks(pa.array(["14:05", "2:05 PM", "12:30 am", "soon"]), "h:m").to_pylist()
    [845.0, 845.0, 30.0, None]
    """
    found = pc.extract_regex(words, _LOOKS[form])
    part = {field.name: pc.struct_field(found, field.name) for field in found.type}
    hours = pc.cast(part["h"], pa.float64())
    half = pc.utf8_lower(part["half"])
    marked = pc.match_substring_regex(half, "[ap]")
    noon = pc.if_else(pc.match_substring(half, "p"), 12.0, 0.0)
    hours = pc.if_else(marked, pc.add(pc.if_else(pc.equal(hours, 12.0), 0.0, hours), noon), hours)
    value = pc.add(pc.multiply(hours, 60.0), part["m"].cast(pa.float64()))
    if form == "h:m:s":
        seconds = pc.replace_substring(part["s"], ",", ".").cast(pa.float64())
        value = pc.add(pc.multiply(value, 60.0), seconds)
    value = pc.if_else(pc.equal(part["sign"], "-"), pc.negate(value), value)
    late = as_mask(pc.and_(marked, pc.greater_equal(hours, 24.0)))  # 13:00 PM is no time
    return pc.if_else(pa.array(late), pa.scalar(None, pa.float64()), value)
