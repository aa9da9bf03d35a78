"""What the autoencoder, Deep SVDD and Deep SAD share: networks without a variational code, and pre-training."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from askew.errors import InvalidInputError, must
from askew.inputs.spec import RowSpec
from askew.networks.defaults import encoder_decoder
from askew.networks.user_networks import networks_from, trial_run
from askew.objectives import reconstruction_error
from askew.training import Batch, Networks
from askew.training.executors import MemberNetworks


def autoencoder_networks(
    network: Any, owner: str, spec: RowSpec, code_size: int | None = None, **layers: Any
) -> MemberNetworks:
    """Return one member's encoder and decoder, perceptrons or convolutions with `layers` options by default.

    `code_size` is the width of the default network's code where it is not the papers'.
    """

    def default(architecture: str) -> tuple[nn.Module, nn.Module]:
        return encoder_decoder(spec, architecture, code_size=code_size, **layers)

    encoder, decoder = networks_from(network, owner, spec, default)
    decoded = trial_run(nn.Sequential(encoder, decoder), spec.n_features, owner, "an encoder and a decoder")
    if decoded != (2, spec.n_features):
        rule = f"an encoder and a decoder that give back ({spec.n_features},)"
        remedy = "Make the decoder's output as wide as the table."
        raise InvalidInputError(must("network", owner, rule, decoded, remedy))
    return {"encoder": encoder, "decoder": decoder}


def reconstruct(networks: Networks, x: Tensor) -> Tensor:
    """Return the decoded code of each row."""
    return networks["decoder"](networks["encoder"](x))


def reconstruction_loss(networks: Networks, batch: Batch) -> Tensor:
    """Return the batch's mean squared error."""
    return reconstruction_error(batch.x, reconstruct(networks, batch.x)).mean(-1)
