"""DeepDetector: a method that is networks, stages of training and a score; ensembles come for free."""

from __future__ import annotations

import os
from abc import abstractmethod
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, ClassVar, Self

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from askew.base.checkpoints import CheckpointFile, checkpoint_file, fit_of
from askew.base.columns import check_scale, check_two_rows, column_statistics, standardised
from askew.base.detector import Detector, Scores, Y
from askew.base.shared_parameters import EnsembleParameters
from askew.errors import InvalidInputError, must
from askew.inputs.spec import ImageSpec, InputSpec, TableSpec
from askew.training import Data, Execution, Member, Settings, Stage, Training, one_thread, train
from askew.training.executors import MemberNetworks
from askew.training.health import check_codes, check_labels, check_scores
from askew.training.precision import autocast_dtype

_CHUNK = 4096
"""Rows scored at a time: their activations stay in the processor's cache."""

_IMAGES = 256
"""Images scored at a time: the activations of their convolutions stay under some hundred megabytes."""

_THREADED_ROWS = 8 * _CHUNK
"""From this many rows on, chunks are scored by several threads."""


class DeepDetector(EnsembleParameters, Detector):
    """Base of detectors made of networks. A subclass gives networks, stages and a score for **one** member.

    The engine trains ``n_members`` members together, each from its own random weights on its own shuffles;
    the score is the mean over members. Columns are standardised on the training rows that are not known
    anomalies (``scale="standard"``). Scores are computed in float64, so that they do not depend on the batch.

    Images are flat rows of pixels to losses and scores; their networks fold them. uint8 pixels stay so until
    the batch, where they are divided by 255; floating-point ones are brought to 0..1 by the training images'
    smallest and largest, unless ``scale=None``. Convolutions on a CPU train one member after the other, with
    all of torch's threads, and score in float32.

    Attributes
    ----------
    members_ : list of Member
        The trained members that count, with their networks (float64, evaluation mode), seeds and losses.
    failed_members_ : list of str
        Why each member that was given up failed; empty if none was.
    offset_ : float
        The score under which `predict` flags a row.
    """

    keeps_bytes: ClassVar[bool] = True

    default_training: ClassVar[dict[str, Any]]
    """The method's own settings, used where :class:`Training` leaves one out."""

    steep_at_mean: ClassVar[bool] = False
    """Whether the score has no slope at the mean row, or none anywhere, so that gradients cannot be integrated."""

    network: Any
    scale: str | None
    column_mean_: Scores
    column_scale_: Scores
    _checkpoint: CheckpointFile | None

    @abstractmethod
    def _build(self, spec: Any) -> MemberNetworks:
        """Return the networks of one member with new random weights, for samples of this specification."""

    @abstractmethod
    def _stages(self, settings: Settings) -> tuple[Stage, ...]:
        """Return the stages of training."""

    @abstractmethod
    def _row_scores(self, member: Member, x: Tensor) -> Tensor:
        """Return how normal one member finds each row of x (rows, features): (rows,)."""

    def _codes(self, member: Member, x: Tensor) -> Tensor:
        """Return one member's code of each row, (rows, code): what its encoder gives."""
        codes: Tensor = member.networks["encoder"](x)
        return codes

    def _expected(self, member: Member, x: Tensor) -> Tensor | None:
        """Return one member's reconstruction of each row, (rows, features), or None if it makes none."""
        return None

    def _decode(self, member: Member, codes: Tensor) -> Tensor | None:
        """Return what one member makes of codes like :meth:`_codes`'s, (rows, features), or None if it makes nothing.

        Where :meth:`_expected` says what a code becomes, this says it of any point among the codes.
        """
        return None

    def _terms(self, member: Member, x: Tensor) -> tuple[Tensor, Tensor | None] | None:
        """Return the score's parts: each feature's (rows, features) and the code's (rows,), which may be None.

        Over features and code they add up to :meth:`_row_scores`. None if the score has no such parts.
        """
        return None

    def set_params(self, **params: Any) -> Self:
        """Set parameters; ``training__lr=...`` also works while ``training`` is None."""
        if self.training is None and any(key.startswith("training__") for key in params):
            params = {"training": Training()} | params
        super().set_params(**params)
        return self

    def member_scores(self, X: Any) -> Scores:
        """Return each member's scores, (n_members, n_rows): their spread says how sure the ensemble is."""
        check_is_fitted(self, "offset_")
        x = self._validated(X, fitting=False)
        return np.stack([self._chunked(partial(self._row_scores, member), x) for member in self.members_])

    def encode(self, X: Any) -> NDArray[np.float64]:
        """Return the code of each row by the first member, (n_rows, code)."""
        check_is_fitted(self, "offset_")
        return self._chunked(partial(self._codes, self.members_[0]), self._validated(X, fitting=False))

    def _check_parameters(self) -> None:
        super()._check_parameters()
        owner = type(self).__name__
        if not isinstance(self.n_members, int | np.integer) or self.n_members < 1:
            remedy = "Use 1 for a single model, 5 for an ensemble as in the paper."
            raise InvalidInputError(
                must("n_members", owner, "an integer of at least 1", self.n_members, remedy)
            )
        self._check_input()
        training: Any = self.training
        if training is not None and not isinstance(training, Training):
            remedy = "Use training=Training(epochs=50), or set_params(training__epochs=50)."
            raise InvalidInputError(must("training", owner, "a Training or None", training, remedy))
        try:
            torch.empty(0, device=self.device)
        except (RuntimeError, AssertionError) as error:
            remedy = 'Use "cpu".'
            raise InvalidInputError(
                must("device", owner, "a device of this machine", self.device, remedy)
            ) from error

    def _settings(self) -> Settings:
        return (self.training or Training()).resolve(self.default_training)

    def _held_out(self, y: Y, seed: int) -> NDArray[np.bool_] | None:
        """Return which training rows are kept for choosing an epoch, (rows,), or None if none are.

        How many depends on the numbers of rows and of known anomalies alone.
        """
        return None

    def _member_seeds(self) -> list[int]:
        """Return one seed per member, without touching the global random state."""
        state = self.random_state
        if isinstance(state, np.random.RandomState):
            state = int(state.randint(2**31 - 1))
        elif state is not None and not (isinstance(state, int | np.integer) and state >= 0):
            remedy = "Use random_state=0 for a result that can be repeated."
            raise InvalidInputError(
                must(
                    "random_state",
                    type(self).__name__,
                    "an integer of at least 0, a RandomState or None",
                    state,
                    remedy,
                )
            )
        words = np.random.SeedSequence(None if state is None else int(state)).generate_state(self.n_members)
        return [int(word) for word in words]

    def _fit_rows(self, x: Scores, y: Y) -> None:
        self._fit_group([self], [(x, y)])

    @classmethod
    def _fit_group(cls, detectors: Sequence[Self], data: Sequence[tuple[Scores, Y]]) -> None:
        groups: dict[tuple[int, ...], list[int]] = defaultdict(list)
        for i, (x, y) in enumerate(data):
            check_two_rows(y, cls.__name__)
            groups[(*x.shape, int((y < 0).sum()))].append(i)  # members of one stack have equal shapes
        for part, group in enumerate(groups.values()):
            cls._train_alike([detectors[i] for i in group], [data[i] for i in group], part)

    @classmethod
    def _train_alike(cls, detectors: Sequence[Self], data: Sequence[tuple[Scores, Y]], part: int = 0) -> None:
        """Train detectors whose data have equal shapes; `part` numbers the trainings of one fit."""
        first = detectors[0]
        settings = first._settings()
        kept = first._checkpoint = checkpoint_file(settings, part)
        seeds = [detector._member_seeds() for detector in detectors]
        if kept is not None and all(detector.random_state is None for detector in detectors):
            seeds = kept.seeds(len(seeds)) or seeds  # any will do, so those that it was begun with
        held = [
            detector._held_out(y, own[0])
            for detector, (_, y), own in zip(detectors, data, seeds, strict=True)
        ]
        # what is held out does not scale the columns either: it counts as known anomalies do
        xs = [
            detector._prepared(x, y if out is None else np.where(out, np.int8(-1), y))
            for detector, (x, y), out in zip(detectors, data, held, strict=True)
        ]
        spec = first._spec()
        device = torch.device(first.device)
        one_by_one = isinstance(spec, ImageSpec) and device.type == "cpu"
        tensors = Data(
            torch.stack(xs).to(device),
            torch.stack([torch.from_numpy(np.array(y)) for _, y in data]).to(device),
            first._batch,
            _stacked(held, device),
        )
        if kept is not None:
            kept.claim(fit_of(detectors, tensors, seeds))
        members = [[Member(number, seed) for seed in own] for number, own in enumerate(seeds)]
        train(
            lambda: {name: network.to(device) for name, network in first._build(spec).items()},
            first._stages(settings),
            tensors,
            [member for group in members for member in group],
            Execution(
                batch_size=settings.batch_size,
                members_at_once=1 if one_by_one else settings.members_at_once,
                threaded=one_by_one,
                precision=first.training_precision,
                keeper=kept,
            ),
        )
        for detector, group in zip(detectors, members, strict=True):
            detector._adopt(group)

    @property
    def training_precision(self) -> str:
        """What the networks of a fitted detector compute in when it is fitted here: "float32" or "bfloat16"."""
        asked = self._settings().precision if isinstance(self._spec(), ImageSpec) else "float32"
        return "bfloat16" if autocast_dtype(torch.device(self.device), asked) else "float32"

    def _end_fit(self) -> None:
        kept = self.__dict__.pop("_checkpoint", None)
        if kept is not None:
            kept.remove()

    def _adopt(self, members: list[Member]) -> None:
        """Keep the members that did not fail, ready for scoring."""
        self.failed_members_ = [f"seed {m.seed}: {m.failure}" for m in members if m.failure is not None]
        self.members_ = [member for member in members if member.failure is None]
        for member in self.members_:
            _freeze(member, self._dtype)
        if not self.members_:
            self.fit_error_ = (
                f"every member of {type(self).__name__} failed: {self.failed_members_[0]}. Try a lower "
                "training__lr, training__clip_grad_norm=1, or look for extreme values in the columns."
            )
            return
        again = [member.retried for member in self.members_ if member.retried is not None]
        if self.failed_members_:
            left_out = f"{len(self.failed_members_)} of {len(members)} members failed twice and were left out"
            self._warn(f"{left_out}: {self.failed_members_[0]}")
        if again:
            self._warn(
                f"{len(again)} of {len(members)} members were trained again with a new seed: {again[0]}"
            )

    def _unusable(self, scores: Scores) -> str | None:
        if np.isfinite(scores).all():
            return None
        return f"{type(self).__name__}: {check_scores(scores)}. Look for extreme values in the columns."

    def _problems(self, x: Scores, y: Y, scores: Scores) -> Iterable[str | None]:
        return check_scores(scores), check_labels(scores, y), self._code_problem(x[:_CHUNK])

    def _code_problem(self, x: Scores) -> str | None:
        """Return what is wrong with the codes of training rows, in plain words, or None."""
        return check_codes(self._chunked(partial(self._codes, self.members_[0]), x))

    # What comes in: here a row of numbers. A detector of other data overrides these and the input's state.

    def _check_input(self) -> None:
        """Raise InvalidInputError for a parameter of the input's preparation that is out of range."""
        check_scale(self.scale, type(self).__name__)

    def _spec(self) -> InputSpec:
        """Return what one sample looks like to the networks."""
        return TableSpec(self.n_features_in_) if self.image_shape_ is None else ImageSpec(*self.image_shape_)

    @property
    def _dtype(self) -> torch.dtype:
        """What scores are computed in."""
        return torch.float64 if self.image_shape_ is None else torch.float32

    def _prepared(self, x: Any, y: Y) -> Tensor:
        """Learn what the preparation needs, and return the training rows as training takes them."""
        if self.image_shape_ is None:
            self.column_mean_, self.column_scale_ = column_statistics(x[y >= 0], self.scale)
            return torch.from_numpy(self._scaled(x)).float()
        low, high = (0.0, 255.0) if self.image_bytes_ else (0.0, 1.0)
        if not self.image_bytes_ and self.scale is not None:
            low, high = float(x[y >= 0].min()), float(x[y >= 0].max())
        self.column_mean_ = np.array([low])
        self.column_scale_ = np.array([high - low if high > low else 1.0])
        pixels = torch.from_numpy(np.require(x, requirements=("C", "W")))  # torch takes no read-only memory
        return pixels if self.image_bytes_ else self._pixels(pixels)

    def _batch(self, rows: Tensor) -> Tensor:
        """Return prepared rows as the networks see them in training."""
        return self._pixels(rows) if rows.dtype == torch.uint8 else rows

    def _tensor(self, x: Any) -> Tensor:
        """Return checked rows as scoring takes them."""
        if self.image_shape_ is None:
            return torch.from_numpy(self._scaled(x))
        return self._pixels(torch.from_numpy(np.require(x, requirements=("C", "W"))).to(self.device))

    def _pixels(self, rows: Tensor) -> Tensor:
        """Return pixels as float32 from 0 to 1."""
        moved = rows.float() - float(self.column_mean_[0])  # a copy: floats would be the caller's own array
        return moved.div_(float(self.column_scale_[0]))

    def _input_state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Return what :meth:`_prepared` learned, as JSON-able values and arrays."""
        return {}, {"column_mean": self.column_mean_, "column_scale": self.column_scale_}

    def _set_input_state(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        """Take back what :meth:`_input_state` returned."""
        self.column_mean_, self.column_scale_ = arrays["column_mean"], arrays["column_scale"]

    def _scaled(self, x: Scores) -> Scores:
        return standardised(x, self.column_mean_, self.column_scale_)

    def _score_rows(self, x: Scores) -> Scores:
        scores = self._chunked(self._mean_scores, x)
        scores[np.isnan(scores)] = -np.inf  # x is finite: the numbers grew too large, so the row is far away
        return scores

    def _mean_scores(self, rows: Tensor) -> Tensor:
        return torch.stack([self._row_scores(member, rows) for member in self.members_]).mean(0)

    def _chunked(self, function: Callable[[Tensor], Tensor], x: Scores) -> Scores:
        """Return `function` of the scaled rows, chunk by chunk, in several threads if there are many."""

        def one(start: int) -> Scores:
            with torch.no_grad():
                rows = self._tensor(x[start : start + size]).to(self.device)
                return np.asarray(function(rows).cpu().numpy(), dtype=np.float64)

        size = _CHUNK if self.image_shape_ is None else _IMAGES
        starts = range(0, len(x), size)
        with one_thread(self.image_shape_ is None):
            if len(x) < _THREADED_ROWS or self.image_shape_ is not None:
                return np.concatenate([one(start) for start in starts])
            with ThreadPoolExecutor(os.cpu_count(), initializer=torch.set_num_threads, initargs=(1,)) as pool:
                return np.concatenate(list(pool.map(one, starts)))

    def _state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        prepared, arrays = self._input_state()
        for i, member in enumerate(self.members_):
            for name, network in member.networks.items():
                for key, tensor in network.state_dict().items():
                    arrays[f"member.{i}.network.{name}.{key}"] = tensor.cpu().numpy()
            for key, tensor in member.constants.items():
                arrays[f"member.{i}.constant.{key}"] = tensor.cpu().numpy()
        values = prepared | {
            "members": [{"seed": m.seed, "retried": m.retried, "losses": m.losses} for m in self.members_],
            "failed_members": self.failed_members_,
        }
        return values, arrays

    def _set_state(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        self._set_input_state(values, arrays)
        self.failed_members_ = list(values["failed_members"])
        self.fit_error_ = None
        self.members_ = []
        for i, saved in enumerate(values["members"]):
            with torch.random.fork_rng(devices=[]):
                networks = self._build(self._spec())
            member = Member(0, saved["seed"], {k: v.to(self.device) for k, v in networks.items()})
            member.retried, member.losses = saved["retried"], saved["losses"]
            prefix = f"member.{i}.constant."
            member.constants = {
                k.removeprefix(prefix): torch.from_numpy(v).to(self.device)
                for k, v in arrays.items()
                if k.startswith(prefix)
            }
            _freeze(member, self._dtype)
            for name, network in member.networks.items():
                prefix = f"member.{i}.network.{name}."
                state = {k.removeprefix(prefix): v for k, v in arrays.items() if k.startswith(prefix)}
                network.load_state_dict({k: torch.from_numpy(v) for k, v in state.items()})
            self.members_.append(member)


def _stacked(masks: Sequence[NDArray[np.bool_] | None], device: torch.device) -> Tensor | None:
    """Return the masks of data sets as one (sets, rows), or None if there are none."""
    found = [torch.from_numpy(mask) for mask in masks if mask is not None]
    return torch.stack(found).to(device) if found else None


def _freeze(member: Member, dtype: torch.dtype) -> None:
    """Make a member ready for scoring in `dtype`: evaluation mode, no gradients."""
    for network in member.networks.values():
        network.to(dtype).eval().requires_grad_(False)
    member.constants = {key: tensor.to(dtype) for key, tensor in member.constants.items()}
