"""What a person says of how the text of a table file is written; all that is not said is found out."""

from __future__ import annotations

import codecs
from dataclasses import dataclass, fields

from askew.errors import InvalidInputError

_THOUSANDS = (".", ",", " ", "'")


@dataclass(frozen=True)
class TextFormat:
    """How the text of a table file is written: the options of the command line, "" or () where nothing is said.

    `decimal` is "." or ","; `thousands` stands between groups of three digits (".", ",", " " or "'"); `missing` are
    cells that stand for a missing value, beside the usual ones; `encoding` is a name that Python knows; `separator`
    stands between the cells of a line. A value that cannot be meant raises InvalidInputError.
    """

    decimal: str = ""
    thousands: str = ""
    missing: tuple[str, ...] = ()
    encoding: str = ""
    separator: str = ""

    def __post_init__(self) -> None:
        if self.decimal not in ("", ".", ","):
            raise InvalidInputError(f"--decimal must be . or a comma; got {self.decimal!r}. Or leave it out.")
        if self.thousands not in ("", *_THOUSANDS):
            raise InvalidInputError(
                "--thousands must be . or a comma, a blank or an apostrophe; "
                f"got {self.thousands!r}. Or leave it out."
            )
        if self.thousands and self.thousands == self.decimal:
            raise InvalidInputError(
                f"--thousands must not be --decimal; got {self.decimal!r} twice. Leave one out."
            )
        if len(self.separator.replace("\\t", "\t").replace("tab", "\t")) > 1:
            raise InvalidInputError(
                f"--separator must be one character, or tab; got {self.separator!r}. For example --separator ';'."
            )
        if self.encoding:
            try:
                codecs.lookup(self.encoding)
            except LookupError as error:
                raise InvalidInputError(
                    f"--encoding must be one that Python knows; got {self.encoding!r}. "
                    "For example cp1252, latin-1 or utf-16."
                ) from error

    @property
    def delimiter(self) -> str:
        """The separator as a character."""
        return "\t" if self.separator in ("\\t", "tab") else self.separator

    @property
    def numbers_missing(self) -> tuple[float, ...]:
        """Those missing values that are numbers."""
        found = []
        for word in self.missing:
            try:
                found.append(float(word))
            except ValueError:
                continue
        return tuple(found)

    def options(self) -> dict[str, object]:
        """Return what is said by the option that says it."""
        return {
            f"--{'na' if each.name == 'missing' else each.name}": getattr(self, each.name)
            for each in fields(self)
        }

    def refuse(self, path: object, *names: str) -> None:
        """Raise InvalidInputError if options of these names are given for a kind of file that they are not about."""
        for field in fields(self):
            if field.name in names and getattr(self, field.name):
                raise InvalidInputError(
                    f"--{field.name} must be left out for {path}, which says it itself: it is about CSV files."
                )


NOTHING_SAID = TextFormat()
"""All is found out."""
