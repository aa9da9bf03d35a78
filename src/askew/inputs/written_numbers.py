"""Numbers as people write them (1.234,50 €; (12.3); 45 %; 1 234 kg): which way a column does, and their values."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from askew.inputs.number_units import CURRENCY, common_unit, same_unit
from askew.inputs.word_levels import MOSTLY, Mask, WordLevels, as_mask

PLAIN = r"^[-+]?((\d+\.?\d*|\.\d+)([eE][-+]?\d+)?|(?i:inf|infinity))$"
"""What Arrow and Python read as a number."""

_SPACES = "[\\x{00A0}\\x{2000}-\\x{200A}\\x{202F}\\x{205F}\\x{3000}\\s]+"
_UNSEEN = (
    "[\\x{200B}-\\x{200F}\\x{202A}-\\x{202E}\\x{2060}\\x{FEFF}]"  # widths of zero, directions of writing
)
_MINUS = "[\\x{2212}\\x{2010}-\\x{2013}\\x{FE63}\\x{FF0D}]"
_APOSTROPHES = "[\\x{2019}\\x{02BC}`\\x{00B4}_]"

_CELL = (
    rf"^(?P<open>\(?) ?(?P<lead>[-+]?) ?(?P<before>(?:{CURRENCY})?) ?(?P<sign>[-+]?) ?"
    r"(?P<inner>\(?)(?P<body>[.,]?\d(?:[\d.,' ]*[\d.,])?)(?P<exponent>(?:[eE][-+]?\d+|[dD][-+]\d+)?) ?"
    r"(?P<after>(?:[\p{L}\p{Sc}%‰°µ][\p{L}\p{Sc}%°/.·*^]{0,10}[23²³]?)?) ?(?P<trail>-?) ?(?P<close>\)?)$"
)
_SIGN = r"[-+\x{2212}\x{2013}(]?\s*"
_START = (  # of all that may be a number, and of little else
    rf"^[\s(\x{{200B}}-\x{{200F}}\x{{202A}}-\x{{202E}}\x{{2060}}\x{{FEFF}}']*{_SIGN}(?:(?:{CURRENCY})?\s*{_SIGN}"
    r"[.,]?\p{Nd}|(?i:inf))"
)
_SHARES = {"%": 0.01, "‰": 0.001}
_SAMPLE = 2_000  # words by which it is seen that few are numbers
_FEW = 0.3


@dataclass(frozen=True)
class NumberForm:
    """How a column writes its numbers: the `decimal` mark, `thousands` between groups of digits, the `unit`.

    A blank or an apostrophe between groups of three digits can mean nothing else and is always read; `thousands` is "."
    or ",", or "" where single groups (1,234) have not been seen to be thousands. As text it is an example.

    >>> str(NumberForm(",", ".", "€"))
    '1.234,5 €'
    >>> NumberForm.parse("1234,5")
    NumberForm(decimal=',', thousands='', unit='')
    """

    decimal: str = "."
    thousands: str = ""
    unit: str = ""

    def __str__(self) -> str:
        return f"1{self.thousands}234{self.decimal}5 {self.unit}".strip()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the form that an example such as ``1.234,5 €`` stands for."""
        found = re.fullmatch(r"1([.,]?)234([.,])5(?: (.+))?", text)
        if found is None:
            raise ValueError(f"form of numbers must be like 1.234,5 kg; got {text!r}.")
        return cls(found[2], found[1], found[3] or "")

    def as_said(self, decimal: str, thousands: str) -> NumberForm:
        """Return the form with what a person says of one or both marks; the other mark then stands between thousands.

        >>> str(NumberForm(unit="kg").as_said("", "."))
        '1.234,5 kg'
        """
        other = {".": ",", ",": "."}
        mark = decimal or other.get(thousands, self.decimal)
        group = other[mark] if not thousands else thousands if thousands in other else ""
        return NumberForm(mark, group, self.unit)


