"""The planning protocol's results folder: one sealed JSON file per finished run, whole or not there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from askew.benchmarks.runs.plan import Run
from askew.benchmarks.runs.store import damage, runs_folder, sealed, unsealed
from askew.inputs.atomic import atomic_path

FORMAT = "askew-planning-run-2"


@dataclass(frozen=True)
class PlanningRecord:
    """One finished run of the planning protocol.

    Parameters
    ----------
    run : Run
        What was run.
    status : str
        ``"ok"`` or ``"failed"``.
    error : str or None
        One line that says why it failed.
    collision, coverage : float or None
        See :class:`askew.applications.motion_planning.evaluation.Outcome`.
    unscreened : float or None
        Share in collision of the samples as they are drawn, before the model screens them.
    success, cost : mapping of str to float or None
        By number of samples, as text (JSON's keys); a cost is None where nothing was solved.
    shown : list
        For the picture: the sampled positions, ``[[x, y], ...]``, of the first few test problems.
    seconds, cpu_seconds : float or None
        Of training and evaluation: wall clock and processor.
    warnings : str or None
        The different warnings, joined by `` | ``.
    versions : mapping of str to str
        Of askew, torch, numpy and scikit-learn.
    """

    run: Run
    status: str
    error: str | None
    collision: float | None
    unscreened: float | None
    coverage: float | None
    success: Mapping[str, float]
    cost: Mapping[str, float | None]
    shown: list[list[list[float]]]
    seconds: float | None
    cpu_seconds: float | None
    warnings: str | None
    versions: Mapping[str, str]


class PlanningStore:
    """A results folder; ``runs/<key>.json`` is one finished run, named by its key.

    Parameters
    ----------
    folder : path
        Made when it is not there.

    Raises
    ------
    InvalidInputError
        If ``folder`` is a file or cannot be made.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self._runs = runs_folder(self.folder)

    def path(self, key: str) -> Path:
        """Return where the run ``key`` lives once it is finished."""
        return self._runs / f"{key}.json"

    def write(self, record: PlanningRecord) -> None:
        """Store a finished run, whole or not at all."""
        body = {**vars(record), "run": record.run.as_dict()}
        with atomic_path(self.path(record.run.key)) as temporary:
            temporary.write_text(json.dumps(sealed(FORMAT, body), allow_nan=False) + "\n", encoding="utf-8")

    def read(self) -> tuple[dict[str, PlanningRecord], list[str]]:
        """Return the finished runs by key, and one message per file that is damaged.

        A damaged run counts as not done. Runs of other protocols are passed over.
        """
        records: dict[str, PlanningRecord] = {}
        messages: list[str] = []
        for path in sorted(self._runs.glob("[!.]*.json")):
            try:
                whole = json.loads(path.read_text(encoding="utf-8"))
                if whole["format"] != FORMAT:
                    continue
                records[path.stem] = PlanningRecord(**unsealed(whole, path.stem))
            except (OSError, ValueError, KeyError, TypeError) as error:
                messages.append(damage(path, error))
        return records, messages

    def write_text(self, name: str, text: str) -> None:
        """Write one of the folder's tables."""
        with atomic_path(self.folder / name) as temporary:
            temporary.write_text(text, encoding="utf-8")
