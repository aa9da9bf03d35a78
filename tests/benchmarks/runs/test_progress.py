"""Time left, and the bar."""

import pytest

from askew.benchmarks import Progress, rich_reporter
from askew.benchmarks.runs.progress import Clock


def test_time_left():
    now = [0.0]
    clock = Clock({"big": 30.0, "small": 10.0}, now=lambda: now[0])
    assert clock.fraction == 0 and clock.seconds_left is None
    now[0] = 6.0
    clock.moved("big", 0.5)
    assert clock.fraction == 15 / 40 and clock.seconds_left == pytest.approx(
        10.0
    )  # 15 units took 6 s, 25 are left
    clock.moved("big", 1.0)
    clock.moved("small", 1.0)
    assert (clock.fraction, clock.seconds_left) == (1.0, 0.0)


def test_a_replaced_task_counts_as_its_parts():
    clock = Clock({"a": 10.0, "b": 10.0})
    clock.moved("a", 1.0)
    clock.moved("b", 0.9)
    clock.replaced("b", {"b": 5.0, "c": 5.0})
    assert clock.fraction == 0.5 and clock.work_of("c") == 5.0
    clock.moved("c", 2.0)
    assert clock.fraction == 0.75, "no task is done more than once"


def test_nothing_to_do_is_done():
    assert Clock({}).fraction == 1.0


def test_outside_a_terminal_only_messages_are_printed(capsys):
    with rich_reporter() as report:
        report(Progress("begin", 0, 10, 0, 0.0, 0.0, None))
        report(Progress("part", 0, 10, 1, 0.5, 60.0, 60.0, "vae on cardio"))
        report(Progress("message", 1, 10, 0, 0.5, 60.0, 60.0, "failed: [vae] on cardio"))
    out, err = capsys.readouterr()
    assert out == "" and err.strip() == "failed: [vae] on cardio"


def test_a_terminal_shows_the_bar(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    with rich_reporter() as report:
        report(Progress("part", 3, 10, 1, 0.5, 60.0, 75.0, "vae on cardio, seeds 0-9"))
    err = capsys.readouterr().err
    for part in ("3/10", "vae on cardio, seeds 0-9", "1 failed", "1 min 15 s left"):
        assert part in err
