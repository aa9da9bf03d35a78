"""Mutation testing: faults are put into the source one by one, and the tests of their room must notice.

Run: python tools/mutation.py [ROOM ...] [--sample 200] [--seed 0] [--minutes 20] [--again] [--check] [--page]

A room's unmutated tests run first, in the same way; if one fails, nothing is counted. A mutant is killed only
where a named test, which passes alone without the mutant, failed in its own body. Timeouts, crashes and errors
outside tests are counted apart, and not as kills. Doctests are tests. Every mutant is a fork of a process that has
imported everything and collected the tests: its function's code is replaced in place, and those tests run that
call it. Faults in code that runs on import are put in by an import hook, in a fork from before askew's import.

Figures go to results/mutation/ROOM.json; ``--page`` writes the table of docs/testing.md from these. Reasons of
survivors stand in tools/mutation_survivors.toml. Exit code 1: a room is below the share that it promises.
"""

from __future__ import annotations

import argparse
import gc
import importlib.util
import json
import math
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
import tomllib
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import CodeType, FrameType, FunctionType, SimpleNamespace
from typing import Any, NamedTuple

from mutants import Mutant, mutants_of

HERE = Path(__file__).resolve().parents[1]
SOURCE = HERE / "src" / "askew"
FIGURES = HERE / "results" / "mutation"
PAGE = HERE / "docs" / "testing.md"
SURVIVORS = HERE / "tools" / "mutation_survivors.toml"
BEGIN, END = "<!-- mutation: begin -->", "<!-- mutation: end -->"


class Room(NamedTuple):
    """Source files or folders, the tests that are about them, and the share of mutants that these must kill."""

    source: tuple[str, ...]
    tests: tuple[str, ...]
    promised: float = 0.0


STATISTICS = ("result_tables", "runs/test_metrics.py", "protocols/few_labels")
ROOMS = {
    "objectives": Room(("objectives",), ("objectives",), 0.9),
    "calibration": Room(("calibration",), ("calibration",), 0.9),
    "labels": Room(("labels",), ("labels",), 0.9),
    "splits": Room(
        tuple(f"datasets/{name}.py" for name in ("splits", "ratios", "few_label_splits", "train_test_split")),
        ("datasets",),
        0.9,
    ),
    "statistics": Room(
        (
            *(
                f"benchmarks/result_tables/{name}.py"
                for name in ("cells", "intervals", "paired_tests", "ranks")
            ),
            *("benchmarks/runs/metrics.py", "benchmarks/protocols/few_labels/contests.py"),
        ),
        tuple(f"benchmarks/{name}" for name in STATISTICS),
        0.9,
    ),
    "training": Room(("training",), ("training",)),
    "base": Room(("base",), ("base",)),
    "export": Room(("export",), ("export",)),
    "inputs": Room(("inputs",), ("inputs",)),
}
OUTCOMES = ("killed", "survived", "timeout", "crash", "error")


class Outcome(NamedTuple):
    """How a mutant ended: its kind of `OUTCOMES`, and the test that killed it or what went wrong."""

    kind: str
    by: str = ""


class Run(NamedTuple):
    """What the unmutated tests did: per test its seconds, and the functions of the room that it called."""

    seconds: dict[str, float]
    calls: dict[str, set[tuple[str, str, int]]]


def in_fork(task: Callable[[], Any], limit: float) -> tuple[Any, str]:
    """Run a task in a fork of this process; return what it gave and how it ended ("" if well)."""
    folder = Path(tempfile.mkdtemp(prefix="mutant-"))
    child = os.fork()
    if child == 0:
        try:
            quiet = os.open(os.devnull, os.O_RDWR)
            for number in (0, 1, 2):
                os.dup2(quiet, number)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(int(limit) + 1)
            os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
            (folder / "answer").write_text(json.dumps(task()))
            os._exit(0)
        except BaseException as error:
            (folder / "error").write_text(f"{type(error).__name__}: {error}"[:300])
        finally:
            os._exit(1)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    answer, error = folder / "answer", folder / "error"
    given = json.loads(answer.read_text()) if answer.exists() else None
    ended = "" if status == 0 else "timeout" if status == -signal.SIGALRM else "crash"
    if error.exists():
        ended = error.read_text()
    shutil.rmtree(folder, ignore_errors=True)
    return given, ended


