"""How the columns of one table write their numbers: where one alone does not tell, the others do, or it is refused.

``1,234`` is 1.234 or 1234. If other columns of the table have a decimal point, it is 1234; if they have decimal
commas, 1.234; if none tells, a person must.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from askew.errors import InvalidInputError
from askew.inputs.table_place import TablePlace
from askew.inputs.text_columns import Finding
from askew.inputs.text_format import TextFormat
from askew.inputs.written_numbers import NumberForm

_SINGLE_GROUP = r"^[-+]?[1-9]\d{0,2}\.\d{3}$"


def number_forms(
    found: Mapping[str, Finding], words: Mapping[str, pa.Array], text_format: TextFormat, place: TablePlace
) -> dict[str, NumberForm | None]:
    """Return how each column of numbers is written, None if plainly; refuse one that is written in two ways.

    `found` says what each column of `words` tells by itself.
    """
    written = {name: each.numbers for name, each in found.items() if each.numbers is not None}
    for name, ways in written.items():
        if ways.clash is not None:
            raise _two_ways(name, words[name], ways.clash, place)
    sure = [ways.forms[0] for ways in written.values() if len(ways.forms) == 1]
    open_ = any(ways.doubtful for ways in written.values())
    marks = {form.decimal for form in sure}
    points: dict[str, str] = {}
    if open_ or "," in marks or place.separator == ";":
        points = {name: _points(words[name]) for name, each in found.items() if each.numbers is None}
        marks |= {"."} if "shown" in points.values() else set()
    marks = {text_format.decimal} if text_format.decimal else marks
    mark = marks.pop() if len(marks) == 1 else "both" if marks else ""
    group = "".join({form.thousands for form in sure if form.decimal == mark})
    forms: dict[str, NumberForm | None] = {}
    for name, each in found.items():
        if each.numbers is None:
            forms[name] = _plain_column(name, words[name], points.get(name, ""), mark, place)
        else:
            forms[name] = _written_column(name, words[name], each, mark, place)
    return {name: _grouped(form, mark, group) for name, form in forms.items()}


def _written_column(
    name: str, words: pa.Array, found: Finding, mark: str, place: TablePlace
) -> NumberForm | None:
    ways = found.numbers
    if ways is None or not ways.forms:
        return None
    if len(ways.forms) == 1:
        return ways.forms[0]
    if ways.doubtful and mark not in (".", ","):
        raise _doubtful(name, words, ways.doubtful, place)
    return next((form for form in ways.forms if form.decimal == mark), ways.forms[0])


def _plain_column(name: str, words: pa.Array, points: str, mark: str, place: TablePlace) -> NumberForm | None:
    """Return the form of a column that could be read as it stands: in a file of decimal commas 1.234 is 1234."""
    if points == "none" and mark == ",":
        return NumberForm(",")
    if points != "doubtful" or mark == ".":
        return None
    if mark == "," and place.separator not in ("", ","):
        return NumberForm(",", ".")
    if mark or place.separator == ";":
        raise _doubtful(name, words, _first(words, _SINGLE_GROUP), place)
    return None


def _grouped(form: NumberForm | None, mark: str, group: str) -> NumberForm | None:
    """Return a form with the thousands that the table's other columns show."""
    return replace(form, thousands=group) if form is not None and group and form.decimal == mark else form


def _points(words: pa.Array) -> str:
    """Return whether plain numbers have "none", single groups of three behind every point ("doubtful"), or others."""
    pointed = pc.match_substring_regex(words, r"\d\.|\.\d")
    if not pc.any(pointed).as_py():
        return "none"
    single = pc.match_substring_regex(words, _SINGLE_GROUP)
    return "doubtful" if not pc.any(pc.and_not(pointed, single)).as_py() else "shown"


def _first(words: pa.Array, pattern: str) -> str:
    return str(words[pc.index(pc.match_substring_regex(words, pattern), True).as_py()].as_py())


def _two_ways(name: str, words: pa.Array, clash: tuple[str, str], place: TablePlace) -> InvalidInputError:
    one, other = (place.cell(words, text) for text in clash)
    return place.error(
        f"column {name!r} of {place.where} must be numbers written one way; got {one} and {other}. "
        f"Write all of them alike, or treat the column as words when fitting ({place.as_kind(name)})."
    )


def _doubtful(name: str, words: pa.Array, text: str, place: TablePlace) -> InvalidInputError:
    mark = "," if "," in text else "."
    said = (
        f"--decimal '{mark}' or --thousands '{mark}'"
        if place.is_file
        else "turn it into numbers (pandas: pd.to_numeric)"
    )
    return place.error(
        f"column {name!r} of {place.where} must be numbers with one meaning; got {place.cell(words, text)}, where the "
        f"{'comma' if mark == ',' else 'point'} may be decimal or stand between thousands, and no other number tells. "
        f"Say which: {said}."
    )
