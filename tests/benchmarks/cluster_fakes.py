"""A protocol of fakes that puts them into the worker processes of a cluster too."""

from dataclasses import dataclass
from pathlib import Path

import benchmark_fakes

from askew.benchmarks.protocols.classic.protocol import Classic


@dataclass(frozen=True)
class FakeClassic(Classic):
    """``log`` gets a line per fitted run."""

    log: Path

    def work(self, group, report, job):
        benchmark_fakes.install()
        benchmark_fakes.log = self.log
        report(0.5)
        return super().work(group, report, job)
