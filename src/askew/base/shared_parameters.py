"""The constructor parameters that detectors share: keyword-only dataclass bases, each parameter documented once.

A detector adds its own hyper-parameters as fields of its class; the constructor that the dataclass writes only
stores, as scikit-learn asks. What `fit` finds is no field: it is set there, or annotated in a base that is no
dataclass.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from askew.base.docstrings import complete_docstring
from askew.errors import InvalidInputError, must
from askew.training import Training


@dataclass(kw_only=True, eq=False, repr=False)
class ThresholdParameters:
    """What every detector takes.

    Parameters
    ----------
    contamination : float in (0, 0.5]
        Share of the training rows, images or texts that `predict` flags.
    """

    contamination: float = 0.05

    def __init_subclass__(cls, **options: Any) -> None:
        """Complete the docstring by the parameters that are inherited."""
        super().__init_subclass__(**options)
        complete_docstring(cls)


@dataclass(kw_only=True, eq=False, repr=False)
class SeedParameters(ThresholdParameters):
    """What every detector takes that draws random numbers.

    Parameters
    ----------
    random_state : int, RandomState or None
        An integer gives the same result again.
    """

    random_state: int | np.random.RandomState | None = None

    def _check_random_state(self) -> None:
        """Raise InvalidInputError unless the random state is one."""
        state = self.random_state
        whole = isinstance(state, int | np.integer) and not isinstance(state, bool) and state >= 0
        if not (state is None or whole or isinstance(state, np.random.RandomState)):
            rule = "an integer of at least 0, a RandomState or None"
            remedy = "Use random_state=0 for a result that can be repeated."
            raise InvalidInputError(must("random_state", type(self).__name__, rule, state, remedy))

    def _seed(self) -> int | None:
        """Return a seed, which a RandomState draws."""
        state = self.random_state
        return int(state.randint(2**31 - 1)) if isinstance(state, np.random.RandomState) else state

    def _generator(self) -> np.random.Generator:
        """Return a generator of its own: the global one and its state do not matter."""
        return np.random.default_rng(self._seed())


@dataclass(kw_only=True, eq=False, repr=False)
class ScaleParameters(SeedParameters):
    """What every detector takes that standardises columns.

    Parameters
    ----------
    scale : "standard" or None
        Whether columns are standardised on the training rows.
    """

    scale: str | None = "standard"


@dataclass(kw_only=True, eq=False, repr=False)
class EnsembleParameters(SeedParameters):
    """What every deep detector takes.

    Parameters
    ----------
    training : Training, optional
        Settings of training.
    n_members : int
        Size of the ensemble; the default is the paper's.
    device : str
        Where networks are trained and score, such as "cpu" or "cuda".
    """

    training: Training | None = None
    n_members: int = 1
    device: str = "cpu"


@dataclass(kw_only=True, eq=False, repr=False)
class RowEnsembleParameters(EnsembleParameters, ScaleParameters):
    """What every deep detector of tables or images takes.

    Parameters
    ----------
    scale : "standard" or None
        Whether columns are standardised on the training rows, and floating-point images brought to 0..1 by the
        training images.
    """


@dataclass(kw_only=True, eq=False, repr=False)
class NetworkParameters(RowEnsembleParameters):
    """What every deep detector takes whose networks can be chosen.

    Parameters
    ----------
    network : "auto", (encoder, decoder) or function of the input spec
        The decoder gives back what the encoder got.
    """

    network: Any = "auto"
