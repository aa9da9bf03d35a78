"""Dates as people and programs write them: which way a column does, their values, and whole numbers that are dates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from askew.inputs.word_levels import MOSTLY, Mask, WordLevels, as_mask

ISO, ISO_ZONE = "iso", "iso zone"

_DAYS = {
    "%Y-%m-%d": r"\d{4}-\d{1,2}-(?P<d>\d{1,2})",
    "%Y/%m/%d": r"\d{4}/\d{1,2}/(?P<d>\d{1,2})",
    "%Y.%m.%d": r"\d{4}\.\d{1,2}\.(?P<d>\d{1,2})",
    "%d.%m.%Y": r"(?P<d>\d{1,2})\.\d{1,2}\.\d{4}",
    "%d/%m/%Y": r"(?P<d>\d{1,2})/\d{1,2}/\d{4}",
    "%m/%d/%Y": r"\d{1,2}/(?P<d>\d{1,2})/\d{4}",
    "%d-%m-%Y": r"(?P<d>\d{1,2})-\d{1,2}-\d{4}",
    "%m-%d-%Y": r"\d{1,2}-(?P<d>\d{1,2})-\d{4}",
    "%d.%m.%y": r"(?P<d>\d{1,2})\.\d{1,2}\.\d{2}",
    "%d/%m/%y": r"(?P<d>\d{1,2})/\d{1,2}/\d{2}",
    "%m/%d/%y": r"\d{1,2}/(?P<d>\d{1,2})/\d{2}",
    "%b %d, %Y": r"[A-Za-z]{3,9} (?P<d>\d{1,2}), \d{4}",
    "%b %d %Y": r"[A-Za-z]{3,9} (?P<d>\d{1,2}) \d{4}",
    "%d %b %Y": r"(?P<d>\d{1,2}) [A-Za-z]{3,9} \d{4}",
    "%d-%b-%Y": r"(?P<d>\d{1,2})-[A-Za-z]{3,9}-\d{4}",
    "%d-%b-%y": r"(?P<d>\d{1,2})-[A-Za-z]{3,9}-\d{2}",
}
_TIMES = {
    "": "",
    " %H:%M": r" \d{1,2}:\d{2}",
    " %H:%M:%S": r" \d{1,2}:\d{2}:\d{2}",
    " %I:%M %p": r" \d{1,2}:\d{2} [AaPp][Mm]",
    " %I:%M:%S %p": r" \d{1,2}:\d{2}:\d{2} [AaPp][Mm]",
}
_CLOCK = r"\d{2}:\d{2}(:\d{2}(\.\d+)?)?"
_LOOKS = {
    ISO: rf"^\d{{4}}-\d{{2}}-\d{{2}}([ T]{_CLOCK})?$",
    ISO_ZONE: rf"^\d{{4}}-\d{{2}}-\d{{2}}[ T]{_CLOCK} ?(Z|UTC|GMT|[-+]\d{{2}}:?\d{{2}})$",
    **{day + time: f"^{look}{clock}$" for day, look in _DAYS.items() for time, clock in _TIMES.items()},
}
_COMPACT = "%Y%m%d"
_COMPACT_LOOK = r"^(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])$"
_SCALES = {"epoch s": 1, "epoch ms": 1_000, "epoch us": 1_000_000, "epoch ns": 1_000_000_000}
NUMBER_DATES = (_COMPACT, *_SCALES)
"""Forms of dates that are whole numbers."""

_FIRST, _LAST = 631_152_000, 2_524_608_000  # 1990 and 2050, seconds since 1970
_NAMES = {
    ISO: "2024-12-31 without a time zone",
    ISO_ZONE: "2024-12-31T10:00:00Z with a time zone",
    _COMPACT: "20241231",
    "epoch s": "seconds since 1970",
    "epoch ms": "milliseconds since 1970",
    "epoch us": "microseconds since 1970",
    "epoch ns": "nanoseconds since 1970",
}
_EXAMPLES = (
    ("%Y", "2024"), ("%m", "12"), ("%d", "31"), ("%y", "24"), ("%b", "Dec"), ("%H", "18"), ("%I", "06"), ("%M", "30"),
    ("%S", "05"), ("%p", "PM"),
)  # fmt: skip
_NO_ACCIDENT = 0.01
_SAMPLE = 2_000  # words by which forms are shortlisted


class DateWays(NamedTuple):
    """What words tell of the way their dates are written.

    `share` of the cells are dates; `forms` fit all of these; two: days or months may come first. None: `clash` has two
    forms, each with a cell.
    """

    share: float
    forms: tuple[str, ...] = ()
    clash: Mapping[str, str] | None = None


def date_ways(levels: WordLevels) -> DateWays:
    """Return how the dates among words are written.

    >>> date_ways(WordLevels.of(pa.array(["Mar 05, 2024", "Apr 1, 2024"]))).forms
    ('%b %d, %Y',)
    >>> date_ways(WordLevels.of(pa.array(["2024-03-05", "2024-03-05T10:00:00Z"]))).clash
    {'iso': '2024-03-05', 'iso zone': '2024-03-05T10:00:00Z'}
    """
    tidy = WordLevels(_tidied(levels.words), levels.counts)
    seen = tidy.sample(_SAMPLE)
    found = {
        form: mask
        for form, look in _LOOKS.items()
        if seen.match(look).any() and (mask := tidy.match(look)).any()
    }
    if ISO in found:
        found = {
            form: mask
            for form, mask in found.items()
            if not form.startswith("%Y-%m-%d") or (mask & ~found[ISO]).any()
        }
    if not found:
        return DateWays(0.0)
    compact = tidy.match(_COMPACT_LOOK)
    epochs = _epochs(tidy)
    whole = np.logical_or.reduce([*found.values(), compact, *epochs.values()])
    families = _families(found, tidy)
    fits = {forms: mask for forms, mask in families.items() if tidy.share(mask) >= MOSTLY * tidy.share(whole)}
    if fits:
        good = [forms for forms, mask in fits.items() if not _dates(tidy.take(mask).words, forms).null_count]
        return DateWays(tidy.share(next(iter(fits.values()))), tuple(good or list(fits)[:1]))
    other = families | {_COMPACT: compact} | epochs
    first = max(other, key=lambda forms: tidy.share(other[forms]))
    second = max(other, key=lambda forms: tidy.share(other[forms] & ~other[first]))
    cells = {first: levels.first(other[first]), second: levels.first(other[second] & ~other[first])}
    return DateWays(tidy.share(whole), clash=cells)


def read_dates(words: pa.Array, form: str) -> pa.Array:
    """Return the dates that words spell, timestamps in microseconds, with a zone (then in UTC) only if the form has.

    >>> str(read_dates(pa.array(["5 Mar 2024", "soon"]), "%d %b %Y")[0])
    '2024-03-05 00:00:00'
    """
    if form in _SCALES:
        whole = pc.match_substring_regex(words, r"^-?\d{1,18}(\.0*)?$")
        numbers = pc.if_else(pc.fill_null(whole, False), words, pa.scalar(None, pa.string())).cast(
            pa.float64()
        )
        return dates_of_numbers(numbers, form)
    encoded = _tidied(words).dictionary_encode()
    return _dates(encoded.dictionary, form).take(encoded.indices)


def number_dates(array: Any) -> tuple[str, ...]:
    """Return the date forms that whole numbers look like, the more common first; none unless nearly all do.

    A second form that one number in a hundred has is no accident; rarer ones are left out.

    >>> [number_dates(pa.array(values)) for values in ([1.7e9, 1.71e9], [20240305, 20231231], [1])]
    [('epoch s',), ('%Y%m%d',), ()]
    """
    values = np.asarray(pc.drop_null(array).cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False))
    values = values[np.isfinite(values)]
    if not len(values) or np.median(values[:_SAMPLE]) < 10_000_000:
        return ()
    masks = {form: _in_range(values, scale) for form, scale in _SCALES.items()} | {
        _COMPACT: _is_compact(values)
    }
    shares = {form: float(mask.mean()) for form, mask in masks.items() if mask.mean() >= _NO_ACCIDENT}
    whole = np.logical_or.reduce([masks[form] for form in shares]).mean() if shares else 0.0
    return tuple(sorted(shares, key=lambda form: -shares[form])) if whole >= MOSTLY else ()


def dates_of_numbers(array: Any, form: str) -> pa.Array:
    """Return whole numbers as dates: 20240305 or the time since 1970 in a unit; null where there is none."""
    numbers = array.cast(pa.float64(), safe=False)
    if form == _COMPACT:
        words = (
            pc.if_else(pc.is_finite(numbers), numbers, None).cast(pa.int64(), safe=False).cast(pa.string())
        )
        return _strptime(words, _COMPACT)
    scale = _SCALES[form]
    exact = array.cast(pa.int64(), safe=False) if pa.types.is_integer(array.type) else None
    if exact is not None and scale > 1_000_000:
        return pc.divide(exact, scale // 1_000_000).cast(pa.timestamp("us"))
    micro = pc.round(pc.multiply(numbers, 1_000_000 / scale))
    return pc.if_else(pc.is_finite(micro), micro, None).cast(pa.int64(), safe=False).cast(pa.timestamp("us"))


def example(form: str) -> str:
    """Return a form in words, by an example.

    >>> example("%d.%m.%Y %H:%M|%d.%m.%Y"), example("epoch s")
    ('31.12.2024 18:30', 'seconds since 1970')
    """
    text = _NAMES.get(form, form.split("|")[0])
    for mark, value in _EXAMPLES:
        text = text.replace(mark, value)
    return text


def _families(found: Mapping[str, Mask], levels: WordLevels) -> dict[str, Mask]:
    """Return forms that differ by their time of day alone together, as ``form|form``."""
    families: dict[str, Mask] = {}
    for day in (ISO, ISO_ZONE, *_DAYS):
        members = [form for form in found if form == day or (day in _DAYS and form.startswith(day))]
        members = [form for form in members if form == day or form[len(day) :] in _TIMES]
        if members:
            members.sort(key=lambda form: -levels.share(found[form]))
            families["|".join(members)] = np.logical_or.reduce([found[form] for form in members])
    return families


def _epochs(levels: WordLevels) -> dict[str, Mask]:
    whole = levels.match(r"^\d{9,19}$")
    if not whole.any():
        return {}
    text = pc.if_else(pa.array(whole), levels.words, pa.scalar(None, pa.string()))
    values = text.cast(pa.float64()).to_numpy(zero_copy_only=False)
    masks = {form: _in_range(values, scale) for form, scale in _SCALES.items()}
    return {form: mask for form, mask in masks.items() if mask.any()}


def _in_range(values: np.ndarray[Any, np.dtype[np.float64]], scale: int) -> Mask:
    inside: Mask = (values >= _FIRST * scale) & (values < _LAST * scale)
    return inside & (values == np.floor(values))


def _is_compact(values: np.ndarray[Any, np.dtype[np.float64]]) -> Mask:
    month, day = values // 100 % 100, values % 100
    fine: Mask = (values >= 19_000_101) & (values < 21_000_101) & (values == np.floor(values))
    fine &= (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    return fine


def _tidied(words: pa.Array) -> pa.Array:
    """Return words with single blanks, and without what no format has: a weekday in front, parts of a second."""
    text = pc.replace_substring_regex(words, "[\\x{00A0}\\x{202F}\\s]+", " ")
    text = pc.replace_substring_regex(text, "^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? ", "")
    text = pc.replace_substring_regex(text, r"(\d) ?([AaPp])\.?([Mm])\.?$", r"\1 \2\3")
    return pc.replace_substring_regex(text, r"^([^-]*\D\d{1,2}:\d{2}:\d{2})[.,]\d+", r"\1")


def _dates(words: pa.Array, forms: str) -> pa.Array:
    if forms in (ISO, ISO_ZONE):
        return _iso_dates(words, forms)
    if forms == _COMPACT or forms in _SCALES:
        return read_dates(words, forms) if forms in _SCALES else _strptime(words, forms)
    parts = [_iso_dates(words, ISO) if form == ISO else _strptime(words, form) for form in forms.split("|")]
    return pc.coalesce(*parts) if len(parts) > 1 else parts[0]


def _strptime(words: pa.Array, form: str) -> pa.Array:
    look = _COMPACT_LOOK if form == _COMPACT else _LOOKS[form]
    day = pc.struct_field(pc.extract_regex(words, look), "d")  # null where a word looks otherwise
    words = pc.if_else(pc.is_valid(day), words, pa.scalar(None, pa.string()))
    values = pc.strptime(words, format=form, unit="us", error_is_null=True)
    same = pc.equal(pc.day(values), day.cast(pa.int64()))  # the 31st of February would be the 2nd of March
    return pc.if_else(pc.fill_null(same, False), values, pa.scalar(None, values.type))


def _iso_dates(words: pa.Array, form: str) -> pa.Array:
    kind = pa.timestamp("us", "UTC" if form == ISO_ZONE else None)
    fine = as_mask(pc.match_substring_regex(words, _LOOKS[form]))
    words = pc.if_else(pa.array(fine), words, pa.scalar(None, pa.string()))
    words = pc.replace_substring_regex(words, r"(\.\d{6})\d+", r"\1")
    words = pc.replace_substring_regex(words, r" ?(Z|UTC|GMT)$", "Z")
    words = pc.replace_substring_regex(words, r"(\d) ([-+]\d)", r"\1\2")
    try:
        return words.cast(kind)
    except pa.ArrowInvalid:  # a day that no month has: find it
        return pa.array([_one_date(word, kind) for word in words], kind)


def _one_date(word: pa.StringScalar, kind: pa.DataType) -> Any:
    try:
        return word.cast(kind).as_py()
    except pa.ArrowInvalid:
        return None
