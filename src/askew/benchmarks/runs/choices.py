"""What to run: what a caller asks for, and the checks that every protocol makes of it before it starts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypedDict

from askew.benchmarks.runs.progress import Reporter
from askew.errors import InvalidInputError, must


class Preset(NamedTuple):
    """What is run of a protocol: by a preset, or after a caller has chosen."""

    methods: tuple[str, ...]
    datasets: tuple[str, ...]
    seeds: tuple[int, ...]


class Options(TypedDict, total=False):
    """The keywords of a choice; see :class:`Choice`."""

    methods: Iterable[str] | None
    datasets: Iterable[str] | None
    seeds: Iterable[int] | None
    split: str
    normal_classes: Iterable[int] | None
    known_classes: Iterable[int] | None
    at: Iterable[float] | None
    members: int | None
    size: Any


class Settings(Options, total=False):
    """The keywords of a choice, and where and how it is run; see :func:`askew.benchmarks.runs.runner.run`."""

    out: Path | str
    workers: int
    resume: bool
    progress: Reporter | None
    device: str
    cluster: str | None


@dataclass(frozen=True)
class Choice:
    """What to run of a protocol; what is None is the preset's. A protocol says which of these it takes.

    Parameters
    ----------
    preset : {"quick", "paper"}
        Decides what is not given.
    methods : iterable of str, optional
        Detectors, the papers' hybrids (``ssad_hybrid``, ...) and ``catboost``. Names that end in ``_test_tuned``
        choose their kernel on a tenth of the test rows, as the papers do; they only explain gaps.
    datasets : iterable of str, optional
        Of the protocol.
    seeds : iterable of int, optional
        Repetitions of a cell.
    split : {"clean", "leaky"}
        Of classic. ``"leaky"`` imitates the reference loader, whose test rows are partly in the training pool.
    normal_classes, known_classes : iterable of int, optional
        Of the image protocols: numbers of classes, from 0 on. ``known_classes`` limits the runs to cells that know
        one of them, and the partners of these cells without labels; a protocol that draws its known classes takes
        none.
    at : iterable of float, optional
        Of the image protocols, columns of the table: values of γ_l, γ_p, k or η.
    members : int, optional
        Of the image protocols: models of a VAE's ensemble, at least 1; by default the papers' five, and one in
        ``quick``. One model takes a fifth of the time. The protocols that compare sizes take none.
    size : Size, optional
        Of planning: how large a run is.
    """

    preset: str = "quick"
    methods: Iterable[str] | None = None
    datasets: Iterable[str] | None = None
    seeds: Iterable[int] | None = None
    split: str = "clean"
    normal_classes: Iterable[int] | None = None
    known_classes: Iterable[int] | None = None
    at: Iterable[float] | None = None
    members: int | None = None
    size: Any = None

    def checked(
        self,
        owner: str,
        presets: Mapping[str, Preset],
        methods: Collection[str],
        datasets: Collection[str] | None = None,
    ) -> Preset:
        """Return methods, data sets and seeds, by default the preset's; refuse what is unknown.

        ``methods`` and ``datasets`` are what may be chosen; no ``datasets`` where a preset decides them.
        """
        choose("preset", [self.preset], presets, owner)
        usual = presets[self.preset]
        tables = usual.datasets if self.datasets is None else self.datasets
        return Preset(
            choose("methods", usual.methods if self.methods is None else self.methods, methods, owner),
            usual.datasets if datasets is None else choose("datasets", tables, datasets, owner),
            choose_seeds(usual.seeds if self.seeds is None else self.seeds, owner),
        )


def choose(argument: str, names: Iterable[str], choices: Collection[str], owner: str) -> tuple[str, ...]:
    """Return the names, each once; an unknown name, or none, is refused with the list of choices."""
    names = [names] if isinstance(names, str) else names
    return _checked(argument, names, choices, owner, ("a known name", "at least one name"), str)


def choose_numbers(
    argument: str, numbers: Iterable[float], choices: Collection[float], owner: str
) -> tuple[Any, ...]:
    """Return the numbers, each once; one that is not among the choices, or none, is refused."""
    rules = ("one of the protocol's", "at least one number")
    return _checked(argument, numbers, choices, owner, rules, "{:g}".format)


def _checked(
    argument: str,
    values: Iterable[Any],
    choices: Collection[Any],
    owner: str,
    rules: tuple[str, str],
    text: Callable[[Any], str],
) -> tuple[Any, ...]:
    distinct = tuple(dict.fromkeys(values))
    remedy = f"Choose from: {', '.join(map(text, choices))}."
    for value in distinct:
        if value not in choices:
            raise InvalidInputError(must(argument, owner, rules[0], value, remedy))
    if not distinct:
        raise InvalidInputError(must(argument, owner, rules[1], [], remedy))
    return distinct


def choose_seeds(seeds: Iterable[int], owner: str) -> tuple[int, ...]:
    """Return the seeds, each once, or refuse them."""
    distinct = tuple(dict.fromkeys(seeds))
    good = all(isinstance(seed, int) and not isinstance(seed, bool) and seed >= 0 for seed in distinct)
    if not distinct or not good:
        rule = "one or more integers of at least 0"
        raise InvalidInputError(must("seeds", owner, rule, list(distinct), "Use seeds=range(10)."))
    return distinct


def check_workers(workers: int, owner: str) -> None:
    """Refuse a number of processes below 1."""
    if not isinstance(workers, int) or workers < 1:
        remedy = "Use 1, or the number of processor cores."
        raise InvalidInputError(must("workers", owner, "an integer of at least 1", workers, remedy))


def check_folder(out: Path | str, resume: bool, owner: str) -> Path:
    """Return the results folder's path; one that is in use is refused when ``resume`` is False."""
    folder = Path(out)
    if not resume and folder.is_dir() and any(folder.iterdir()):
        remedy = "Continue it with resume=True, or choose a new folder; nothing is deleted here."
        raise InvalidInputError(must("out", owner, "empty when resume is False", str(folder), remedy))
    return folder