class Watcher:
    """A pytest plugin that hands the collected tests to `use` in place of the usual loop, and keeps reports."""

    def __init__(self, use: Callable[[Watcher, Any], None]) -> None:
        self.use, self.reports, self.broken = use, [], []

    def pytest_collectreport(self, report: Any) -> None:
        """Remember what could not be collected."""
        if report.failed:
            self.broken.append(report.nodeid)

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Keep a report of a test."""
        self.reports.append(report)

    def pytest_runtestloop(self, session: Any) -> bool:
        """Hand over the collected tests."""
        try:
            self.use(self, session)
        except BaseException:
            traceback.print_exc()  # pytest would say it on stdout, which is closed
        return True

    def run(self, session: Any, names: Sequence[str], *, to_the_end: bool = False) -> str | None:
        """Run the tests of these names in that order; return the first whose body fails, None if none does."""
        items = {item.nodeid: item for item in session.items}
        chosen = [items[name] for name in names if name in items]
        for place, item in enumerate(chosen):
            after = chosen[place + 1] if place + 1 < len(chosen) else None
            session.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            for report in self.reports:
                if report.failed and report.when == "call" and not to_the_end:
                    return str(report.nodeid)
        return None

    def outside(self) -> str:
        """Return the first error outside a test's body."""
        return next((r.nodeid for r in self.reports if r.failed and r.when != "call"), "")


def with_tests(room: Room, use: Callable[[Watcher, Any], None]) -> Watcher:
    """Collect a room's tests and doctests in this process and hand them to `use`."""
    import pytest

    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    watcher = Watcher(use)
    # pytest would import the files that are named here by itself, to rewrite their assertions, past our hook
    options = [
        "-q",
        "-s",
        "-p",
        "no:cacheprovider",
        "--assert=plain",
        "--doctest-modules",
        "--rootdir",
        str(HERE),
    ]
    paths = [HERE / "tests" / each for each in room.tests] + [SOURCE / each for each in room.source]
    pytest.main([*options, *map(str, paths)], plugins=[watcher])
    return watcher


