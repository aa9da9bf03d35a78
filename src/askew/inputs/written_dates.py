"""Dates as people and programs write them: which way a column does, their values, and whole numbers that are dates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from askew.inputs.number_dates import NUMBER_DATES, SPREADSHEET, date_masks, dates_of_numbers
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
_LIKE = (
    r"^(\d{1,4}[-/.][A-Za-z\d]{1,9}[-/.]\d{1,4}|\d{1,2} [A-Za-z]{3,9} \d{4}|[A-Za-z]{3,9} \d{1,2},? \d{4})"
)
_CLOCK = r"\d{2}:\d{2}(:\d{2}(\.\d+)?)?"
_LOOKS = {
    ISO: rf"^\d{{4}}-\d{{2}}-\d{{2}}([ T]{_CLOCK})?$",
    ISO_ZONE: rf"^\d{{4}}-\d{{2}}-\d{{2}}[ T]{_CLOCK} ?(Z|UTC|GMT|[-+]\d{{2}}:?\d{{2}})$",
    **{day + time: f"^{look}{clock}$" for day, look in _DAYS.items() for time, clock in _TIMES.items()},
}
_NAMES = {
    ISO: "2024-12-31 without a time zone",
    ISO_ZONE: "2024-12-31T10:00:00Z with a time zone",
    "%Y%m%d": "20241231",
    "%Y%m%d%H%M%S": "20241231183005",
    "epoch s": "seconds since 1970",
    "epoch ms": "milliseconds since 1970",
    "epoch us": "microseconds since 1970",
    "epoch ns": "nanoseconds since 1970",
    SPREADSHEET: "a spreadsheet's days since 1900",
}
_EXAMPLES = (
    ("%Y", "2024"), ("%m", "12"), ("%d", "31"), ("%y", "24"), ("%b", "Dec"), ("%H", "18"), ("%I", "06"), ("%M", "30"),
    ("%S", "05"), ("%p", "PM"),
)  # fmt: skip
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
    some = levels.sample(_SAMPLE)
    seen = WordLevels(_tidied(some.words), some.counts)
    if not seen.match(_LIKE).any():
        return DateWays(0.0)
    tidy = WordLevels(_tidied(levels.words), levels.counts)
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
    numbers = _number_masks(tidy)
    whole = np.logical_or.reduce([*found.values(), *numbers.values()])
    families = _families(found, tidy)
    fits = {forms: mask for forms, mask in families.items() if tidy.share(mask) >= MOSTLY * tidy.share(whole)}
    if fits:
        good = [forms for forms, mask in fits.items() if not _dates(tidy.take(mask).words, forms).null_count]
        return DateWays(tidy.share(next(iter(fits.values()))), tuple(good or list(fits)[:1]))
    other = families | numbers
    first = max(other, key=lambda forms: tidy.share(other[forms]))
    second = max(other, key=lambda forms: tidy.share(other[forms] & ~other[first]))
    cells = {first: levels.first(other[first]), second: levels.first(other[second] & ~other[first])}
    return DateWays(tidy.share(whole), clash=cells)


def read_dates(words: pa.Array, form: str) -> pa.Array:
    """Return the dates that words spell, timestamps in microseconds, with a zone (then in UTC) only if the form has.

    >>> str(read_dates(pa.array(["5 Mar 2024", "soon"]), "%d %b %Y")[0])
    '2024-03-05 00:00:00'
    """
    if form in NUMBER_DATES:
        return dates_of_numbers(_plain(words), form)
    encoded = _tidied(words).dictionary_encode()
    return _dates(encoded.dictionary, form).take(encoded.indices)


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


def _number_masks(levels: WordLevels) -> dict[str, Mask]:
    """Return which words could be dates that are numbers."""
    return date_masks(_plain(levels.words).fill_null(0.0).to_numpy(zero_copy_only=False))


def _plain(words: pa.Array) -> pa.Array:
    fine = pc.fill_null(pc.match_substring_regex(words, r"^\d{5,19}(\.\d*)?$"), False)
    return pc.if_else(fine, words, pa.scalar(None, pa.string())).cast(pa.float64())


def _tidied(words: pa.Array) -> pa.Array:
    """Return words with single blanks, and without what no format has: a weekday in front, parts of a second."""
    text = pc.replace_substring_regex(words, "[\\x{00A0}\\x{202F}\\s]+", " ")
    text = pc.replace_substring_regex(text, "^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? ", "")
    text = pc.replace_substring_regex(text, r"(\d) ?([AaPp])\.?([Mm])\.?$", r"\1 \2\3")
    return pc.replace_substring_regex(text, r"^([^-]*\D\d{1,2}:\d{2}:\d{2})[.,]\d+", r"\1")


def _dates(words: pa.Array, forms: str) -> pa.Array:
    if forms in (ISO, ISO_ZONE):
        return _iso_dates(words, forms)
    if forms in NUMBER_DATES:
        return dates_of_numbers(_plain(words), forms)
    parts = [_iso_dates(words, ISO) if form == ISO else _strptime(words, form) for form in forms.split("|")]
    return pc.coalesce(*parts) if len(parts) > 1 else parts[0]


def _strptime(words: pa.Array, form: str) -> pa.Array:
    day = pc.struct_field(pc.extract_regex(words, _LOOKS[form]), "d")  # null where a word looks otherwise
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
