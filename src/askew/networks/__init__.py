"""Encoders and decoders, chosen from a typed input spec, and the layers that stack members natively."""

from askew.networks.cvae import cvae
from askew.networks.lstm import SentenceDecoder, SentenceEncoder, WordDropout, word_embedding
from askew.networks.mlp import default_layers, mlp
from askew.networks.stacked import StackedNetwork, stack

__all__ = [
    "SentenceDecoder",
    "SentenceEncoder",
    "StackedNetwork",
    "WordDropout",
    "cvae",
    "default_layers",
    "mlp",
    "stack",
    "word_embedding",
]
