"""The moving average of a stage's weights, which wander less than the last ones of adversarial training."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.optim.swa_utils import get_ema_multi_avg_fn

from askew.training.state import State, put_back


class Average:
    r"""The exponential moving average of tensors, those that come twice counted once; nothing for a decay of None.

    The t-th update keeps :math:`\min(d, (1+t)/(10+t))` of what it was, so that a short training is not the
    average of its random first weights: the rule of TensorFlow's ``ExponentialMovingAverage``. The decay is d, from 0
    to 1.
    """

    def __init__(self, decay: float | None, weights: Iterable[Tensor]) -> None:
        self.decay = decay
        self.updates = 0
        self.weights = [] if decay is None else list(dict.fromkeys(weights))
        self.averages = [weight.detach().clone() for weight in self.weights]

    def update(self) -> None:
        """Take in the weights as they are now."""
        if self.decay is None:
            return
        self.updates += 1
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        with torch.no_grad():
            move = get_ema_multi_avg_fn(decay)  # type: ignore[no-untyped-call]
            move(self.averages, self.weights, self.updates)

    @torch.no_grad()
    def swap(self) -> None:
        """Exchange weights and averages; a second call puts them back."""
        for weight, average in zip(self.weights, self.averages, strict=True):
            last = weight.clone()
            weight.copy_(average)
            average.copy_(last)

    def state_dict(self) -> State:
        """Return the averages and the number of updates."""
        state = {str(number): average for number, average in enumerate(self.averages)}
        return state | {"updates": torch.tensor(self.updates)}

    def load_state_dict(self, state: State) -> None:
        """Go on from where :meth:`state_dict` was."""
        self.updates = int(state["updates"])
        put_back(self.state_dict(), state)
