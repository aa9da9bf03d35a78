"""Networks that end in one number: an encoder and a head."""

from __future__ import annotations

from torch import Tensor

from askew.training import Networks


def value_of(networks: Networks, x: Tensor, body: str = "encoder", head: str = "head") -> Tensor:
    """Return the one number that `head` makes of each row's code by `body`, (..., rows)."""
    return networks[head](networks[body](x)).squeeze(-1)
