"""Encoders and decoders, chosen from a typed input spec, and the layers that stack members natively."""

from askew.networks.alad_critics import bidirectional_encoder, code_critic, joint_critic, row_critic
from askew.networks.ama_networks import AMA_CODES, ama_architecture, ama_autoencoder, pair_critic
from askew.networks.autoregressive import PixelCNN
from askew.networks.convolutional import ARCHITECTURES, architecture_for, convolutional, default_code
from askew.networks.cvae import cvae
from askew.networks.gan_networks import critic, generator, normal_weights
from askew.networks.geometric import GeometricTransformations
from askew.networks.lstm import SentenceDecoder, SentenceEncoder, WordDropout, word_embedding
from askew.networks.mlp import default_layers, mlp
from askew.networks.row_to_image import Fold
from askew.networks.stacked import StackedNetwork, stack
from askew.networks.unet import UNet
from askew.networks.upsampled import UpsampledConvolution
from askew.networks.wide_resnet import wide_resnet

__all__ = [
    "AMA_CODES",
    "ARCHITECTURES",
    "Fold",
    "GeometricTransformations",
    "PixelCNN",
    "SentenceDecoder",
    "SentenceEncoder",
    "StackedNetwork",
    "UNet",
    "UpsampledConvolution",
    "WordDropout",
    "ama_architecture",
    "ama_autoencoder",
    "architecture_for",
    "bidirectional_encoder",
    "code_critic",
    "convolutional",
    "critic",
    "cvae",
    "default_code",
    "default_layers",
    "generator",
    "joint_critic",
    "mlp",
    "normal_weights",
    "pair_critic",
    "row_critic",
    "stack",
    "wide_resnet",
    "word_embedding",
]
