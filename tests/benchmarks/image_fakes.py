"""Image sets of a few pixels and a detector that measures the distance from the unlabelled mean.

A class is a bright pixel. The detector's ``quality`` is the share of that distance in its score, the rest noise from
the seed. Nothing here imports torch.
"""

import types

import numpy as np

SIZES = {
    "mnist": (10, 40, 10),
    "fashion_mnist": (10, 40, 10),
    "cifar10": (10, 40, 10),
    "catsvsdogs": (2, 60, 20),
    "svhn": (10, 40, 10),
    "cifar100": (100, 0, 1),
}
"""Classes, training and test images of each."""
QUALITY = {"vae": 0.3, "deep_svdd": 0.3, "deep_sad": 0.6, "dp_vae": 0.9, "mml_vae": 0.8}
loaded = []
"""The name of every image set that was loaded."""
fitted = []
"""Method, parameters, training images and labels of every fit."""


class FakeImageDetector:
    def __init__(self, name):
        self.name, self.random_state, self.fit_error_, self.params = name, None, None, {}
        self.trouble, self.device = None, "cpu"

    def set_params(self, random_state=None, **params):
        self.random_state, self.params = random_state, params
        return self

    def fit(self, X, y):
        fitted.append((self.name, self.params, X, np.asarray(y)))
        self.mean_ = X[np.asarray(y) == 0].reshape(-1, X[0].size).mean(0)
        return self

    def score_samples(self, X):
        noise = np.random.default_rng(self.random_state).normal(size=len(X))
        distance = np.abs(X.reshape(len(X), -1) - self.mean_).max(1) / 255
        quality = QUALITY.get(self.name, 0.5)
        return -quality * distance + 0.3 * (1 - quality) * noise

    def encode(self, X):
        return X.reshape(len(X), -1).astype(float) + np.random.default_rng(0).normal(size=(len(X), 16))


def load_images(name):
    loaded.append(name)
    n_classes, n_train, n_test = SIZES[name]
    rng = np.random.default_rng(len(name))

    def drawn(n):
        classes = rng.permutation(np.repeat(np.arange(n_classes), n))
        x = rng.integers(0, 60, size=(len(classes), 1, 4, 4), dtype=np.uint8)
        x.reshape(len(x), 16)[np.arange(len(x)), classes % 16] = 255
        return x, classes

    (x_train, y_train), (x_test, y_test) = drawn(n_train), drawn(n_test)
    return types.SimpleNamespace(name=name, x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)


def entries():
    from askew.benchmarks.protocols.images.designs import ALL
    from askew.benchmarks.runs.label_use import RUN_WITHOUT_LABELS
    from askew.benchmarks.runs.method import VARIANTS

    names = [
        name for name in (*ALL, *RUN_WITHOUT_LABELS, "ama") if name not in {one.name for one in VARIANTS}
    ]
    return {
        name: types.SimpleNamespace(input_kind="table", takes_tables=True, takes_images=True)
        for name in names
    }


def install(monkeypatch):
    """Put the fakes in the places of the real ones; the runner's fakes are there already."""
    import askew.datasets
    import askew.index
    from askew.benchmarks.protocols.images import image_splits

    image_splits.loaded_images.cache_clear()
    loaded.clear()
    fitted.clear()
    monkeypatch.setattr(askew.datasets, "load_images", load_images, raising=False)
    monkeypatch.setattr(askew.index, "entries", entries)
    monkeypatch.setattr(askew.index, "detector_class", lambda name: lambda: FakeImageDetector(name))
