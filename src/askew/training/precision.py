"""What networks compute in while they train."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor

_GAIN = 1.25
"""How many times faster bfloat16 must be: 4 was seen with AMD's AVX-512, 0.5 with Intel's."""


def autocast_dtype(device: torch.device, precision: str) -> torch.dtype | None:
    """Return the type that networks compute in on `device`, or None for float32.

    ``"auto"`` is bfloat16 where :func:`has_bfloat16` says so. Where it is emulated it took three times as long as
    float32, and on an Intel processor with AVX-512's units for it, but none of AMX, twice as long.

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
    """Return whether `device` has units for bfloat16 with which it multiplies faster than in float32."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type != "cpu":
        return False
    return (torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()) and _gains()


@cache
def _gains() -> bool:
    """Return whether a product of matrices takes clearly less of the processor's time in bfloat16, in milliseconds."""
    seconds = {}
    for dtype in (torch.float32, torch.bfloat16):
        matrix, taken = torch.ones(256, 256, dtype=dtype), []
        for _ in range(5):
            start = time.thread_time()
            matrix @ matrix
            taken.append(time.thread_time() - start)
        seconds[dtype] = min(taken)
    return seconds[torch.float32] > _GAIN * seconds[torch.bfloat16]
