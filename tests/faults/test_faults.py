"""A few strikes on a few commands, drawn by a seed; ``python tools/faults.py`` strikes a hundred times, on all."""

import random
import signal
import sys

import pytest

import faults

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks, limits and /proc")


@pytest.fixture(scope="module")
def world(forks, tmp_path_factory):
    return faults.World(forks, tmp_path_factory.mktemp("world"), ("fit", "score", "bench"))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("name", ["fit", "score", "bench"])
def test_a_command_that_is_stopped_leaves_nothing_half_and_goes_on(world, name, number):
    chance = random.Random(f"{name} {number}")
    world.strike(name, "step", chance.randint(1, world.steps[name]), number, old=chance.random() < 0.5)


@pytest.mark.parametrize(
    ("name", "fault", "at"), [("fit", "disk", 1000), ("score", "disk", 100), ("fit", "memory", 0)]
)
def test_a_full_disk_and_too_little_memory_are_said_in_a_line(world, name, fault, at):
    assert world.strike(name, fault, at, old=True).returncode == 1
