"""Training a VAE on CIFAR-shaped images against a plain PyTorch loop, and the memory that scoring takes.

Run: python bench/images.py [--quick] [--threads 2]

The plain loop is what one would write first: the same layers in float32 with the channels first, max-pooling after
the activation, upsampling and a 5x5 transposed convolution, autograd, ``torch.optim.Adam``, float32 images in
memory. Ours is ``askew.VAE(network="lenet_cifar10").fit`` on uint8 images, in bfloat16 where the processor has units
for it. Both start with the same weights; batches and noise are each one's own. An epoch of ours and one of the plain
loop are run in turn in one process, so that other work on the machine hits both alike; the first of each is left
out. On a busy machine, the ratio by processor time with --threads 1 is the steadier one. Images are smooth random
fields, the same for both. The rate in GFLOP/s is that of the plain loop's products, counted by torch, whatever ours
does instead, so that it can pass what the machine reaches in products of matrices. Memory is read from Linux's /proc.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import time
import warnings
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

import askew
from askew.networks.convolutional import convolutional
from askew.objectives.elbo import elbo, reparameterise
from askew.training import Training
from askew.training.epoch_events import reporting
from askew.training.stages import linear_warmup

BATCH, CODE, LR, BETA_KL, WARMUP = 128, 128, 1e-3, 0.005, 20
ARCHITECTURE = "lenet_cifar10"
SHAPE = (3, 32, 32)


def smooth_images(n, seed):
    """Return random tinted fields with structure to learn, uint8 (n, 3, 32, 32).

    With a field per colour, a training of either kind may leave out one of them for a thousand steps.
    """
    generator = torch.Generator().manual_seed(seed)
    grey, tint = torch.rand(n, 1, 5, 5, generator=generator), torch.rand(n, 3, 1, 1, generator=generator)
    fields = F.interpolate(0.7 * grey + 0.3 * tint, SHAPE[1:], mode="bilinear")
    return (fields * 255).to(torch.uint8).numpy()


class Plain:
    """The loop that one would write first."""

    def __init__(self, images, seed, epochs):
        torch.manual_seed(seed)
        self.warmup = min(WARMUP, epochs // 7)
        self.x = torch.from_numpy(images).float() / 255
        self.encoder, self.decoder = plain_networks()
        parameters = [*self.encoder.parameters(), *self.decoder.parameters()]
        self.optimiser = torch.optim.Adam(parameters, lr=LR)
        self.generator = torch.Generator().manual_seed(seed)
        self.epochs = 0

    def loss(self, x):
        mu, log_var = self.encoder(x).chunk(2, dim=1)
        log_var = log_var.clamp(-10, 10)
        z = reparameterise(mu, log_var, torch.randn(mu.shape, generator=self.generator))
        error = 0.5 * (x - self.decoder(z)).square().sum((1, 2, 3))
        return elbo(error, mu, log_var, beta_kl=BETA_KL * linear_warmup(self.epochs, self.warmup)).mean()

    def epoch(self):
        losses = []
        for rows in torch.randperm(len(self.x), generator=self.generator).split(BATCH):
            self.optimiser.zero_grad()
            loss = self.loss(self.x[rows])
            loss.backward()
            self.optimiser.step()
            losses.append(loss.detach())
        self.epochs += 1
        return torch.stack(losses).mean().item()

    def products(self):
        """Return the floating-point operations of one image's training, two for each product."""
        with FlopCounterMode(display=False) as counter:
            self.loss(self.x[:BATCH]).backward()
        self.optimiser.zero_grad()
        return counter.get_total_flops() / len(self.x[:BATCH])


def plain_networks():
    def normed(convolution, *after):
        return [convolution, nn.BatchNorm2d(convolution.out_channels, eps=1e-4), nn.LeakyReLU(0.1), *after]

    encoder = []
    for before, after in ((3, 32), (32, 64), (64, 128)):
        encoder += normed(nn.Conv2d(before, after, 5, padding=2), nn.MaxPool2d(2))
    decoder = [nn.Unflatten(1, (8, 4, 4)), nn.LeakyReLU(0.1)]
    for before, after in ((8, 128), (128, 64), (64, 32)):
        decoder += normed(nn.ConvTranspose2d(before, after, 5, padding=2), nn.Upsample(scale_factor=2))
    decoder.append(nn.ConvTranspose2d(32, 3, 5, padding=2))
    return nn.Sequential(*encoder, nn.Flatten(), nn.Linear(2048, 2 * CODE)), nn.Sequential(*decoder)


def clocks():
    """Return the seconds of the wall and of the processor."""
    return np.array([time.perf_counter(), time.process_time()])


def matrix_rate():
    """Return what products of large float32 matrices reach, in GFLOP per second of the wall and of processors."""
    a, seconds = torch.rand(2048, 2048), []
    for _ in range(10):
        start = clocks()
        a @ a
        seconds.append(clocks() - start)
    return 2 * len(a) ** 3 / np.min(seconds, axis=0) / 1e9


