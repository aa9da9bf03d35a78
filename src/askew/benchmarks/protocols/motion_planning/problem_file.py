"""The file of problems that all runs of a plan are trained and tested on."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from askew.benchmarks.protocols.motion_planning.settings import PRESETS
from askew.benchmarks.runs.pool import Handlers, Report, work_through
from askew.errors import InvalidInputError

if TYPE_CHECKING:
    from askew.applications.motion_planning import Problems
    from askew.benchmarks.runs.plan import Plan

_CHUNK = 50  # problems made in one task


def place(plan: Plan, folder: Path) -> Path:
    """Return where the problems are; the file's name says all that decides them."""
    return folder / f"problems-{plan.runs[0].params['data_seed']}-{_count(plan)}.npz"


def tested_on(problems: Problems, params: Mapping[str, Any], seed: int) -> Problems:
    """Return the problems that a seed is tested on."""
    return problems[params["train"] + params["test"] * seed :][: params["test"]]


def ensure(plan: Plan, folder: Path, workers: int, report: Report) -> Path:
    """Return the file of problems, made on ``workers`` processes if it is not there."""
    from askew.applications.motion_planning import problems

    path = place(plan, folder)
    if path.exists():
        return path
    count = _count(plan)
    chunks = [(start, min(_CHUNK, count - start)) for start in range(0, count, _CHUNK)]
    parts: dict[int, Problems] = {}

    def finished(chunk: tuple[int, int], part: Problems) -> None:
        parts[chunk[0]] = part
        report(len(parts) / len(chunks))

    def died(chunk: tuple[int, int], code: int) -> list[tuple[int, int]]:
        raise InvalidInputError(f"workers of run_planning must live; one ended with exit code {code}.")

    handlers = Handlers(lambda chunk, fraction: None, finished, died)
    work_through(chunks, partial(_chunk, seed=plan.runs[0].params["data_seed"]), workers, handlers)
    problems.save(problems.joined([parts[start] for start, _ in chunks]), path)
    return path


def _count(plan: Plan) -> int:
    """Return how many problems there must be; at least the full grid's, so that presets share the file."""
    params = plan.runs[0].params
    seeds = {run.seed for run in plan.runs} | set(PRESETS["paper"].seeds)
    return int(params["train"] + params["test"] * (1 + max(seeds)))


def _chunk(chunk: tuple[int, int], report: Report, seed: int) -> Problems:
    from askew.applications.motion_planning.problems import make_problems

    start, n = chunk
    return make_problems(n, seed, start)
