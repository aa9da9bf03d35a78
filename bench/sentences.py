"""What decides whether a few labels help a sentence VAE: measured on the reviews of the original training half.

    ASKEW_DATA=../shared/data python bench/sentences.py [seeds]

The table of ``askew bench sentiment`` is run on the other half, so nothing here has seen its sentences.
"""

import sys
import warnings

import numpy as np
from sklearn.metrics import roc_auc_score

from askew import SentenceVAE, datasets
from askew.benchmarks.protocols.sentiment.protocol import PRESETS
from askew.datasets.sentences import NORMAL, glove
from askew.inputs import tokenise

VARIANTS = {
    "as in the protocol": {},
    "pooling=last": {"pooling": "last"},
    "n_samples=5": {"n_samples": 5},
    "reduction=mean": {"reduction": "mean"},
    "pushed harder": {"outlier_epochs": 3, "training__lr": 4e-3},
}


def measured(params, normal, seed):
    """Return the AUROC by the ELBO and by its KL term, in percent, and the KL's median and 99 % quantile."""
    split = datasets.sentiment_split(datasets.sentiment().of_part("train"), normal, seed, 0.01)
    vectors = glove({token for text in split.X_train for token in tokenise(text)})
    detector = SentenceVAE(vectors=vectors, random_state=seed)
    detector.set_params(**(dict(PRESETS["quick"].params) | params))
    detector.fit(split.X_train, split.y_train)
    elbo = detector.anomaly_score(split.X_test)
    kl = detector.set_params(score_by="kl").anomaly_score(split.X_test)
    aurocs = (100 * roc_auc_score(split.anomaly_test, score) for score in (elbo, kl))
    return *aurocs, float(np.median(kl)), float(np.quantile(kl, 0.99))


if __name__ == "__main__":
    seeds = range(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    warnings.simplefilter("ignore")
    for name, params in VARIANTS.items():
        for normal in NORMAL:
            for seed in seeds:
                elbo, kl, median, high = measured(params, normal, seed)
                print(
                    f"{name:20} {normal:8} seed {seed}: elbo {elbo:.1f}, kl {kl:.1f} "
                    f"(KL of a test sentence: median {median:.2f}, 99 % below {high:.1f} nats)",
                    flush=True,
                )
