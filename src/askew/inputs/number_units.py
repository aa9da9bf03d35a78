"""Units and currencies beside the numbers of a column."""

from __future__ import annotations

import unicodedata

import numpy as np

from askew.inputs.word_levels import MOSTLY, Mask, WordLevels

_CODES = (
    "USD EUR GBP JPY CHF NOK SEK DKK ISK PLN CZK HUF RON BGN TRY RUB UAH CNY INR KRW BRL MXN CAD AUD NZD ZAR SGD "
    "HKD THB IDR MYR PHP VND ILS AED SAR"
).split()
CURRENCY = rf"\p{{L}}{{0,3}}\p{{Sc}}|{'|'.join(_CODES)}|kr\.?|Kr\.?|Fr\.?|Rs\.?|zł|Kč"
"""Pattern of a currency."""

_UNITS = frozenset(
    "% ‰ bps CR DR Cr Dr k K M bn mio mln Mio Mrd KB kB MB GB TB KiB MiB GiB g kg mg µg μg t lb oz m cm mm km "
    "nm µm μm in ft mi yd mile s ms us ns µs μs sec min mins h hr hour d day week month year yr W kW MW mW V "
    "mV kV A mA Hz kHz MHz GHz Pa kPa hPa bar psi °C °F °K l L ml dl J kJ cal kcal kWh Wh MWh m² m2 m³ m3 km/h "
    "mph m/s".split()
)
_MANY_UNITS = 50  # different ones: codes, not units


def common_unit(
    units: list[str], numeric: Mask, levels: WordLevels
) -> tuple[str, Mask, tuple[str, str] | None]:
    """Return the unit of the numbers, which cells are numbers by it, and two cells of different ones."""
    own = np.array(units, dtype=object)
    kinds = dict.fromkeys(_canonical(unit) for unit in dict.fromkeys(own[numeric]) if unit)
    bare = numeric & (own == "")
    if not kinds:
        return "", numeric, None
    if len(kinds) > _MANY_UNITS:
        return "", bare, None
    spelt = {unit: _canonical(unit) for unit in set(units)}
    canonical = np.array([spelt[unit] for unit in units], dtype=object)
    masks = {kind: numeric & (canonical == kind) for kind in kinds}
    top = max(kinds, key=lambda kind: levels.share(masks[kind]))
    first = str(own[masks[top].argmax()])
    whole = max(levels.share(numeric), 1e-9)
    if len(kinds) == 1 and (_is_currency(first) or not bare.any()):
        return first, numeric, None
    if len(kinds) == 1:
        part = levels.share(masks[top]) / whole
        mistakes = not 1 - MOSTLY < part < MOSTLY
        if mistakes or first in _UNITS:
            return first, numeric, (levels.first(masks[top]), levels.first(bare))
        return "", bare, None
    other = next(kind for kind in kinds if kind != top)
    known = all(
        str(own[mask.argmax()]) in _UNITS or _is_currency(str(own[mask.argmax()])) for mask in masks.values()
    )
    mistakes = max(levels.share(masks[top]), levels.share(bare)) / whole >= MOSTLY
    if known or mistakes:
        return first, numeric, (levels.first(masks[top]), levels.first(masks[other]))
    return "", bare, None


def same_unit(units: list[str], unit: str) -> Mask:
    """Return which cells have a unit, whatever its spelling; of a currency also those without one."""
    wanted = {_canonical(unit)} | ({""} if _is_currency(unit) or not unit else set())
    fits = {each: _canonical(each) in wanted for each in set(units)}
    same: Mask = np.array([fits[each] for each in units], dtype=np.bool_)
    return same


def _canonical(unit: str) -> str:
    """Return a unit as its other spellings have it, too: days as day, KG as kg, but mW and MW as they are."""
    unit = unit[:-1] if len(unit) > 2 and unit.endswith("s") else unit
    return unit if unit[:1] in "mM" else unit.casefold()


def _is_currency(unit: str) -> bool:
    return any(unicodedata.category(letter) == "Sc" for letter in unit) or unit in {
        *_CODES,
        "kr",
        "Kr",
        "Fr",
        "Rs",
        "zł",
        "Kč",
    }