class NumberWays(NamedTuple):
    """What words tell of the way their numbers are written.

    `share` of the cells are numbers; `forms` read all of these, those with a decimal point first. More than one decimal
    mark among them: some cell could be either, such as the `doubtful`, "" if every form gives the same values. None:
    `clash` has two cells that no form reads together.
    """

    share: float
    forms: tuple[NumberForm, ...] = ()
    clash: tuple[str, str] | None = None
    doubtful: str = ""


def number_ways(levels: WordLevels, decimal: str = "", thousands: str = "") -> NumberWays:
    """Return how the numbers among words are written; `decimal` and `thousands` are what a person says of them.

    >>> number_ways(WordLevels.of(pa.array(["0,84", "1.234,5"]))).forms
    (NumberForm(decimal=',', thousands='.', unit=''),)
    >>> number_ways(WordLevels.of(pa.array(["1,234", "12"]))).doubtful
    '1,234'
    >>> number_ways(WordLevels.of(pa.array(["1.5", "1,5"]))).clash
    ('1.5', '1,5')
    """
    if levels.share(levels.match(_START)) < _FEW:
        return NumberWays(0.0)
    if len(levels) <= 2 * _SAMPLE:
        return _ways(levels, decimal, thousands)
    sample = levels.sample(_SAMPLE)
    found = _ways(sample, decimal, thousands)
    if found.share < _FEW or found.clash is not None:
        return found
    odd = ~as_mask(_quick_numbers(levels.words, found.forms[0])[0])  # the others tell nothing more
    odd |= as_mask(pc.is_in(levels.words, value_set=sample.words))
    found = _ways(levels.take(odd), decimal, thousands)
    return found._replace(share=levels.share(~odd) + found.share * levels.share(odd))


def _ways(levels: WordLevels, decimal: str, thousands: str) -> NumberWays:
    cells = _Cells(levels.words)
    forms = [
        NumberForm(mark, group)
        for mark, group in ((".", ""), (".", ","), (",", ""), (",", "."))
        if decimal in ("", mark)
        and (not thousands or thousands == group or (group == "" and thousands in " '"))
    ]
    read = {form: cells.read_by(form) for form in forms}
    numeric = np.logical_or.reduce([*read.values(), cells.infinite])
    if cells.are_codes(numeric, levels):
        return NumberWays(0.0)
    unit, numeric, clash = common_unit(cells.units, numeric, levels)
    share = levels.share(numeric)
    if clash is not None or not numeric.any():
        return NumberWays(share, clash=clash)
    fits = [form for form in forms if not (numeric & ~read[form] & ~cells.infinite).any()]
    if not fits:
        best = max(forms, key=lambda form: levels.share(read[form] & numeric))
        odd = numeric & ~read[best] & ~cells.infinite
        marked = numeric & read[best] & cells.marked
        return NumberWays(
            share, clash=(levels.first(marked if marked.any() else numeric & read[best]), levels.first(odd))
        )
    doubtful = (
        numeric & cells.doubtful if len({form.decimal for form in fits}) > 1 else np.zeros_like(numeric)
    )
    ways = tuple(NumberForm(form.decimal, form.thousands, unit) for form in _preferred(fits, cells, numeric))
    return NumberWays(share, ways, doubtful=levels.first(doubtful))


def read_numbers(words: pa.Array, form: NumberForm) -> pa.Array:
    """Return the numbers that words spell, float64; null where a word is not so written. 45 % is 0.45.

    >>> read_numbers(pa.array(["1.234,50 €", "(0,5)", "1.5", None]), NumberForm(",", ".", "€")).to_pylist()
    [1234.5, -0.5, None, None]
    """
    quick, values = _quick_numbers(words, form)
    rest = pc.and_not(pc.is_valid(words), quick)
    if not pc.any(rest).as_py():
        return values
    cells = _Cells(words.filter(rest))
    fine = cells.read_by(form) & same_unit(cells.units, form.unit) | cells.infinite
    return pc.replace_with_mask(values, rest, cells.values(fine, form))


