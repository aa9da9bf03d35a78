"""Fits in threads, forked children and loky's workers at once: as alone, and the process stays as it was."""

import json
import os
from pathlib import Path

import pytest


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs forks")
def test_threads_forks_and_loky_at_once_are_as_alone(forks, tmp_path):
    code = Path(__file__).with_name("at_once.py").read_text()
    done = json.loads(forks.run(code, folder=tmp_path).stdout)
    assert done == {"fits": 20, "unequal": [], "changed": []}
