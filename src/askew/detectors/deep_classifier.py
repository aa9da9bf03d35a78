"""DeepClassifier: the papers' supervised baseline, a network that tells known anomalies from all other rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, final

from torch import Tensor, nn

from askew.base import DeepDetector, NetworkParameters
from askew.families.recipes import RUFF_TRAINING, main_stage, value_of
from askew.inputs.spec import RowSpec
from askew.networks.defaults import encoder_decoder
from askew.networks.glorot import glorot
from askew.networks.user_networks import code_width, encoder_from
from askew.objectives import cross_entropy
from askew.training import Batch, Member, MemberNetworks, Networks, Settings, Stage, Step


@final
@dataclass(kw_only=True, eq=False, repr=False)
class DeepClassifier(NetworkParameters, DeepDetector):
    r"""Supervised deep classifier: known anomalies against all other rows, which count as normal.

    Batch mean over one shuffled stream of all rows: :math:`\log(1+e^{-a})` if known anomaly,
    :math:`\log(1+e^{a})` if unlabelled or known normal, where the logit :math:`a=w^\top\phi(x)+b` is one
    linear unit on the network of the other methods. Score :math:`-a`, the log-odds of being normal. It has no
    reason to find anomalies unlike those that it was shown.

    Reference: Ruff et al. (2020), Deep Semi-Supervised Anomaly Detection, Appendix C ("supervised deep binary
    classifier"): BatchNorm, Glorot weights and their learning rates. *Departure:* batches of 128 as in their
    code for Deep SAD, where the paper says 200.

    Parameters
    ----------
    network : "auto", encoder, (encoder, decoder) or function of the input spec
        The encoder's output goes into the logit; a decoder is not used.

    Examples
    --------
    >>> import numpy as np
    >>> X, y = np.random.default_rng(0).normal(size=(90, 9)), np.repeat([-1, 0], [5, 85])
    >>> X[:5] += 6.0
    >>> detector = DeepClassifier(random_state=0).set_params(training__epochs=20, training__lr=0.01).fit(X, y)
    >>> bool(detector.score_samples(X[:5]).max() < detector.score_samples(X[5:]).mean())
    True
    """

    name: ClassVar[str] = "supervised"
    uses_labels: ClassVar[bool] = True
    needs_anomalies: ClassVar[bool] = True
    default_training: ClassVar[dict[str, Any]] = RUFF_TRAINING
    scores_together: ClassVar[bool] = True

    def _build(self, spec: RowSpec) -> MemberNetworks:
        owner = type(self).__name__

        def default(architecture: str) -> nn.Module:
            return glorot(encoder_decoder(spec, architecture, batch_norm=True)[0])

        encoder = encoder_from(self.network, owner, spec, default)
        code = code_width(encoder, spec.n_features, owner)
        return {"encoder": encoder, "head": glorot(nn.Linear(code, 1))}

    def _loss(self, networks: Networks, batch: Batch) -> Tensor:
        return cross_entropy(value_of(networks, batch.x), batch.y).mean(-1)

    def _stages(self, settings: Settings) -> tuple[Stage, ...]:
        step = Step("cross_entropy", self._loss, ("encoder", "head"), "all")
        return (main_stage(settings, "classifier", [step], value_of),)

    def _row_scores(self, member: Member, x: Tensor) -> Tensor:
        return -value_of(member.networks, x)
