"""Tables of numbers, words, dates and gaps -> matrices of numbers, by what the training rows taught."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from askew.errors import ColumnWarning, InvalidInputError, must
from askew.inputs.column_names import listed, match_columns, suggestion
from askew.inputs.encoders import ENCODERS, State, Values
from askew.inputs.in_memory import to_arrow
from askew.inputs.kinds import KINDS
from askew.inputs.mixed_columns import SHOWN, Column, Novelties, Rules, fit_column, missing, refuse_retyped
from askew.inputs.stored_fields import check_fields
from askew.inputs.table_place import TablePlace
from askew.inputs.text_format import NOTHING_SAID
from askew.inputs.text_tables import read_text
from askew.own_warnings import warn


class TablePreparation:
    """Raw columns of any kind -> one matrix of finite numbers, fitted on training rows.

    - **number**, **boolean**: itself; a missing one is the median.
    - **category** of at most `max_one_hot` different words: a column of 0 and 1 per word; words that fewer than
      `min_share` of the rows have share one column with the words never seen.
    - **category** of more words: how common the word is (see :class:`~askew.inputs.encoders.Frequency`).
    - **date**: days, and time of day, weekday and month as points on circles.
    - Where at least `min_share` of the rows lack a value, a further column says so. With fewer, such a column
      would be so rare that one gap outweighed all else.
    - Columns without a value, and words that are different in almost every row (names, ids), are left out.

    The parameters are those of :class:`askew.Prepared`. Of the raw columns, `columns` has those that are used, in the
    order of the training table, and `ignored` says of the others why they are left out.

    >>> import pandas as pd
    >>> frame = pd.DataFrame({"amount": [1.0, None, 3.0], "country": ["NO", "SE", "NO"]})
    >>> preparation = TablePreparation().fit(frame)
    >>> preparation.names
    ('amount', 'amount missing', 'country=NO', 'country=SE', 'country=other')
    >>> preparation.feature_of
    ('amount', 'amount', 'country', 'country', 'country')
    >>> preparation.transform(pd.DataFrame({"amount": [None], "country": ["DK"]})).tolist()
    [[2.0, 1.0, 0.0, 0.0, 3.0]]
    """

    columns: tuple[Column, ...]
    ignored: dict[str, str]

    def __init__(
        self, kinds: Mapping[str, str] | None = None, max_one_hot: int = 30, min_share: float = 0.005
    ) -> None:
        self.kinds, self.max_one_hot, self.min_share = dict(kinds or {}), max_one_hot, min_share

    @property
    def feature_of(self) -> tuple[str, ...]:
        """The raw column that each prepared number comes from."""
        return tuple(column.name for column in self.columns for _ in column.numbers)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the prepared numbers."""
        return tuple(number for column in self.columns for number in column.numbers)

    def fit(
        self, frame: Any, rows: NDArray[np.bool_] | None = None, where: str = "X of TablePreparation"
    ) -> Self:
        """Learn from a frame, or its rows of a mask (n,) that leaves out known anomalies, what `transform` needs."""
        self._check_parameters()
        table = to_arrow(frame, where.removeprefix("X of "))
        if unknown := [name for name in self.kinds if name not in table.column_names]:
            hint = suggestion(unknown[0], table.column_names) or f"Choose of: {listed(table.column_names)}."
            raise InvalidInputError(f"kinds must name columns of {where}; got {unknown[0]!r}. {hint}")
        place = TablePlace(where, lambda row: f"row {row - 1}", is_file=False)
        read = read_text(table, self.kinds, NOTHING_SAID, place)
        table = read.table
        for line in read.notes:
            warn(f"{where}: {line}", ColumnWarning, stacklevel=3)
        mask = None if rows is None else pa.array(np.asarray(rows, dtype=bool))
        rules = Rules(self.kinds, self.max_one_hot, self.min_share)
        outcomes = {f.name: fit_column(f, table.column(f.name), rules, mask, where) for f in table.schema}
        self.ignored = {name: why for name, why in outcomes.items() if isinstance(why, str)}
        self.columns = tuple(column for column in outcomes.values() if isinstance(column, Column))
        if not self.columns:
            raise InvalidInputError(
                f"columns of {where} must include one to learn from; got {listed(table.column_names)}, "
                "which are empty or different in every row. Give a column that repeats, or numbers."
            )
        return self

    def transform(self, frame: Any, where: str = "X of TablePreparation") -> Values:
        """Return the prepared numbers (n, d), finite, of the raw columns, which may come in any order.

        A raw column that is missing or of another kind and an infinite number are refused; see also :meth:`match`.
        """
        table = to_arrow(frame, where.removeprefix("X of "))
        self.match(table.schema, where, extra="ignore")
        return np.concatenate(
            [c.encode(c.brought(table.column(c.name), where)) for c in self.columns], axis=1
        )

    def match(
        self, schema: pa.Schema, where: str, extra: str = "refuse", known: Sequence[str] = ()
    ) -> tuple[str, ...]:
        """Check names and types of a new table's columns, and return those that nobody knows.

        `extra` says whether to ``"refuse"`` or ``"ignore"`` columns that the training table did not have; `known` ones
        beside the features, such as ids and labels, may be there.
        """
        names = [column.name for column in self.columns]
        others = match_columns(names, schema.names, where).extra
        unknown = tuple(name for name in others if name not in {*known, *self.ignored})
        if unknown and extra == "refuse":
            refuse_extra(unknown, where)
        for column in self.columns:
            refuse_retyped(column, schema.field(column.name).type, where)
        return unknown

    def novelties(self, frame: Any) -> Novelties:
        """Return what the rows have and the training rows had not: unseen words, gaps in columns without one."""
        table = to_arrow(frame)
        result = Novelties()
        for column in self.columns:
            array = column.brought(table.column(column.name), "X of TablePreparation")
            words = column.encoder.unseen(array)
            if words is not None and len(words):
                result.unseen[column.name] = (len(words), set(words.unique()[:SHOWN].to_pylist()))
            gaps = 0 if column.had_gaps else int(missing(array).sum())
            if gaps:
                result.gaps[column.name] = gaps
        return result

    def summary(self) -> list[str]:
        """Return one line per raw column: its kind, and what becomes of it."""
        left_out = [f"{name}: left out ({why})" for name, why in self.ignored.items()]
        return [column.in_words() for column in self.columns] + left_out

    def state(self) -> State:
        """Return JSON-able values and arrays that :meth:`from_state` takes back."""
        saved: list[dict[str, Any]] = []
        arrays: dict[str, NDArray[Any]] = {}
        for place, column in enumerate(self.columns):
            values, own = column.encoder.state()
            plain = {k: v for k, v in vars(column).items() if k != "encoder"}
            saved.append(plain | {"encoder": column.encoder.name, "values": values})
            arrays |= {f"{place}.{key}": array for key, array in own.items()}
        settings = {"kinds": self.kinds, "max_one_hot": self.max_one_hot, "min_share": self.min_share}
        return {"settings": settings, "columns": saved, "ignored": self.ignored}, arrays

    @classmethod
    def from_state(cls, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Self:
        """Return the fitted preparation that :meth:`state` took apart."""
        result = cls(**values["settings"])
        result._check_parameters()
        result.ignored, columns = dict(values["ignored"]), []
        for place, saved in enumerate(values["columns"]):
            lead = f"{place}."
            own = {k.removeprefix(lead): array for k, array in arrays.items() if k.startswith(lead)}
            encoder = ENCODERS[saved["encoder"]].from_state(saved["values"], own)
            plain = {k: v for k, v in saved.items() if k not in ("encoder", "values")}
            plain["missing"] = tuple(saved.get("missing", ()))
            check_fields(Column, plain)
            if plain["kind"] not in KINDS:
                raise ValueError(f"a column is of the kind {plain['kind']!r:.40}")
            columns.append(Column(encoder=encoder, **plain))
        result.columns = tuple(columns)
        if not columns or len({column.name for column in columns}) < len(columns):
            raise ValueError("its columns are none, or two have one name")
        return result

    def _check_parameters(self) -> None:
        owner = type(self).__name__
        for name, kind in self.kinds.items():
            if kind not in KINDS:
                hint = suggestion(str(kind), KINDS) or "Use one of these."
                raise InvalidInputError(
                    must(f"kinds[{name!r}]", owner, f"one of {', '.join(KINDS)}", kind, hint)
                )
        if not isinstance(self.max_one_hot, int) or self.max_one_hot < 1:
            remedy = "30 makes a column for each of up to thirty words."
            raise InvalidInputError(
                must("max_one_hot", owner, "an integer of at least 1", self.max_one_hot, remedy)
            )
        if not isinstance(self.min_share, float) or not 0 < self.min_share < 0.5:
            remedy = "0.005 calls words rare that fewer than one row in 200 has."
            raise InvalidInputError(must("min_share", owner, "in (0, 0.5)", self.min_share, remedy))


def refuse_extra(names: Sequence[str], where: str) -> None:
    """Raise InvalidInputError for columns that the training table did not have."""
    one = len(names) == 1
    raise InvalidInputError(
        f"columns of {where} must be those the model was fitted on; {listed(names)} "
        f"{'is' if one else 'are'} not among them. Leave {'it' if one else 'them'} out, or say that further "
        'columns do not matter (extra="ignore"; on the command line --ignore-extra).'
    )
