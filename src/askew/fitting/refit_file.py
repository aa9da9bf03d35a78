"""A model file, the rows that it was fitted on and files of answers -> a new model, and what is different."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from askew.errors import ColumnWarning, DataFileError, InvalidInputError
from askew.fitting.answers import NUMBERS, PATHS, Answers, read_answers
from askew.fitting.change import Change, change_between
from askew.fitting.comparison import Comparison, compare
from askew.fitting.fit_file import number_rows
from askew.fitting.refit import held_out_rows, known_columns, refit, refuse_warm_start
from askew.fitting.training_file import data_beside, options_of, record_of
from askew.fitting.training_options import TrainingOptions
from askew.fitting.training_rows import open_training_rows
from askew.inputs import Data, Meaning, TextFormat, match_columns, open_table
from askew.inputs.mixed_tables import refuse_extra
from askew.labels import Labels, ours
from askew.own_warnings import kept_back
from askew.scoring import SILENCE, Labelling, Listener, label_counts, load_model, refuse_onnx
from askew.scoring.source_opening import is_image_folder


@dataclass(frozen=True)
class RefitOptions:
    """What a refit takes beside the model and its rows.

    `labels` are files of answers, and `answer_column` is the one of labels in them. `warm_start` goes on from the
    fitted weights; for the comparison of both models the answers are parted into `n_folds`, and 0 leaves it out.
    `labelling`, `id_column` and `text_format` say how the data are read, where that is otherwise than in the first fit,
    or the model's file does not say it; `skip_corrupt` leaves out images that cannot be read.
    """

    labels: tuple[Path, ...]
    answer_column: str | None = None
    warm_start: bool = False
    n_folds: int = 5
    labelling: Labelling = field(default_factory=Labelling)
    id_column: str | None = None
    text_format: TextFormat = field(default_factory=TextFormat)
    skip_corrupt: bool = False


@dataclass(frozen=True)
class RefittedFile:
    """A new model, what is different from the old one, and how both order the answers (None: it cannot be said).

    `given` and `y` are the labels of the rows that were read, without and with the answers; `n_seconds` are what the
    refit took. With `knew_answers` the old model had learned some before, so that no answer is known to be new to it.
    """

    model: Any
    change: Change
    comparison: Comparison | None
    answers: Answers
    given: Labels | None
    y: Labels
    n_seconds: float
    knew_answers: bool

    @property
    def detector(self) -> Any:
        """The detector inside."""
        from askew.base.wrapper import unwrap

        return unwrap(self.model)

    @property
    def counts(self) -> tuple[dict[str, int], dict[str, int]]:
        """How many rows have each label, without and with the answers."""
        nothing = {"normal": 0, "unlabelled": len(self.y), "anomaly": 0}
        return label_counts(self.given) or nothing, label_counts(self.y) or nothing


class FileRefit:
    """A refit of a model file on its rows and answers; options are checked before the long work.

    Where `data` is None, the file that the model was fitted on is looked for where it was, and beside the model's.
    Data or answers that cannot be read or joined, and options that do not fit, raise an AskewError.
    """

    def __init__(
        self, model: Path, data: Data | None, options: RefitOptions, listener: Listener = SILENCE
    ) -> None:
        refuse_onnx(model, "refit")
        self.before: Any = load_model(model)
        if options.warm_start:
            refuse_warm_start(self.before)
        if options.n_folds == 1 or options.n_folds < 0:
            raise InvalidInputError(
                f"--folds must be 2 or more, or 0 for no comparison; got {options.n_folds}. 5 is the default."
            )
        self._listener, self._options = listener, options
        record = self._detector.training_file_
        self.data = data or self._data_of(record, model)
        reading = self._reading(TrainingOptions() if record is None else options_of(record))
        id_names = [PATHS if is_image_folder(self.data) else NUMBERS]
        if options.id_column is not None:
            id_names = [options.id_column]
        elif reading.id_column is not None:
            id_names = [reading.id_column, *id_names]
        self._answers = read_answers(
            options.labels, id_names, reading.labelling.meaning, options.answer_column, listener
        )
        self._file = record_of(self.data, reading)
        self._rows = open_training_rows(self.data, replace(reading, answers=self._answers), listener)

    def run(self) -> RefittedFile:
        """Read the rows, refit the model on them, and say what is different."""
        X, known = self._rows.read(self._listener)
        y, warm = np.asarray(known, dtype=np.int8), self._options.warm_start
        labels = ours(y)
        for sentence in (*self._rows.sentences(X, labels), self._answers.in_words(), *self._doubts(y)):
            self._listener.note(sentence)
        X = known_columns(self.before, X, str(self.data))
        # the first fit's columns are known
        with self._listener.training("refitting"), kept_back(ColumnWarning):
            start = time.perf_counter()
            model = refit(self.before, X, labels, warm_start=warm)
            seconds = time.perf_counter() - start
        self._complete(model, labels)
        answered, given = self._rows.answered, self._rows.given
        comparison = None
        if self._options.n_folds and not self._learned_answers:
            new = (answered != 0) & (True if given is None else np.asarray(given) == 0)
            # what is wrong with the model was said of it
            with self._listener.bar("comparing") as progress, kept_back(Warning):
                comparison = compare(self._inner, X, y, new, self._options.n_folds, warm, progress)
        change = change_between(self.before, model, X, self._rows.ids, answered)
        return RefittedFile(
            model, change, comparison, self._answers, given, labels, seconds, self._learned_answers
        )

    @property
    def _detector(self) -> Any:
        from askew.base.wrapper import unwrap

        return unwrap(self.before)

    @property
    def _inner(self) -> Any:
        """The old model without its threshold."""
        from askew.calibration import Threshold

        return self.before.model if isinstance(self.before, Threshold) else self.before

    def _data_of(self, record: dict[str, Any] | None, model: Path) -> Data:
        """Return the data that the model was fitted on; raise DataFileError if they are not to be found."""
        place = "" if record is None else record["data"]
        found = None if record is None else data_beside(record, model)
        if found is None:
            where = f" ({place!r} is neither here nor beside the model)" if place else ""
            raise DataFileError(
                f"DATA must be given: a refit learns from the rows that the model was fitted on, and its file does not "
                f"hold them{where}. For example: askew refit {model} {place or 'DATA'} --labels "
                f"{self._options.labels[0]} -o NEW."
            )
        self._listener.note(f"Rows: {found}, which the model was fitted on.")
        return found

    def _reading(self, known: TrainingOptions) -> TrainingOptions:
        """Return how the data are read: as in the first fit but where the options say otherwise."""
        given = self._options
        column = given.labelling.column or known.labelling.column
        meaning = given.labelling.meaning if given.labelling.meaning != Meaning() else known.labelling.meaning
        reading = replace(
            known,
            labelling=Labelling(column, meaning),
            text_format=given.text_format if given.text_format != TextFormat() else known.text_format,
            skip_corrupt=given.skip_corrupt or known.skip_corrupt,
        )
        if is_image_folder(self.data):
            return replace(reading, image_shape=self._detector.image_shape_)
        return self._with_the_columns_of_the_model(reading)

    def _with_the_columns_of_the_model(self, reading: TrainingOptions) -> TrainingOptions:
        """Return the options with the kinds of the model's columns, and with all columns left out that it has not."""
        from askew.base.prepared import Prepared, raw_columns

        raw, inner = raw_columns(self.before), self._inner
        features = getattr(self._detector, "feature_names_in_", None) if raw is None else raw.names
        table, column = open_table(self.data, reading.text_format), self._options.id_column
        if column is not None and (column != NUMBERS or NUMBERS in table.names):
            reading = replace(reading, id_column=column)
        if features is None:
            return reading
        ignored = () if raw is None else tuple(raw.preparation.ignored)
        extra = match_columns([str(name) for name in features], table.names, str(self.data)).extra
        others = [name for name in extra if name not in ignored]
        known = {reading.labelling.column, reading.id_column, *table.index_names, *reading.drop}
        known |= set(getattr(self._detector, "other_columns_", ()) if raw is None else raw.other_columns)
        if unknown := [name for name in others if name not in known]:
            refuse_extra(unknown, str(self.data))
        drop = tuple(name for name in others if name not in (reading.labelling.column, reading.id_column))
        kinds = inner.kinds if isinstance(inner, Prepared) and inner.kinds else {}
        return replace(
            reading, drop=drop, column_kinds=tuple(f"{name}={kind}" for name, kind in kinds.items())
        )

    @property
    def _n_learned(self) -> int:
        """Known anomalies of the old model and its threshold."""
        from askew.calibration import Threshold

        facts = self._detector.facts_
        held_out = len(self.before.anomalies_) if isinstance(self.before, Threshold) else 0
        return held_out + (0 if facts is None else facts.n_anomalies)

    @property
    def _learned_answers(self) -> bool:
        """Whether the old model knew more than the data name: answers of an earlier refit."""
        given = np.zeros(0) if self._rows.given is None else np.asarray(self._rows.given)
        facts = self._detector.facts_
        n_normal = 0 if facts is None else facts.n_normal
        return bool(self._n_learned > (given < 0).sum() or n_normal > (given > 0).sum())

    def _doubts(self, y: Any) -> list[str]:
        """Return what is odd about the labels: answers that contradict the data, labels that are known no longer."""
        lines, learned = [], self._n_learned
        if self._rows.given is not None:
            given = np.asarray(self._rows.given)
            n = int(((self._rows.answered != 0) & (given != 0) & (self._rows.answered != given)).sum())
            if n:
                lines.append(
                    f"note: {n:,} answer{'s differ' if n > 1 else ' differs'} from the data's label; answers count."
                )
        if (n := int((y < 0).sum())) < learned:
            lines.append(
                f"warning: the old model knew {learned:,} anomalies, and only {n:,} are known now. Earlier answers are "
                "not in the model: give all files of them (--labels is repeatable)."
            )
        return lines

    def _complete(self, model: Any, y: Labels) -> None:
        """Let a new model know the file that it was fitted on, and its extreme cells their rows there."""
        from askew.base.wrapper import unwrap
        from askew.calibration import Threshold

        unwrap(model).training_file_ = self._file
        if (numbers := self._rows.numbers) is not None:
            if isinstance(self.before, Threshold):
                numbers = numbers[held_out_rows(self.before, y, len(y)).fit]
            number_rows(model, numbers)