def unmutated(watcher: Watcher, session: Any) -> tuple[dict[str, Any], list[str]]:
    """Run all tests as they are; return what they did (as JSON allows), and those that failed."""
    calls: dict[str, set[tuple[str, str, int]]] = {}
    source, now = str(SOURCE), [set()]

    def look(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(source):
            code = frame.f_code
            now[0].add((code.co_filename, code.co_qualname, code.co_firstlineno))

    threading.setprofile(look)
    names = [item.nodeid for item in session.items]
    for place, item in enumerate(session.items):
        now[0] = calls.setdefault(item.nodeid, set())
        sys.setprofile(look)
        after = session.items[place + 1] if place + 1 < len(names) else None
        session.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
        sys.setprofile(None)
    threading.setprofile(None)  # type: ignore[arg-type]
    seconds: Counter[str] = Counter()
    for report in watcher.reports:
        seconds[report.nodeid] += report.duration
    failed = [r.nodeid for r in watcher.reports if r.failed] + watcher.broken
    done = {"seconds": seconds, "calls": {name: sorted(found) for name, found in calls.items()}}
    return done, failed


def put_in(mutant: Mutant, functions: dict[tuple[str, str], list[FunctionType]]) -> int:
    """Replace the code of the mutant's function wherever it is held; return in how many functions."""
    done = 0

    def walk(code: CodeType) -> Iterator[CodeType]:
        for each in code.co_consts:
            if isinstance(each, CodeType):
                yield each
                yield from walk(each)

    for code in walk(mutant.code()):
        for function in functions.get((str(mutant.path), code.co_qualname), ()):
            old = function.__code__
            if old.co_firstlineno == code.co_firstlineno and old.co_freevars == code.co_freevars:
                function.__code__ = code
                done += code.co_qualname == mutant.function
    return done


def live_functions() -> dict[tuple[str, str], list[FunctionType]]:
    """Return the functions of askew that this process holds, by file and qualified name."""
    found: dict[tuple[str, str], list[FunctionType]] = {}
    for each in gc.get_objects():
        if type(each) is FunctionType and each.__code__.co_filename.startswith(str(SOURCE)):
            found.setdefault((each.__code__.co_filename, each.__code__.co_qualname), []).append(each)
    return found


def limit_of(names: Sequence[str], run: Run) -> float:
    """Return the seconds that these tests may take with a fault: many times what they take without."""
    return 30 + 15 * sum(run.seconds[name] for name in names)


def callers(mutant: Mutant, run: Run) -> list[str]:
    """Return the tests that call the mutant's function, the quickest first."""
    called = (str(mutant.path), *mutant.inner)
    found = [name for name, calls in run.calls.items() if called in calls]
    return sorted(found, key=run.seconds.__getitem__)


class Judge:
    """Says how mutants end, given a process that has collected a room's tests."""

    def __init__(self, watcher: Watcher, session: Any, run: Run) -> None:
        self.watcher, self.session, self.run = watcher, session, run
        self.functions = live_functions()
        gc.freeze()  # or the collector would touch, and so copy, every page in every fork
        self.sound: dict[str, bool] = {}

    def __call__(self, mutant: Mutant) -> Outcome | None:
        """Return how a mutant within a function ends; None if it cannot be put in here."""
        names = callers(mutant, self.run)
        if not names:
            return Outcome("survived", "no test calls it")

        def task() -> list[Any]:
            placed = put_in(mutant, self.functions)
            return [
                placed,
                self.watcher.run(self.session, names) if placed else None,
                self.watcher.outside(),
            ]

        given, ended = in_fork(task, limit_of(names, self.run))
        if given and not given[0]:
            return None
        return outcome(given and given[1:], ended, self.passes_alone)

    def passes_alone(self, name: str) -> bool:
        """Return whether a test passes alone and unmutated."""
        if name not in self.sound:
            given, ended = in_fork(
                lambda: [self.watcher.run(self.session, [name]), self.watcher.outside()], 300.0
            )
            self.sound[name] = not ended and given == [None, ""]
        return self.sound[name]


def outcome(given: Sequence[Any] | None, ended: str, passes_alone: Callable[[str], bool]) -> Outcome:
    """Return what a fork's answer (failed test, error outside a test) means."""
    if ended in ("timeout", "crash"):
        return Outcome(ended)
    if ended or given is None:
        return Outcome("error", ended)
    failed, outside = given
    if failed is not None:
        return (
            Outcome("killed", failed) if passes_alone(failed) else Outcome("error", f"{failed} alone fails")
        )
    return Outcome("error", outside) if outside else Outcome("survived")


class Hook:
    """An import hook that gives one module with a fault in it."""

    def __init__(self, mutant: Mutant) -> None:
        self.path, self.code = mutant.path, mutant.code()
        parts = mutant.path.relative_to(SOURCE.parent).with_suffix("").parts
        self.is_package = parts[-1] == "__init__"
        self.name = ".".join(parts[:-1] if self.is_package else parts)

    def find_spec(self, name: str, path: object = None, target: object = None) -> Any:
        """Return how the module with the fault is loaded; None for all others."""
        if name != self.name:
            return None
        folder = [str(self.path.parent)] if self.is_package else None
        return importlib.util.spec_from_file_location(
            name, self.path, loader=self, submodule_search_locations=folder
        )

    def create_module(self, spec: object) -> None:
        """Leave making the module to Python."""
        return None

    def exec_module(self, module: Any) -> None:
        """Run the module with the fault."""
        exec(self.code, module.__dict__)


def on_import(mutant: Mutant, room: Room, run: Run, passes_alone: Callable[[str], bool]) -> Outcome:
    """Return how a mutant of code that runs on import ends; tests that call its module come first."""

    def order(name: str) -> tuple[bool, float]:
        return all(call[0] != str(mutant.path) for call in run.calls[name]), run.seconds[name]

    names = sorted(run.seconds, key=order)

    def task() -> list[Any]:
        answer = SimpleNamespace(value=None, outside="the tests did not begin")

        def use(watcher: Watcher, session: Any) -> None:
            answer.value = watcher.run(session, names)
            answer.outside = watcher.outside() or " ".join(watcher.broken)

        sys.meta_path.insert(0, Hook(mutant))
        with_tests(room, use)
        return [answer.value, answer.outside]

    given, ended = in_fork(task, 30 + limit_of(names, run))
    return outcome(given, ended, passes_alone)


def judge_room(
    name: str, sample: int | None, seed: int, only: str, again: bool, minutes: float = math.inf
) -> dict[str, Any]:
    """Return the figures of a room; end the program if its unmutated tests fail.

    `only` is a part of names. `again` tries those that were not killed the last time, and takes the others for killed.
    After so many `minutes` no further one is tried.
    """
    room, began = ROOMS[name], time.time()
    until = math.inf if again else began + 60 * minutes
    files = sorted(
        path
        for each in room.source
        for path in ([SOURCE / each] if each.endswith(".py") else (SOURCE / each).rglob("*.py"))
    )
    everything = [mutant for path in files for mutant in mutants_of(path, SOURCE)]
    everything = [mutant for mutant in everything if only in mutant.name]
    chosen = everything
    if sample is not None and sample < len(everything):
        chosen = random.Random(seed).sample(everything, sample)
    tried = len(chosen)
    if again:
        before = json.loads((FIGURES / f"{name}.json").read_text())
        left = {each["mutant"] for each in before["not_killed"]}
        chosen, tried, seed = (
            [each for each in everything if each.name in left],
            before["tried"],
            before["seed"],
        )
    libraries()
    state = Path(tempfile.mkdtemp(prefix="mutation-"))
    child = os.fork()  # collects once, and forks for every mutant within a function
    if child == 0:
        try:
            with_tests(
                room, lambda watcher, session: within_functions(watcher, session, chosen, state, until)
            )
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    if not (state / "end").exists():
        failed = state / "failed"
        sys.exit(
            f"{name}: its unmutated tests must pass; {failed.read_text() if failed.exists() else 'they ended early'}"
        )
    run = read_run(state)
    outcomes = {
        int(place): Outcome(*given) for place, given in json.loads((state / "end").read_text()).items()
    }
    sound = {each.by for each in outcomes.values() if each.kind == "killed"}
    for place, mutant in enumerate(chosen):
        if place not in outcomes and time.time() < until:
            outcomes[place] = on_import(mutant, room, run, lambda test: test in sound or test in run.seconds)
            say(mutant, outcomes[place])
    chosen = [chosen[place] for place in outcomes]
    outcomes = dict(enumerate(outcomes.values()))
    tried = tried if again else len(chosen)
    shutil.rmtree(state, ignore_errors=True)
    done = figures(name, everything, chosen, outcomes, seed, time.time() - began)
    if again:
        done |= {"tried": tried, "killed": done["killed"] + tried - len(chosen)}
        done |= {key: before[key] + done[key] for key in ("killed_by_doctests", "seconds")}
    return done


def within_functions(watcher: Watcher, session: Any, chosen: list[Mutant], state: Path, until: float) -> None:
    """Judge the mutants within functions and write how they ended, in the process that collected the tests."""
    given, ended = in_fork(lambda: unmutated(watcher, session), 3600.0)
    if ended or given is None or given[1]:
        (state / "failed").write_text(f"failed: {', '.join(given[1]) if given else ended}")
        return
    (state / "run").write_text(json.dumps(given[0]))
    judge = Judge(watcher, session, read_run(state))
    outcomes = {}
    for place, mutant in enumerate(chosen):
        if time.time() > until:
            break
        found = judge(mutant) if mutant.function else None
        if found:
            outcomes[place] = found
            say(mutant, found)
    (state / "end").write_text(json.dumps(outcomes))


def read_run(state: Path) -> Run:
    """Return what the unmutated tests did, as :func:`within_functions` wrote it."""
    done = json.loads((state / "run").read_text())
    return Run(
        done["seconds"], {name: {tuple(call) for call in calls} for name, calls in done["calls"].items()}
    )


def say(mutant: Mutant, found: Outcome) -> None:
    """Write a mutant that was not killed to stderr."""
    if found.kind != "killed":
        print(
            f"{found.kind}  {mutant.name}\n    line {mutant.line}: {mutant.before}   {found.by}",
            file=sys.stderr,
        )


def libraries() -> None:
    """Import what the tests import, so that forks have it; askew itself is imported in them."""
    sys.path.insert(0, str(HERE / "src"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import torch
        import torch.func
    torch.set_num_threads(1)


def figures(
    name: str,
    everything: list[Mutant],
    chosen: list[Mutant],
    outcomes: dict[int, Outcome],
    seed: int,
    seconds: float,
) -> dict[str, Any]:
    """Return what is kept of a room: counts, and every mutant that was not killed."""
    counts = Counter(found.kind for found in outcomes.values())
    doctests = sum(".py::askew." in found.by for found in outcomes.values() if found.kind == "killed")
    left = [
        {
            "mutant": mutant.name,
            "before": mutant.before,
            "outcome": outcomes[place].kind,
            "by": outcomes[place].by,
        }
        for place, mutant in enumerate(chosen)
        if outcomes[place].kind != "killed"
    ]
    return {
        "room": name,
        "mutants": len(everything),
        "tried": len(chosen),
        "seed": seed,
        **{kind: counts[kind] for kind in OUTCOMES},
        "killed_by_doctests": doctests,
        "seconds": round(seconds),
        "not_killed": left,
    }


def reasons() -> dict[str, dict[str, Any]]:
    """Return per survivor, by its name, why it is let live and whether it is equivalent."""
    text = SURVIVORS.read_text() if SURVIVORS.exists() else ""
    return {
        name: each
        for each in tomllib.loads(text).get("survivor", [])
        for name in (each["mutant"] if isinstance(each["mutant"], list) else [each["mutant"]])
    }


def share(done: dict[str, Any]) -> tuple[float, int]:
    """Return the share of killed among mutants that are not equivalent, and how many are equivalent."""
    known = reasons()
    equivalent = sum(bool(known.get(left["mutant"], {}).get("equivalent")) for left in done["not_killed"])
    return done["killed"] / max(done["tried"] - equivalent, 1), equivalent


def page() -> str:
    """Return the table of docs/testing.md."""
    lines = [
        "| room | mutants | tried | killed | survived | equivalent | timeout, crash, error | killed of those not "
        "equivalent |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name in ROOMS:
        path = FIGURES / f"{name}.json"
        if path.exists():
            done = json.loads(path.read_text())
            killed, equivalent = share(done)
            apart = done["timeout"] + done["crash"] + done["error"]
            cells = (
                name,
                done["mutants"],
                done["tried"],
                done["killed"],
                done["survived"],
                equivalent,
                apart,
            )
            lines.append(f"| {' | '.join(map(str, cells))} | {killed:.1%} |")
    return "\n".join(lines)


def write_page() -> None:
    """Write the table of docs/testing.md."""
    text = PAGE.read_text()
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n{page()}\n{END}{after}")


def main() -> int:
    """Judge the rooms that are asked for; return 1 if one is below what it promises."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rooms", nargs="*", choices=[*ROOMS, []], help="all if none is named")
    parser.add_argument("--sample", type=int, help="mutants per room, drawn by the seed; all if not given")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=math.inf, help="try no further one after so many")
    parser.add_argument("--only", default="", help="mutants whose name contains this; nothing is kept")
    parser.add_argument("--again", action="store_true", help="try those that were not killed the last time")
    parser.add_argument("--check", action="store_true", help="keep no figures")
    parser.add_argument("--page", action="store_true", help="write the table of docs/testing.md")
    asked = parser.parse_args()
    if asked.page:
        write_page()
        return 0
    short = []
    for name in asked.rooms or ROOMS:
        child = os.fork()  # a room each: what one imports, no other has
        if child == 0:
            done = judge_room(name, asked.sample, asked.seed, asked.only, asked.again, asked.minutes)
            counts = ", ".join(f"{done[kind]} {kind}" for kind in OUTCOMES)
            killed, equivalent = share(done)
            print(
                f"{name}: {counts}, {equivalent} equivalent: {killed:.1%} of {done['tried']} tried",
                flush=True,
            )
            if not (asked.only or asked.check):
                FIGURES.mkdir(parents=True, exist_ok=True)
                (FIGURES / f"{name}.json").write_text(json.dumps(done, indent=1, ensure_ascii=False) + "\n")
            os._exit(3 if killed < ROOMS[name].promised and not asked.only else 0)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
            short.append(name)
    if short:
        print(f"Below what is promised, or not judged: {', '.join(short)}.")
    return int(bool(short))


if __name__ == "__main__":
    sys.exit(main())
