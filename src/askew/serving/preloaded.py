"""What each process of the service needs, imported once for all of them."""

from __future__ import annotations

import torch

import askew.scoring
import askew.serving.service  # noqa: F401

torch.set_num_threads(1)
