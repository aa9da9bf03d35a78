"""What networks compute in while they train."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor


def autocast_dtype(device: torch.device, precision: str) -> torch.dtype | None:
    """Return the type that networks compute in on `device`, or None for float32.

    ``"auto"`` is bfloat16 where the processor has units for it. Elsewhere it is emulated, which took three times as
    long as float32 on a processor with AVX-512 alone.

    >>> autocast_dtype(torch.device("cpu"), "bfloat16")
    torch.bfloat16
    """
    if precision == "float32":
        return None
    return torch.bfloat16 if precision == "bfloat16" or has_bfloat16(device) else None


@dataclass(frozen=True)
class LoweredNetwork:
    """A network that computes in `dtype` and gives float32."""

    network: Callable[..., Tensor]
    dtype: torch.dtype

    def __call__(self, *inputs: Tensor) -> Tensor:
        """Return what the network makes of the inputs."""
        with torch.autocast(inputs[0].device.type, self.dtype):
            return self.network(*inputs).float()


def has_bfloat16(device: torch.device) -> bool:
    """Return whether `device` has units for bfloat16."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type != "cpu":
        return False
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
