"""The tutorial's code is the example's, and in it the labels help."""

import runpy
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "your_own_vae.py"


@pytest.fixture(scope="module")
def example():
    """The example's functions, run with one thread and with the global random state put back."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with torch.random.fork_rng(devices=[]):
        yield runpy.run_path(str(EXAMPLE))
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def without_labels(example):
    return example["auroc"](None, 0)


@pytest.mark.parametrize("loss", ["dual_prior_loss", "cubo_loss"])
def test_labels_help(example, without_labels, loss):
    assert 0.9 < without_labels < example["auroc"](example[loss], 0) - 0.01


@pytest.mark.parametrize("loss", ["dual_prior_loss", "cubo_loss"])
def test_step_on_anomalies_reaches_the_whole_encoder(example, loss):
    torch.manual_seed(0)
    vae = example["YourVAE"](5)
    example[loss](vae, torch.randn(3, 5)).backward()
    assert all(parameter.grad.abs().sum() > 0 for parameter in vae.encoder.parameters())


def test_tutorial_is_the_example():
    lines = (ROOT / "docs" / "tutorials" / "your-own-vae.md").read_text(encoding="utf-8").splitlines()
    code, inside = [], False
    for line in lines:
        if line.startswith("```"):
            inside = line == "```python"
        elif inside:
            code.append(line)
    example = EXAMPLE.read_text(encoding="utf-8").splitlines()
    assert [line for line in code if line] == [line for line in example if line]
