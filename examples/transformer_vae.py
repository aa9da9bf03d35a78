"""A transformer from torch.nn as a VAE: what ten labelled anomalies gain it, through askew.objectives alone."""

import torch
from scipy.stats import ttest_rel
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler
from torch import Tensor, nn

from askew import datasets
from askew.objectives import dual_prior_elbo, elbo, reconstruction_error, reparameterise


class TransformerVAE(nn.Module):
    """A row's columns are the tokens of PyTorch's own transformer encoder; nothing in here knows askew."""

    def __init__(self, n_features: int, width: int = 16, code: int = 8) -> None:
        super().__init__()
        self.scale, self.place = (nn.Parameter(torch.randn(n_features, width)) for _ in range(2))
        layer = nn.TransformerEncoderLayer(width, nhead=4, dim_feedforward=32, dropout=0.0, batch_first=True)
        self.transformer = nn.TransformerEncoder(layer, num_layers=1)
        self.head = nn.Linear(width, 2 * code)
        self.decoder = nn.Sequential(nn.Linear(code, 32), nn.ReLU(), nn.Linear(32, n_features))

    def encode(self, x: Tensor) -> Tensor:
        """Return mean and log-variance of the code side by side."""
        return self.head(self.transformer(x.unsqueeze(-1) * self.scale + self.place).mean(dim=1))


# ---- the part that is askew's: two losses and a score ----


def parts(vae: nn.Module, x: Tensor, sample: bool = True) -> tuple[Tensor, Tensor, Tensor]:
    """Return what every ELBO is made of: reconstruction error, mean and log-variance."""
    mu, log_var = vae.encode(x).clamp(-10, 10).chunk(2, dim=-1)
    z = reparameterise(mu, log_var, torch.randn_like(mu)) if sample else mu
    return 0.5 * reconstruction_error(x, vae.decoder(z)), mu, log_var


def train(vae: nn.Module, x: Tensor, y: Tensor, use_labels: bool, epochs: int = 40) -> None:
    """Take a step on normal rows, then one on the known anomalies that leaves the decoder alone."""
    normal, known = x[y == 0], x[y == -1]
    both = torch.optim.Adam(vae.parameters(), lr=2e-3)
    encoder = torch.optim.Adam([p for n, p in vae.named_parameters() if "decoder" not in n], lr=2e-3)
    for epoch in range(epochs):
        for rows in torch.randperm(len(normal)).split(128):
            both.zero_grad()
            elbo(*parts(vae, normal[rows]), beta_kl=0.05).mean().backward()
            both.step()
            if use_labels and epoch >= epochs // 3:  # known anomalies go to a prior of their own
                encoder.zero_grad()
                labels = torch.full((len(known),), -1)
                dual_prior_elbo(*parts(vae, known), labels, alpha=5.0, beta_kl=0.05).mean().backward()
                encoder.step()


@torch.no_grad()
def score(vae: nn.Module, x: Tensor) -> Tensor:
    """Return the negative ELBO of each row under the normal prior: higher = more anomalous."""
    return elbo(*parts(vae, x, sample=False), beta_kl=0.05)


# ---- the experiment: the bundled table cardio, 1 % of the training rows labelled ----


def auroc(seed: int, use_labels: bool, epochs: int = 40) -> float:
    """Return the AUROC on the test rows of one split."""
    split = datasets.splits.classic_split(datasets.load("cardio"), seed)
    scaler = StandardScaler().fit(split.X_train[split.y_train == 0])
    x, x_test = (torch.tensor(scaler.transform(rows)).float() for rows in (split.X_train, split.X_test))
    torch.manual_seed(seed)
    vae = TransformerVAE(x.shape[1])
    train(vae, x, torch.tensor(split.y_train), use_labels, epochs)
    return roc_auc_score(split.anomaly_test, score(vae, x_test))


if __name__ == "__main__":
    pairs = [(auroc(seed, use_labels=False), auroc(seed, use_labels=True)) for seed in range(5)]
    for seed, (without, with_labels) in enumerate(pairs):
        print(f"split {seed}: AUROC {without:.3f} without labels, {with_labels:.3f} with ten")
    without, with_labels = zip(*pairs, strict=True)
    gain = sum(with_labels) / 5 - sum(without) / 5
    print(f"gain {gain:+.3f}, paired t-test p = {ttest_rel(with_labels, without).pvalue:.3f}")
