"""Fixtures of the benchmark tests."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # also where the kill test's processes find it

import benchmark_fakes
import image_fakes


@pytest.fixture
def fakes(monkeypatch):
    """Tiny tables and cheap detectors in place of the real ones; returns the module with their switches."""
    benchmark_fakes.install(monkeypatch.setattr, monkeypatch.setitem)
    benchmark_fakes.fitted.clear()
    benchmark_fakes.asked.clear()
    return benchmark_fakes


@pytest.fixture
def images(fakes, monkeypatch):
    """The fakes of the runner, with small image sets; returns the module with their switches."""
    image_fakes.install(monkeypatch)
    return image_fakes
