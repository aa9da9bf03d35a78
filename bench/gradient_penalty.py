"""AMA's training on images with and without the quick way to learn from its gradient penalty.

Run: python bench/gradient_penalty.py [--batch 16] [--critic-steps 1] [--channels 3] [--precision float32]

The epochs of one training take turns: in one of two the penalty's gradients are worked out by hand, as askew does, in
the other by a backward pass through the backward pass, as it does for critics that are not piecewise linear. So other
work on the machine hits both alike. Times are the processor's; the first two epochs are left out. Images are smooth
random fields.
"""

import argparse
import time
import warnings
from unittest.mock import patch

import numpy as np
import torch
from torch.nn import functional as F

import askew
from askew.allocator import keep_freed_memory
from askew.networks.piecewise_linear import PiecewiseLinear
from askew.training import Training
from askew.training.epoch_events import reporting

WAYS = ("by hand", "by autograd")


def smooth_images(n, channels):
    """Return random fields with structure to learn, uint8 (n, channels, side, side)."""
    side, fields = (
        (28, 32)[channels > 1],
        torch.rand(n, channels, 5, 5, generator=torch.Generator().manual_seed(0)),
    )
    return (F.interpolate(fields, (side, side), mode="bilinear") * 255).to(torch.uint8).numpy()


class Turns:
    """Changes the way after every epoch, and keeps the processor's seconds of each."""

    def __init__(self):
        self.epochs, self.start, self.seconds = 0, time.process_time(), []
        self.original = PiecewiseLinear.of

    def of(self, *networks):
        return None if self.epochs % 2 else self.original(*networks)

    def __call__(self, event):
        if event.stage == "adversarial":
            self.seconds.append(time.process_time() - self.start)
            self.epochs += 1
            self.start = time.process_time()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=int, default=256, help="images in an epoch")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--critic-steps", type=int, default=1)
    parser.add_argument("--channels", type=int, default=1, choices=(1, 3))
    parser.add_argument("--precision", default="auto", choices=("auto", "float32", "bfloat16"))
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    keep_freed_memory()
    x, y = smooth_images(arguments.images, arguments.channels), np.zeros(arguments.images, dtype=int)
    y[: arguments.images // 20] = -1
    model = askew.AMA(network="ama_mnist", critic_steps=arguments.critic_steps, n_members=1, random_state=0)
    training = Training(arguments.epochs, batch_size=arguments.batch, precision=arguments.precision)
    turns = Turns()
    with patch.object(PiecewiseLinear, "of", turns.of), reporting(turns):
        model.set_params(training=training).fit(x, y)
    milliseconds = 1000 * np.array(turns.seconds).reshape(-1, 2)[1:] / len(x)
    print(
        f"{x.shape[1:]}, batches of {arguments.batch}, {arguments.critic_steps} updates of the critic for one"
    )
    for way, each in zip(WAYS, milliseconds.T, strict=True):
        print(
            f"{way:12s} {np.median(each):6.2f} ms per image and epoch ({each.min():.2f} to {each.max():.2f})"
        )
    ratios = milliseconds[:, 1] / milliseconds[:, 0]
    print(
        f"ratio {np.median(ratios):.2f} ({ratios.min():.2f} to {ratios.max():.2f}), {model.training_precision}"
    )


if __name__ == "__main__":
    main()
