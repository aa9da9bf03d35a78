"""What every protocol checks before it starts: names, seeds, and the folder for its results."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from askew.benchmarks.runs.store import Store
from askew.errors import InvalidInputError, must


def choose(argument: str, names: Iterable[str], choices: Collection[str], owner: str) -> tuple[str, ...]:
    """Return the names, each once; an unknown name, or none, is refused with the list of choices."""
    if isinstance(names, str):
        names = [names]
    given = tuple(dict.fromkeys(names))
    remedy = f"Choose from: {', '.join(choices)}."
    for name in given:
        if name not in choices:
            raise InvalidInputError(must(argument, owner, "a known name", name, remedy))
    if not given:
        raise InvalidInputError(must(argument, owner, "at least one name", list(given), remedy))
    return given


def choose_seeds(seeds: Iterable[int], owner: str) -> tuple[int, ...]:
    """Return the seeds, each once, or refuse them."""
    given = tuple(dict.fromkeys(seeds))
    good = all(isinstance(seed, int) and not isinstance(seed, bool) and seed >= 0 for seed in given)
    if not given or not good:
        rule = "one or more integers of at least 0"
        raise InvalidInputError(must("seeds", owner, rule, list(given), "Use seeds=range(10)."))
    return given


def open_store(out: Path | str, resume: bool, owner: str) -> Store:
    """Return the results folder; one that is in use is refused when ``resume`` is False."""
    folder = Path(out)
    if not resume and folder.is_dir() and any(folder.iterdir()):
        remedy = "Continue it with resume=True, or choose a new folder; nothing is deleted here."
        raise InvalidInputError(must("out", owner, "empty when resume is False", str(folder), remedy))
    return Store(folder)
