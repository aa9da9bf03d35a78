"""Small image sets and a cheap detector in place of the real ones."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import image_fakes


@pytest.fixture
def images(fakes, monkeypatch):
    """The fakes of the runner, with image sets; returns the module with their switches."""
    image_fakes.install(monkeypatch)
    return image_fakes
