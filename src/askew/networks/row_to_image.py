"""The layer between flat rows and images."""

from __future__ import annotations

from torch import Tensor, nn

from askew.inputs.spec import ImageSpec


class Fold(nn.Module):
    """Flat rows (rows, C*H*W) -> images (rows, C, H, W), laid out with the channels last in memory.

    Convolutions on a processor are faster in that layout; ``nn.Flatten()`` is the inverse.

    Examples
    --------
    >>> import torch
    >>> Fold(ImageSpec(channels=3, height=2, width=2))(torch.arange(12.0).reshape(1, 12))[0, 1]
    tensor([[4., 5.],
            [6., 7.]])
    """

    def __init__(self, spec: ImageSpec) -> None:
        super().__init__()
        self.spec = spec

    def forward(self, x: Tensor) -> Tensor:
        """Return the images of the rows."""
        c, h, w = self.spec.channels, self.spec.height, self.spec.width
        if c == 1:  # the same numbers in the same order: no copy
            return x.reshape(-1, h, w, 1).permute(0, 3, 1, 2)
        # as contiguous(memory_format=torch.channels_last), which vmap does not know
        return x.reshape(-1, c, h, w).permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2)

    def extra_repr(self) -> str:
        """Return what the module's text shows of it."""
        return f"{self.spec.channels}, {self.spec.height}, {self.spec.width}"
