"""Encoders and decoders, chosen from a typed input spec, and the layers that stack members natively."""

from askew.networks.autoregressive import PixelCNN
from askew.networks.convolutional import ARCHITECTURES, architecture_for, convolutional, default_code
from askew.networks.cvae import cvae
from askew.networks.fold import Fold
from askew.networks.geometric import GeometricTransformations
from askew.networks.lstm import SentenceDecoder, SentenceEncoder, WordDropout, word_embedding
from askew.networks.mlp import default_layers, mlp
from askew.networks.stacked import StackedNetwork, stack
from askew.networks.upsampled import UpsampledConvolution
from askew.networks.wide_resnet import wide_resnet

__all__ = [
    "ARCHITECTURES",
    "Fold",
    "GeometricTransformations",
    "PixelCNN",
    "SentenceDecoder",
    "SentenceEncoder",
    "StackedNetwork",
    "UpsampledConvolution",
    "WordDropout",
    "architecture_for",
    "convolutional",
    "cvae",
    "default_code",
    "default_layers",
    "mlp",
    "stack",
    "wide_resnet",
    "word_embedding",
]
