"""What the name of a method in a run stands for: a detector of the index, and parameters that the name implies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from typing import Any

from askew import index
from askew.benchmarks.runs.label_use import VAES

_SUFFIX = "_test_tuned"


@dataclass(frozen=True)
class Method:
    """A method that can be run, by its name.

    Most names are detectors of the index. The papers' hybrids are ``hybrid`` with one detector or another on an
    autoencoder's code; ``catboost`` is ``gradient_boosting`` with that library, ``ss_dgm_m1m2`` is
    ``ss_dgm`` in two steps (the paper prints the better of the two), ``ama_known_only`` is ``ama`` whose negatives are
    known anomalies and nothing else. A name that ends in ``_test_tuned`` chooses γ
    (and ν) on a tenth of the **test** rows, as the papers' numbers were: it explains gaps to them, is in no default
    grid, and a table that has one says so. :data:`AS_PRINTED` are settings that a paper prints and a detector has
    not by default.

    ``detector`` is its name in the index, ``params`` are constructor parameters that the name implies, ``row`` is the
    papers' row that it stands beside where that has another name.

    Examples
    --------
    >>> Method.of("ssad_hybrid_test_tuned")
    Method(name='ssad_hybrid_test_tuned', detector='hybrid', params={'detector': 'kernel_ssad'}, is_test_tuned=True)
    >>> Method.of("vae").detector, Method.of("catboost").detector
    ('vae', 'gradient_boosting')
    """

    name: str
    detector: str
    params: Mapping[str, Any] = field(default_factory=dict, hash=False)
    is_test_tuned: bool = False
    row: str = field(default="", repr=False)

    @classmethod
    def of(cls, name: str) -> Method:
        """Return the method called ``name``, whether or not this version of askew has its detector."""
        return _NAMED.get(name) or cls(name, name)

    @property
    def printed_as(self) -> str:
        """The name of the papers' row that it stands beside: without tuning on test rows, or with other settings."""
        return self.row or self.name

    @property
    def inner(self) -> str:
        """The detector that decides: a hybrid's own one, or else :attr:`detector`."""
        return str(self.params.get("detector", self.detector))

    def why_not(self) -> str | None:
        """Return why the method cannot be run on this machine, with the remedy; None if it can."""
        library = self.params.get("library")
        if library is not None and find_spec(library) is None:
            return f'{library} is not installed: pip install "askew[boost]"'
        if self.detector not in index.entries():
            return f"{self.name} is not in this version of askew: install a newer one"
        return None


VARIANTS = (
    Method("oc_svm_hybrid", "hybrid", {"detector": "oc_svm"}),
    Method("ssad_hybrid", "hybrid", {"detector": "kernel_ssad"}),
    Method("kde_hybrid", "hybrid", {"detector": "kde"}),
    Method("if_hybrid", "hybrid", {"detector": "isolation_forest"}),
    Method("catboost", "gradient_boosting", {"library": "catboost"}),
    Method("ss_dgm_m1m2", "ss_dgm", {"model": "m1+m2"}, row="ss_dgm"),
    Method("ama_known_only", "ama", {"negatives": None}, row="ama"),
)
TEST_TUNED = tuple(
    replace(method, name=f"{method.name}{_SUFFIX}", is_test_tuned=True, row=method.name)
    for method in (Method("oc_svm", "oc_svm"), Method("kernel_ssad", "kernel_ssad"), *VARIANTS[:2])
)
PAPER_SCHEDULE = {"training__lr_milestones": [50, 100], "training__clip_grad_norm": 1.0}
"""Daniel et al. (2021), section D.2: the rate times 0.1 every 50 epochs, gradients clipped; the norm is ours."""

RUFF_SCHEDULE = {"training__lr_milestones": [50], "training__weight_decay": 1e-6}
"""Ruff et al. (2020), Appendix C: an autoencoder has 50 epochs at 1e-4 and 100 at 1e-5, and a weight decay."""

AS_PRINTED = (
    *(Method(f"{name}_paper_schedule", name, PAPER_SCHEDULE, row=name) for name in VAES),
    Method("autoencoder_paper_schedule", "autoencoder", RUFF_SCHEDULE, row="autoencoder"),
    *(
        replace(
            hybrid,
            name=f"{hybrid.name}_paper_schedule",
            params={**hybrid.params, **{f"encoder__{name}": value for name, value in RUFF_SCHEDULE.items()}},
            row=hybrid.name,
        )
        for hybrid in VARIANTS[:4]
    ),
    *(
        Method(
            f"deep_svdd_soft_{percent}",
            "deep_svdd",
            {"objective": "soft-boundary", "nu": percent / 100},
            row="deep_svdd",
        )
        for percent in (1, 10)
    ),
)
"""Of tables. The Deep SAD paper prints the better of one-class and soft-boundary Deep SVDD, with ν of 1 and 10 %."""
_NAMED = {method.name: method for method in (*VARIANTS, *TEST_TUNED, *AS_PRINTED)}


def choices(detectors: Iterable[str], test_tuned: bool = True) -> tuple[str, ...]:
    """Return the names that a user may choose from: detectors, their variants, and those tuned on test rows."""
    extra = (*VARIANTS, *(TEST_TUNED if test_tuned else ()))
    return (*detectors, *(method.name for method in extra))


def reasons_left_out(methods: Iterable[str]) -> list[str]:
    """Return why methods cannot be run here, as notes of a plan, in the order of ``methods``."""
    reasons = (Method.of(name).why_not() for name in methods)
    return [f"Planned but left out: {reason}." for reason in reasons if reason]
