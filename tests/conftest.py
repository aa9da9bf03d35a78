"""Every test runs with one torch thread: small networks are faster and steadier so."""

import torch

torch.set_num_threads(1)
