"""The example's transformer gains from labels through askew's losses, and askew's part of it is short."""

import runpy
from pathlib import Path

import pytest
import torch

EXAMPLE = Path(__file__).parents[2] / "examples" / "transformer_vae.py"


@pytest.fixture(scope="module")
def example():
    """The example's functions, run with one thread and with the global random state put back."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with torch.random.fork_rng(devices=[]):
        yield runpy.run_path(str(EXAMPLE))
    torch.set_num_threads(threads)


def test_labels_help(example):
    without, with_labels = (example["auroc"](0, use_labels, epochs=8) for use_labels in (False, True))
    assert with_labels > without > 0.8


def test_the_network_is_not_ours_and_our_part_has_at_most_thirty_lines():
    source = EXAMPLE.read_text(encoding="utf-8")
    network, rest = source.split("# ---- the part that is askew's")
    ours = rest.split("# ---- the experiment")[0]
    code = [line for line in ours.splitlines()[1:] if line.strip()]
    assert len(code) <= 30
    assert "nn.TransformerEncoder(" in network.split("class TransformerVAE")[1]
    imported = [line for line in network.splitlines() if line.startswith("from askew")]
    assert imported == [
        "from askew import datasets",
        "from askew.objectives import dual_prior_elbo, elbo, reconstruction_error, reparameterise",
    ]