class InTurn:
    """Runs an epoch of the plain loop after each of ours, and keeps the seconds and losses of both."""

    def __init__(self, plain):
        self.plain = plain
        self.seconds = {"ours": [], "plain": []}
        self.losses = {"ours": [], "plain": []}
        self.start = clocks()

    def __call__(self, event):
        middle = clocks()
        self.losses["plain"].append(self.plain.epoch())
        self.losses["ours"].append(event.loss)
        self.seconds["ours"].append(middle - self.start)
        self.seconds["plain"].append(clocks() - middle)
        self.start = clocks()

    def ratios(self):
        """Return the plain loop's seconds over ours in each turn but the first, (turns, 2): wall and processor."""
        return np.array(self.seconds["plain"][1:]) / np.array(self.seconds["ours"][1:])


def networks_like(plain, spec):
    """Return the package's networks with the weights of the plain ones."""
    ours = convolutional(spec, outputs=2 * CODE, code=CODE, architecture=ARCHITECTURE)
    for network, other in zip(ours, (plain.encoder, plain.decoder), strict=True):
        for own, given in zip(network.parameters(), other.parameters(), strict=True):
            own.data.copy_(given.data)
    return ours


def training(images, epochs, precision, seed):
    plain = Plain(images, seed, epochs)
    model = askew.VAE(network=partial(networks_like, plain), beta_kl=BETA_KL, n_members=1, random_state=seed)
    model.set_params(training=Training(epochs=epochs, lr=LR, batch_size=BATCH, precision=precision))
    in_turn = InTurn(plain)
    with reporting(in_turn):
        model.fit(images)
    rate, products = matrix_rate(), plain.products()
    print(
        f"{len(images)} images an epoch, {epochs} epochs in turn, {torch.get_num_threads()} threads, "
        f"{model.training_precision}"
    )
    print(
        f"matrix rate {rate[0]:.0f} GFLOP/s, {rate[1]:.0f} of one processor; {products / 1e6:.0f} MFLOP per image"
    )
    for name, seconds in in_turn.seconds.items():
        wall, processor = np.median(seconds[1:], axis=0) / len(images)
        print(
            f"{name:5s} {1 / wall:6.0f} images/s, {1000 * BATCH * wall:4.0f} ms per {BATCH} "
            f"({1000 * BATCH * processor:4.0f} ms of processors), "
            f"{products / wall / 1e9:4.0f} GFLOP/s, {products / processor / 1e9:4.0f} of one processor = "
            f"{products / processor / 1e9 / rate[1]:.2f} of its matrix rate"
        )
    for clock, ratios in zip(("wall", "processor"), in_turn.ratios().T, strict=True):
        print(f"ratio by {clock} time {np.median(ratios):.2f} ({ratios.min():.2f} to {ratios.max():.2f})")
    print("epoch   ours     plain    (mean loss)")
    for epoch, pair in enumerate(zip(in_turn.losses["ours"], in_turn.losses["plain"], strict=True)):
        print(f"{epoch + 1:5d} {pair[0]:8.3f} {pair[1]:8.3f}")


def peak_mib():
    """Return the most memory that this process has held; its ru_maxrss would begin with that of its parent."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024


def score_alone(path, n):
    """Score n images with the model of a file and print what it took; runs in a process of its own."""
    model = askew.load(path)
    images = np.random.default_rng(0).integers(0, 256, (n, *SHAPE), dtype=np.uint8)
    data, before, start = images.nbytes / 2**20, peak_mib(), time.perf_counter()
    model.score_samples(images)
    seconds, after = time.perf_counter() - start, peak_mib()
    print(
        f"scoring {n:,} images: {n / seconds:.0f} images/s, peak {after:.0f} MiB = {data:.0f} MiB of data, "
        f"{before - data:.0f} MiB of program and {after - before:.0f} MiB more"
    )
    print(f"beyond the data: {after - data:.0f} MiB of 1024 MiB", "OK" if after - data < 1024 else "TOO MUCH")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=int, default=1280, help="images in an epoch")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--scored", type=int, default=50_000, help="images to score")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, help="torch's threads, by default its own choice")
    parser.add_argument("--precision", default="auto", choices=("auto", "float32", "bfloat16"))
    parser.add_argument("--quick", action="store_true", help="512 images, 4 epochs, 5,000 images to score")
    parser.add_argument("--score-alone", metavar="MODEL", help="only score with the model of a file")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.images, arguments.epochs, arguments.scored = 512, 4, 5_000
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    warnings.simplefilter("ignore")
    if arguments.score_alone:
        score_alone(arguments.score_alone, arguments.scored)
        return
    images = smooth_images(arguments.images, seed=0)
    training(images, arguments.epochs, arguments.precision, arguments.seed)
    model = askew.VAE(network=ARCHITECTURE, n_members=1, training=Training(epochs=1), random_state=0)
    model.fit(images[:BATCH])
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "model.askew")
        model.save(path)
        command = [sys.executable, __file__, "--score-alone", path, "--scored", str(arguments.scored)]
        threads = ["--threads", str(arguments.threads)] if arguments.threads else []
        subprocess.run([*command, *threads], check=True)


if __name__ == "__main__":
    main()
