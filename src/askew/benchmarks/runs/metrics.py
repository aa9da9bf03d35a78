"""The four numbers of a run, from ``score_samples`` (higher = more normal) and the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from askew.errors import InvalidInputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TRUE_POSITIVE_PERCENT = 80
"""FPR80: the papers' operating point, in percent."""


class Metrics(NamedTuple):
    """AUROC, both AUPRC (higher is better) and FPR80 (lower is better), all in [0, 1]."""

    auroc: float
    auprc: float
    fpr80: float
    auprc_normal: float


def metrics(score: NDArray[Any], anomaly: NDArray[np.bool_]) -> Metrics:
    """Return AUROC, AUPRC, FPR80 and AUPRC of normals of normality scores.

    ``score`` has shape (n,), higher = more normal; ``anomaly`` is the truth, of the same shape. A score that is not
    finite, or a truth of one kind alone, is refused with an InvalidInputError.

    ``auroc`` is the chance that an anomaly scores below a normal row, ties counted half (the same whichever class is
    called positive). ``auprc`` is the average precision with **anomalies positive**, the rare class. ``fpr80`` is the
    false positive rate at 80 % true positive rate with **normals positive**, as in the AMA paper (its Figures 13 and 14
    call accepted normals true positives): the share of anomalies that pass at the strictest threshold that lets at
    least 80 % of the normals pass. ``auprc_normal`` is the average precision with normals positive, the only reading
    under which that paper's AUPRC of 0.999 fits its AUROC of 0.987 with ten normals for one anomaly.

    >>> import numpy as np
    >>> truth = np.array([False] * 5 + [True] * 2)
    >>> found = metrics(np.array([5.0, 4.0, 3.0, 2.0, 0.0, 2.5, -1.0]), truth)
    >>> Metrics(*(round(value, 3) for value in found))
    Metrics(auroc=0.8, auprc=0.75, fpr80=0.5, auprc_normal=0.927)
    """
    import numpy as np
    from sklearn.metrics import average_precision_score, roc_auc_score

    bad = int((~np.isfinite(score)).sum())
    if bad:
        raise InvalidInputError(f"{bad} of {len(score)} scores are not finite. The detector has diverged.")
    if anomaly.all() or not anomaly.any():
        kind = "anomalies" if anomaly.any() else "normals"
        raise InvalidInputError(f"the test rows are all {kind}. Use a split whose test part has both.")
    normal = np.sort(score[~anomaly])[::-1]
    accepted = -(-TRUE_POSITIVE_PERCENT * len(normal) // 100)  # rounded up, in integers: 80 % of 5 is 4
    return Metrics(
        auroc=float(roc_auc_score(anomaly, -score)),
        auprc=float(average_precision_score(anomaly, -score)),
        fpr80=float((score[anomaly] >= normal[accepted - 1]).mean()),
        auprc_normal=float(average_precision_score(~anomaly, score)),
    )
