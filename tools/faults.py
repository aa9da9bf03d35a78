"""Strike commands at random: kills, Ctrl-C, a full disk, too little memory; ends with 1 if one left something half.

Run: python tools/faults.py [--strikes 100] [--seed 0] [--commands fit,score]; what must hold: tests/faults/faults.py
"""

from __future__ import annotations

import argparse
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1] / "tests" / place) for place in ("", "faults")]

from faults import COMMANDS, World  # noqa: E402
from forks import Forks  # noqa: E402

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
WAYS = ("step", "step", "time", "time", "disk", "memory")
"""How strikes are drawn: a third each at a step on files and at a moment, a sixth each by a limit."""


def strike(world: World, name: str, chance: random.Random) -> str:
    """Strike a command at random and return how it ended, in words."""
    way, number = chance.choice(WAYS), chance.choice(SIGNALS)
    at = {
        "step": lambda: chance.randint(1, world.steps[name]),
        "time": lambda: chance.uniform(0, world.seconds[name]),
        "disk": lambda: int(10 ** chance.uniform(0, 5)),
        "memory": lambda: int(10 ** chance.uniform(4, 8.5)),
    }[way]()
    done = world.strike(name, way, at, number, old=chance.random() < 0.5)
    how = {-9: "killed", -15: "terminated", 143: "terminated", 130: "interrupted", -2: "interrupted"}
    return how.get(done.returncode, "refused" if done.returncode else "was done before")


def main() -> int:
    """Strike as often as asked, tell of each that left something half, and count how commands ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--strikes", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--commands", default=",".join(COMMANDS))
    wanted = parser.parse_args()
    names, chance = tuple(wanted.commands.split(",")), random.Random(wanted.seed)
    began, ends, broken = time.monotonic(), Counter[str](), 0
    forks = Forks()
    with tempfile.TemporaryDirectory() as folder:
        world = World(forks, Path(folder), names)
        for number in range(wanted.strikes):
            name = names[number % len(names)]
            try:
                ends[strike(world, name, chance)] += 1
            except AssertionError as error:
                broken += 1
                print(f"strike {number}: {error}", flush=True)
    forks.stop()
    counts = ", ".join(f"{count} {how}" for how, count in ends.most_common())
    seconds = time.monotonic() - began
    print(f"{wanted.strikes} strikes on {len(names)} commands in {seconds:.0f} s: {counts}; {broken} broken.")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
