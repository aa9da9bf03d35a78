"""askew's losses in your own training loop, with your own VAE: what ten labelled anomalies gain."""

import torch
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler
from torch import Tensor, nn

from askew import datasets
from askew.objectives import cubo, cubo_exponent, dual_prior_elbo, elbo, reconstruction_error, reparameterise

BETA, ALPHA, CODE = 0.05, 5.0, 8


class Residual(nn.Module):
    """x + MLP(x)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width))

    def forward(self, x: Tensor) -> Tensor:
        """Return x plus what the layers make of it."""
        return x + self.layers(x)


class YourVAE(nn.Module):
    """Any encoder and decoder; askew never sees this class."""

    def __init__(self, n_features: int, width: int = 32) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Linear(n_features, width), Residual(width), nn.Linear(width, 2 * CODE)
        )
        self.decoder = nn.Sequential(nn.Linear(CODE, width), Residual(width), nn.Linear(width, n_features))

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log-variance of q(z|x), each (rows, code)."""
        mu, log_var = self.encoder(x).chunk(2, dim=-1)
        return mu, log_var.clamp(-10, 10)


def normal_loss(vae: YourVAE, x: Tensor) -> Tensor:
    """Return the usual negative ELBO, the mean over the batch."""
    mu, log_var = vae.encode(x)
    z = reparameterise(mu, log_var, torch.randn_like(mu))
    reconstruction = 0.5 * reconstruction_error(x, vae.decoder(z))
    return elbo(reconstruction, mu, log_var, beta_kl=BETA).mean()


def dual_prior_loss(vae: YourVAE, x: Tensor) -> Tensor:
    """Return DP-VAE's loss of known anomalies, which draws them towards a prior of their own."""
    mu, log_var = vae.encode(x)
    z = reparameterise(mu, log_var, torch.randn_like(mu))
    y = torch.full((len(x),), -1)  # with labels of both kinds in one batch, each row gets its own prior
    reconstruction = 0.5 * reconstruction_error(x, vae.decoder(z))
    return dual_prior_elbo(reconstruction, mu, log_var, y, alpha=ALPHA, beta_kl=BETA).mean()


def cubo_loss(vae: YourVAE, x: Tensor) -> Tensor:
    """Return MML-VAE's loss of known anomalies: an upper bound on their likelihood, to be pushed down."""
    mu, log_var = vae.encode(x)
    noise = torch.randn(5, *mu.shape)  # (samples, rows, code)
    z = reparameterise(mu, log_var, noise)
    reconstruction = 0.5 * reconstruction_error(x, vae.decoder(z))
    exponent = cubo_exponent(reconstruction, log_var, noise, z, beta_cubo=BETA)
    return cubo(exponent, form="exp").mean()


def train(vae: YourVAE, normal: Tensor, known: Tensor, anomaly_loss=None, epochs: int = 60) -> None:
    """Take a step on normal rows, then one on the known anomalies that moves the encoder alone."""
    optimiser = torch.optim.AdamW(vae.parameters(), lr=1e-3)
    encoder_only = torch.optim.AdamW(vae.encoder.parameters(), lr=1e-3)
    for epoch in range(epochs):
        for batch in torch.randperm(len(normal)).split(128):
            optimiser.zero_grad()  # also of the decoder's gradient that the step on anomalies leaves behind
            normal_loss(vae, normal[batch]).backward()
            optimiser.step()
            if anomaly_loss is not None and epoch >= epochs // 3:  # once the VAE knows what is normal
                encoder_only.zero_grad()
                anomaly_loss(vae, known).backward()
                encoder_only.step()


@torch.no_grad()
def anomaly_score(vae: YourVAE, x: Tensor) -> Tensor:
    """Return the negative ELBO of each row under the normal prior, with z at its mean."""
    mu, log_var = vae.encode(x)
    reconstruction = 0.5 * reconstruction_error(x, vae.decoder(mu))
    return elbo(reconstruction, mu, log_var, beta_kl=BETA)


def auroc(anomaly_loss, seed: int) -> float:
    """Return the AUROC on the test rows of one split of the bundled table cardio."""
    split = datasets.splits.classic_split(datasets.load("cardio"), seed)  # 1 % of the rows are labelled
    scaler = StandardScaler().fit(split.X_train[split.y_train == 0])
    x, x_test = (torch.tensor(scaler.transform(rows)).float() for rows in (split.X_train, split.X_test))
    torch.manual_seed(seed)
    vae = YourVAE(x.shape[1])
    train(vae, x[split.y_train == 0], x[split.y_train == -1], anomaly_loss)
    return roc_auc_score(split.anomaly_test, anomaly_score(vae, x_test))


if __name__ == "__main__":
    for title, loss in (("no labels", None), ("DP-VAE", dual_prior_loss), ("MML-VAE", cubo_loss)):
        scores = [auroc(loss, seed) for seed in range(3)]
        print(f"{title:10} AUROC {sum(scores) / len(scores):.3f}, mean of three splits of cardio")
