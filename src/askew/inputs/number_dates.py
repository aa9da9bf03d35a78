"""Numbers that are dates: 20240305, the time since 1970 in some unit, a spreadsheet's days since 1900."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from askew.inputs.word_levels import MOSTLY, Mask

COMPACT = {"%Y%m%d": 1, "%Y%m%d%H%M%S": 1_000_000}
"""Forms whose digits are those of a date, and what the day is multiplied by."""

SCALES = {"epoch s": 1, "epoch ms": 1_000, "epoch us": 1_000_000, "epoch ns": 1_000_000_000}
"""Times since 1970, and their units in a second."""

SPREADSHEET = "days since 1900"
NUMBER_DATES = (*COMPACT, *SCALES, SPREADSHEET)
"""All forms of dates that are numbers."""

_FIRST, _LAST = 631_152_000, 2_524_608_000  # 1990 and 2050, seconds since 1970
_DAY = 86_400
_EPOCH_DAY = 25_569  # of 1970 in a spreadsheet
_NO_ACCIDENT = 0.01  # share of a second form from which it is none
_SOME = 2_000  # values by which a column is known to be none
_DIFFERENT = 3  # dates from which digits that all are dates are no accident

Values = NDArray[np.float64]


def number_dates(array: Any) -> tuple[str, ...]:
    """Return the date forms that numbers look like, the more common first; none unless nearly all do.

    A second form that one number in a hundred has is no accident; rarer ones are left out.

    >>> [number_dates(pa.array(values)) for values in ([1.7e9, 1.71e9], [20240305, 20231231], [45356.583333], [1])]
    [('epoch s',), ('%Y%m%d',), ('days since 1900',), ()]
    """
    values = np.asarray(pc.drop_null(array).cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False))
    values = values[np.isfinite(values)]
    if not len(values) or np.median(values[:_SOME]) < _EPOCH_DAY:
        return ()
    shares = {form: mask.mean() for form, mask in date_masks(values).items()}
    shares = {form: share for form, share in shares.items() if share >= _NO_ACCIDENT}
    return tuple(sorted(shares, key=lambda form: -shares[form])) if sum(shares.values()) >= MOSTLY else ()


def certain_dates(array: Any) -> str:
    """Return the form if all of some different numbers have the digits of a date, else "".

    >>> certain_dates(pa.array([20240305, 20240306, 20240307])), certain_dates(pa.array([1.7e9, 1.8e9, 1.9e9]))
    ('%Y%m%d', '')
    """
    forms = number_dates(array)
    if len(forms) != 1 or forms[0] not in COMPACT:
        return ""
    dates = dates_of_numbers(array, forms[0])
    gaps = pc.sum(pc.is_null(array, nan_is_null=True)).as_py()
    return forms[0] if dates.null_count == gaps and pc.count_distinct(dates).as_py() >= _DIFFERENT else ""


def date_masks(values: Values) -> dict[str, Mask]:
    """Return which numbers could be dates of each form that any has."""
    masks = {form: _is_digits(values, factor) for form, factor in COMPACT.items()}
    masks |= {form: _is_epoch(values, scale) for form, scale in SCALES.items()}
    masks[SPREADSHEET] = _is_spreadsheet(values)
    return {form: mask for form, mask in masks.items() if mask.any()}


def dates_of_numbers(array: Any, form: str) -> pa.Array:
    """Return numbers as dates of a form, timestamps in microseconds; null where there is none.

    >>> str(dates_of_numbers(pa.array([45356.5]), "days since 1900")[0])
    '2024-03-05 12:00:00'
    """
    array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    if form == "epoch ns" and pa.types.is_integer(array.type):
        return pc.divide(array.cast(pa.int64()), 1_000).cast(pa.timestamp("us"))
    values = array.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    known = np.isfinite(values)
    values = np.where(known, values, 0.0)
    if form in COMPACT:
        known &= _is_digits(values, COMPACT[form])
        days, clock = _parts(np.where(known, values, 19_700_101.0 * COMPACT[form]), COMPACT[form])
        stamps, same = _stamps(days, clock)
        return pa.array(stamps, pa.timestamp("us"), mask=~(known & same))
    seconds = (values - _EPOCH_DAY) * _DAY if form == SPREADSHEET else values / SCALES[form]
    stamps = np.round(seconds * 1e6).astype(np.int64).astype("datetime64[us]")
    return pa.array(stamps, pa.timestamp("us"), mask=~known)


def _is_epoch(values: Values, scale: int) -> Mask:
    inside: Mask = (values >= _FIRST * scale) & (values < _LAST * scale)
    inside &= values == np.floor(values)
    return inside


def _is_digits(values: Values, factor: int) -> Mask:
    fine: Mask = (values >= 19_000_101 * factor) & (values < 21_000_101 * factor)
    days, clock = _parts(np.where(fine, values, 0.0), factor)
    month, day = days // 100 % 100, days % 100
    fine &= (values == np.floor(values)) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    fine &= (clock // 10_000 < 24) & (clock // 100 % 100 < 60) & (clock % 100 < 60)
    return fine


def _is_spreadsheet(values: Values) -> Mask:
    """Return which numbers are days of these decades with a time of day in whole seconds, if half are no round sums."""
    fine: Mask = (values >= _EPOCH_DAY + _FIRST / _DAY) & (values < _EPOCH_DAY + _LAST / _DAY)
    seconds, cents = values * _DAY, values * 100
    fine &= np.abs(seconds - np.round(seconds)) < 0.06
    odd = np.abs(cents - np.round(cents)) > 1e-6
    fine &= bool((odd & fine).mean() >= 0.5)
    return fine


def _parts(values: Values, factor: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the digits of day and clock."""
    whole = values.astype(np.int64)
    return whole // factor, whole % factor


def _stamps(days: NDArray[np.int64], clock: NDArray[np.int64]) -> tuple[NDArray[np.datetime64], Mask]:
    """Return times in microseconds, and which of the days their months have."""
    months = ((days // 10_000 - 1970) * 12 + days // 100 % 100 - 1).astype("datetime64[M]")
    dates = months.astype("datetime64[D]") + (days % 100 - 1)
    seconds = clock // 10_000 * 3_600 + clock // 100 % 100 * 60 + clock % 100
    stamps = dates.astype("datetime64[us]") + seconds * np.int64(1_000_000)
    same: Mask = dates.astype("datetime64[M]") == months
    return stamps, same
