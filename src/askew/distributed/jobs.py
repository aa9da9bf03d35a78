"""Several calls at once, on whatever joblib is told to use by the program around us; by default one after the other."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeVar

Outcome = TypeVar("Outcome")


class _Warned(NamedTuple):
    """What a call in another process returned, and what it warned of there: (message, category, file, line)."""

    outcome: Any
    said: list[tuple[Any, ...]]


def n_jobs(threads: bool = False) -> int:
    """Return how many calls :func:`call_each` does at once here: 1 unless ``joblib.parallel_config`` says more.

    >>> import joblib
    >>> with joblib.parallel_config("threading", n_jobs=2):
    ...     n_jobs(threads=True), n_jobs()
    (2, 1)
    """
    import joblib

    return 1 if _in_threads() and not threads else int(joblib.effective_n_jobs(None))


def _in_threads() -> bool:
    """Return whether joblib's calls would share this process's memory, and its warnings."""
    import joblib

    backend, _ = joblib.parallel.get_active_backend()
    return bool(getattr(backend, "supports_sharedmem", False))


def call_each(
    function: Callable[..., Outcome],
    arguments: Iterable[tuple[Any, ...]],
    *,
    threads: bool = False,
    told: Callable[[int], object] = lambda count: None,
) -> list[Outcome]:
    """Return what a function returns for each tuple of arguments, in order.

    Inside ``with joblib.parallel_config(backend, n_jobs=...)`` the calls are done by that backend: ``"loky"``
    (processes), ``"dask"`` (a cluster), or, if the function can be called from several ``threads`` at once,
    ``"threading"``. Function, arguments and outcomes must be picklable then; a call must not count on changing its
    arguments, which may be copies. ``told`` is called with the number of calls that are done. What is warned of in
    other processes is warned of here; the first error ends all.

    >>> call_each(pow, [(2, 3), (3, 2)])
    [8, 9]
    """
    import joblib

    calls, outcomes = list(arguments), []
    if len(calls) < 2 or n_jobs(threads) == 1:
        for each in calls:
            outcomes.append(function(*each))
            told(len(outcomes))
        return outcomes
    call = _unwarned if _in_threads() else _warned
    done = joblib.Parallel(return_as="generator")(joblib.delayed(call)(function, each) for each in calls)
    for warned in done:
        for message, category, file, line in warned.said:
            warnings.warn_explicit(message, category, file, line)
        outcomes.append(warned.outcome)
        told(len(outcomes))
    return outcomes


def _unwarned(function: Callable[..., Any], arguments: tuple[Any, ...]) -> _Warned:
    return _Warned(function(*arguments), [])


def _warned(function: Callable[..., Any], arguments: tuple[Any, ...]) -> _Warned:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        outcome = function(*arguments)
    return _Warned(outcome, [(each.message, each.category, each.filename, each.lineno) for each in caught])