def _quick_numbers(words: pa.Array, form: NumberForm) -> tuple[pa.Array, pa.Array]:
    """Return which words are written just so, without brackets and other rarities, and the numbers of these."""
    marks = [f"[{form.thousands}]"] * bool(form.thousands) + ["[ \\x{A0}\\x{202F}]", "['\\x{2019}]"]
    groups = "|".join(rf"(?:{mark}\d{{3}})+" for mark in marks)
    whole = rf"(?:[1-9]\d{{0,2}}(?:{groups})|\d+)"
    number = rf"([-+\x{{2212}}]?(?:{whole}(?:[{form.decimal}]\d*)?|[{form.decimal}]\d+)(?:[eE][-+]?\d+)?)"
    unit, blank = re.escape(form.unit), "[ \\x{A0}\\x{202F}]?"
    ways = [number + blank + unit]
    if same_unit([""], form.unit)[0]:
        ways += [unit + blank + number, number]
    pattern = f"^(?:{'|'.join(ways)})$"
    fine = pc.fill_null(pc.match_substring_regex(words, pattern), False)
    digits = pc.if_else(fine, words, pa.scalar(None, pa.string()))
    if form.unit:
        digits = pc.replace_substring_regex(digits, pattern, r"\1\2\3" if len(ways) > 1 else r"\1")
    digits = pc.replace_substring_regex(digits, rf"[{form.thousands} \x{{A0}}\x{{202F}}'\x{{2019}}]", "")
    digits = pc.replace_substring(pc.replace_substring(digits, form.decimal, "."), "\u2212", "-")
    values = pc.replace_substring_regex(digits, r"^\+", "").cast(pa.float64())
    return fine, _in_unit(values, form)


def _in_unit(values: pa.Array, form: NumberForm) -> pa.Array:
    share = _SHARES.get(form.unit)
    return values if share is None else pc.divide(values, round(1 / share))  # the nearest number to 0.12


