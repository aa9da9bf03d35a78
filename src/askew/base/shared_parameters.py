"""The constructor parameters that detectors share: keyword-only dataclass bases, each parameter documented once.

A detector adds its own hyper-parameters as fields of its class; the constructor that the dataclass writes only
stores, as scikit-learn asks. What `fit` finds is no field: it is set there, or annotated in a base that is no
dataclass.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from askew.errors import InvalidInputError, must
from askew.training import Training

_SECTION = re.compile(r"^(\w[\w ]*)\n-{3,}\n", flags=re.MULTILINE)
"""The heading of a numpydoc section."""

_RAISES = "Raises\n------\nLabelError\n    By `fit`, if no row is labelled -1."


def complete_docstring(cls: type) -> None:
    """Add to the docstring of `cls` the parameters that its bases document, and the defaults of its training."""
    own = cls.__dict__.get("__doc__")
    if own is None:  # python -OO
        return
    before, section, after = _split(inspect.cleandoc(own))
    entries = _entries(section)
    if "training" not in entries and "default_training" in cls.__dict__:
        defaults = training_in_words(cls.__dict__["default_training"])
        entries["training"] = f"training : Training, optional\n    Defaults: {defaults}."
    documented = {name for names in entries for name in names.split(", ")}
    for base in cls.__mro__[1:]:
        for names, entry in _entries(_split(inspect.cleandoc(base.__dict__.get("__doc__") or ""))[1]).items():
            if not documented & set(names.split(", ")):
                entries[names] = entry
                documented |= set(names.split(", "))
    if cls.__dict__.get("needs_anomalies") and "LabelError" not in after:
        after = after.replace("Examples\n---", f"{_RAISES}\n\nExamples\n---", 1)
    parameters = "Parameters\n----------\n" + "\n".join(entries.values())
    cls.__doc__ = "\n\n".join(part for part in (before, parameters, after) if part) + "\n"


def _split(docstring: str) -> tuple[str, str, str]:
    """Return what stands before the section of the parameters, its body, and what follows it."""
    headings = list(_SECTION.finditer(docstring))
    following = next((heading.start() for heading in headings if heading[1] != "Parameters"), len(docstring))
    if not headings or headings[0][1] != "Parameters":
        return docstring[:following].strip(), "", docstring[following:].strip()
    first = headings[0]
    before, after = docstring[: first.start()].strip(), docstring[following:].strip()
    return before, docstring[first.end() : following], after


def _entries(section: str) -> dict[str, str]:
    """Return the entries of a section of parameters by their names, ``"a"`` or ``"a, b"``."""
    parts = re.split(r"\n(?=\S)", section.strip())
    return {part.split(" : ")[0]: part.rstrip() for part in parts if part}


def training_in_words(defaults: Mapping[str, Any]) -> str:
    """Return a method's own settings of training in words.

    >>> training_in_words({"epochs": 150, "lr": 1e-4, "lr_milestones": (50,), "batch_size": 128})
    '150 epochs, Adam at 1e-4 and from epoch 50 on at 1e-5, batches of 128'
    """
    lr = defaults["lr"]
    words = [f"{defaults['epochs']} epochs", f"Adam at {_short(lr)}", f"batches of {defaults['batch_size']}"]
    if defaults.get("pretrain_epochs"):
        words[0] += f" after {defaults['pretrain_epochs']} of pre-training"
    for milestone in defaults.get("lr_milestones", ()):
        lr /= 10
        words[1] += f" and from epoch {milestone} on at {_short(lr)}"
    if "weight_decay" in defaults:
        words.append(f"weight decay {_short(defaults['weight_decay'])}")
    if "clip_grad_norm" in defaults:
        words.append(f"gradients clipped at {defaults['clip_grad_norm']:g}")
    return ", ".join(words)


def _short(number: float) -> str:
    """Return 1e-4 for 0.0001."""
    return f"{number:.0e}".replace("e-0", "e-")


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
    """What every detector takes that scales columns.

    Parameters
    ----------
    scale : "robust", "standard" or None
        How columns are scaled by the training rows: "standard" by mean and standard deviation, as in the papers;
        "robust" by those of all but extreme cells, which then count by their logarithm; None leaves them as they are.
    """

    scale: str | None = "robust"


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
    scale : "robust", "standard" or None
        How columns are scaled by the training rows: "standard" by mean and standard deviation, as in the papers;
        "robust" by those of all but extreme cells, which then count by their logarithm; None leaves them as they are.
        Floating-point images are brought to 0..1 by the training images unless it is None.
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
