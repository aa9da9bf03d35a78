"""Columns by name: duplicates, missing ones with close suggestions, and the match at scoring time."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from askew.errors import InvalidInputError

_SHOWN = 8  # names that fit in a one-line message


class ColumnMatch(NamedTuple):
    """Columns of a table that a model needs, in the model's order, and those it does not know."""

    selected: tuple[str, ...]
    extra: tuple[str, ...]


def match_columns(names_in_model: Sequence[str], available: Sequence[str], where: str) -> ColumnMatch:
    """Return the columns of a table that a model was fitted on, by name and in its order, and the others as ``extra``.

    A column of the model that the table `where` lacks raises InvalidInputError, which suggests close names.

    >>> match_columns(["b", "a"], ["label", "a", "b"], "new.csv")
    ColumnMatch(selected=('b', 'a'), extra=('label',))
    >>> match_columns(["speed"], ["Speed", "b"], "new.csv")
    Traceback (most recent call last):
    askew.errors.InvalidInputError: columns of new.csv must include every column the model was fitted on; \
'speed' is missing. Did you mean 'Speed'? Rename it in the file.
    """
    known = set(available)
    missing = [name for name in names_in_model if name not in known]
    if missing:
        extra = [name for name in available if name not in set(names_in_model)]
        hint = suggestion(missing[0], extra)
        remedy = f"{hint} Rename it in the file." if hint else f"The other columns are: {listed(extra)}."
        raise InvalidInputError(
            f"columns of {where} must include every column the model was fitted on; {listed(missing)} "
            f"{'is' if len(missing) == 1 else 'are'} missing. {remedy}"
        )
    wanted = set(names_in_model)
    return ColumnMatch(tuple(names_in_model), tuple(name for name in available if name not in wanted))


def require_column(name: str, available: Sequence[str], where: str, role: str) -> str:
    """Return `name` if it is one of the `available` columns of the table `where`; else raise and suggest close ones."""
    if name in set(available):
        return name
    hint = suggestion(name, available) or f"Choose one of: {listed(available)}."
    raise InvalidInputError(f"{role} must be a column of {where}; got {name!r}. {hint}")


def refuse_duplicates(names: Sequence[str], where: str) -> None:
    """Raise InvalidInputError if two columns of the table `where` share a name; it says which columns, from 1."""
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        places = " and ".join(str(place) for place, name in enumerate(names, 1) if name == twice[0])
        raise InvalidInputError(
            f"column names of {where} must be different; got {twice[0]!r} for columns {places}. Rename one."
        )


def suggestion(name: str, names: Sequence[str]) -> str:
    """Return ``"Did you mean 'x'?"`` with the names closest to ``name``, or an empty string.

    >>> suggestion("Lable", ["label", "speed"])
    "Did you mean 'label'?"
    """
    by_fold = {other.strip().casefold(): other for other in reversed(names)}
    close = difflib.get_close_matches(name.strip().casefold(), list(by_fold), n=2, cutoff=0.6)
    return f"Did you mean {' or '.join(repr(by_fold[fold]) for fold in close)}?" if close else ""


def listed(names: Sequence[object]) -> str:
    """Return names in quotes for a one-line message, at most eight of them.

    >>> listed("abcdefghij")
    "'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h' and 2 more"
    """
    text = ", ".join(repr(name) for name in names[:_SHOWN]) or "none"
    return f"{text} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else text