class _Cells:
    """Words taken apart: sign, digits with their marks, exponent, unit."""

    def __init__(self, words: pa.Array) -> None:
        self._seen: dict[str, Mask] = {}
        text = pc.utf8_trim_whitespace(_normal(words))
        self.infinite = as_mask(pc.match_substring_regex(text, "^[-+]?(?i:inf|infinity)$"))
        self._text = text
        found = pc.extract_regex(text, _CELL)
        blank = pa.scalar("")
        names = [field.name for field in found.type]
        part = {name: pc.fill_null(pc.struct_field(found, name), blank) for name in names}
        self._body = part["body"]
        self._exponent = pc.replace_substring_regex(
            part["exponent"], "[dD]", "e"
        )  # Fortran's double precision
        opened = pc.binary_join_element_wise(part["open"], part["inner"], "")
        brackets = as_mask(pc.not_equal(opened, ""))
        signs = pc.binary_join_element_wise(part["lead"], part["sign"], part["trail"], "")
        self._negative = as_mask(pc.match_substring(signs, "-")) | brackets
        unit = pc.binary_join_element_wise(part["before"], part["after"], "")
        self.units: list[str] = pc.utf8_rtrim(unit, ".").to_pylist()
        odd = as_mask(pc.and_(pc.not_equal(part["before"], ""), pc.not_equal(part["after"], "")))
        odd |= as_mask(pc.greater(pc.utf8_length(signs), 1)) | as_mask(pc.equal(opened, "(("))
        odd |= brackets != as_mask(pc.not_equal(part["close"], ""))
        self._whole: Mask = as_mask(pc.is_valid(found)) & ~odd
        self.marked = as_mask(pc.match_substring_regex(self._body, "[.,]"))
        self.doubtful = self._looks(r"^[1-9]\d{0,2}[.,]\d{3}$")

    def _looks(self, pattern: str) -> Mask:
        if pattern not in self._seen:
            self._seen[pattern] = as_mask(pc.match_substring_regex(self._body, pattern))
        return self._seen[pattern]

    def grouped(self, decimal: str) -> Mask:
        """Return which cells show that the other mark stands between thousands."""
        other = "," if decimal == "." else "."
        return self._strict(decimal, other) & ~self._strict(other, "") & ~self._strict(decimal, "")

    def read_by(self, form: NumberForm) -> Mask:
        """Return which cells are numbers so written, whatever their unit."""
        mark = form.decimal
        fine = self._strict(mark, "") | self._strict(mark, " ") | self._strict(mark, "'") | self.grouped(mark)
        fine = self._whole & (fine | self._strict(mark, form.thousands))
        return fine

    def _strict(self, mark: str, group: str) -> Mask:
        if not group:
            return self._looks(rf"^(\d+([{mark}]\d*)?|[{mark}]\d+)$")
        pairs = r"|[1-9]\d?(,\d\d)+,\d{3}" if group == "," else ""  # India: 12,34,567
        return self._looks(rf"^([1-9]\d{{0,2}}([{group}]\d{{3}})+{pairs})([{mark}]\d*)?$")

    def are_codes(self, numeric: Mask, levels: WordLevels) -> bool:
        """Return whether grouped digits are rather codes: many of them, all of one length, as phone numbers are."""
        spaced = numeric & self._looks(r"^\d{1,3}( \d{3})+$")
        lengths = set(pc.utf8_length(self._body.filter(pa.array(spaced))).to_pylist())
        return (
            int(spaced.sum()) >= 20
            and levels.share(spaced) >= MOSTLY
            and len(lengths) == 1
            and min(lengths) >= 9
        )

    def values(self, fine: Mask, form: NumberForm) -> pa.Array:
        digits = pc.replace_substring_regex(self._body, f"[^0-9{form.decimal}]", "")
        digits = pc.replace_substring(digits, form.decimal, ".")
        digits = pc.binary_join_element_wise(digits, self._exponent, "")
        infinite = pa.array(self.infinite)
        digits = pc.if_else(infinite, self._text, digits)
        numbers = pc.if_else(pa.array(fine), digits, pa.scalar(None, pa.string())).cast(pa.float64())
        factor = np.where(self._negative & ~self.infinite, -1.0, 1.0)
        return _in_unit(pc.multiply(numbers, pa.array(factor)), form)


def _normal(words: pa.Array) -> pa.Array:
    """Return words with blanks, minus signs, apostrophes and digits of one kind each."""
    text = pc.replace_substring_regex(words.cast(pa.string()), _UNSEEN, "")
    for pattern, mark in (
        (_SPACES, " "),
        (_MINUS, "-"),
        (_APOSTROPHES, "'"),
        (r"(\d)[.,](?:-{1,2}|\x{2014})( |$|\p{L}|\p{Sc})", r"\1\2"),  # 12,- is a price without cents
        (r"^'(\S)", r"\1"),  # how a spreadsheet marks text
    ):
        text = pc.replace_substring_regex(text, pattern, mark)
    foreign = pc.match_substring_regex(text, r"[^\x00-\x7F]")
    if not pc.any(pc.and_(foreign, pc.match_substring_regex(text, r"^[^0-9]*\p{Nd}"))).as_py():
        return text
    return pa.array(
        [None if word is None else _with_ascii_digits(word) for word in text.to_pylist()], pa.string()
    )


def _with_ascii_digits(word: str) -> str:
    marks = {"٫": ".", "٬": ",", "．": ".", "，": ",", "％": "%", "٪": "%"}
    return "".join(
        str(unicodedata.decimal(letter)) if letter.isdecimal() else marks.get(letter, letter)
        for letter in word
    )


def _preferred(fits: Sequence[NumberForm], cells: _Cells, numeric: Mask) -> list[NumberForm]:
    """Return one form for each decimal mark: with thousands where some cell shows them or needs them."""
    chosen = []
    for mark in dict.fromkeys(form.decimal for form in fits):
        same = [form for form in fits if form.decimal == mark]
        shown = bool((numeric & cells.grouped(mark)).any())
        chosen.append(same[-1] if shown else same[0])
    return chosen
