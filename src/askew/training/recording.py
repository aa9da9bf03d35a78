"""A computation recorded once and done again on the same memory, with no framework in between.

A step of a small network takes a millisecond or two of which its arithmetic needs a twentieth; the rest is spent on
finding out what is to be done. It is always the same. So one step is run by torch, with autograd, and every operation
is written down together with the memory that it read and wrote, as a CUDA graph does it. Views need nothing then,
what never changes is done once, and what nobody reads not at all; the other operations are repeated as
:mod:`askew.training.replay` says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from askew.training.replay import Action, actions_of

_REFUSED = (
    torch.Tag.nondeterministic_seeded,
    torch.Tag.data_dependent_output,
    torch.Tag.dynamic_output_shape,
)
"""What an operation must not do: draw random numbers, or let Python see numbers that may be others next time."""

_EMPTY = ("aten::empty", "aten::new_empty")
"""Operations that make memory and write nothing there."""


aten = torch.ops.aten

_CLONES = (aten.clone.default, aten._to_copy.default)

_NEUTRAL = {
    aten.add.Tensor: 0,
    aten.sub.Tensor: 0,
    aten.mul.Tensor: 1,
    aten.mul.Scalar: 1,
    aten.div.Tensor: 1,
    aten.div.Scalar: 1,
    aten.pow.Tensor_Scalar: 1,
}
"""By operation, the second argument with which it gives the first one."""


class UnrecordableError(RuntimeError):
    """A computation that may do something else next time."""


class _Operation(NamedTuple):
    function: Any
    args: tuple[Any, ...]
    options: dict[str, Any]
    out: Any

    reads: set[int]
    """The memory whose numbers count."""
    writes: set[int]
    """The memory that changes; none for views and for what is left as it was."""

    @classmethod
    def of(cls, function: Any, args: tuple[Any, ...], options: dict[str, Any], out: Any) -> _Operation:
        name = function._schema.name
        given, made = _memory_of((args, *options.values())), _memory_of(out)
        if not function._schema.is_mutable:
            made -= given
        if name.startswith(_EMPTY):
            made = set()
        if name.startswith("aten::new_") or name.endswith("_like"):
            given = set()
        return cls(function, args, options, out, given, made)

    def moved(self, places: _Places) -> _Operation:
        """Return the same on memory elsewhere."""
        args, out = _at(self.args, places), _at(self.out, places)
        options = {name: _at(value, places) for name, value in self.options.items()}
        reads, writes = (
            {places[place][0].data_ptr() if place in places else place for place in own}
            for own in (self.reads, self.writes)
        )
        return _Operation(self.function, args, options, out, reads, writes)

    def changes_nothing(self) -> bool:
        """Whether the output is the one tensor that was given, anew and laid out alike."""
        given = list(_tensors(self.args))
        if len(given) != 1 or not isinstance(self.out, Tensor) or self.out.dtype != given[0].dtype:
            return False
        neutral = self.function in _CLONES or (
            self.args[1:] == (_NEUTRAL.get(self.function),) and not self.options
        )
        return neutral and given[0].is_contiguous() and self.out.is_contiguous()


def _place(tensor: Tensor) -> int:
    return tensor.untyped_storage().data_ptr()


def _tensors(values: Any) -> Iterator[Tensor]:
    """Yield the tensors of an operation's arguments or results."""
    if isinstance(values, Tensor):
        yield values
    elif isinstance(values, tuple | list):
        for value in values:
            yield from _tensors(value)


def _memory_of(values: Any) -> set[int]:
    return {_place(tensor) for tensor in _tensors(values)}


class _Recorder(TorchDispatchMode):
    """Writes down every operation that is done inside; it holds all tensors, so no memory is used twice."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.log: list[_Operation] = []

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # torch would import its compiler, which takes seconds, to keep it away from here

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if any(tag in func.tags for tag in _REFUSED):
            raise UnrecordableError(f"{func} cannot be done again without torch")
        out = func(*args, **(kwargs or {}))
        self.log.append(_Operation.of(func, args, kwargs or {}, out))
        return out


class Recording:
    """What `compute` does, to be done again with other numbers in the memory that it reads.

    `compute` takes no arguments and returns tensors. After :meth:`replay` the tensors of `into` hold what it
    would have returned; they are contiguous, of the shapes of its results. Raises UnrecordableError if `compute` draws
    random numbers or looks at numbers.

    >>> x, doubled = torch.ones(3), torch.empty(3)
    >>> recording = Recording(lambda: [x * 2], [doubled])
    >>> x.fill_(5.0), recording.replay(), doubled
    (tensor([5., 5., 5.]), None, tensor([10., 10., 10.]))
    """

    def __init__(self, compute: Callable[[], Sequence[Tensor]], into: Sequence[Tensor]) -> None:
        with _Recorder() as recorder:
            results = compute()
        self.first = [result.detach() for result in results]
        """What it returned when it was recorded."""
        log = _without_copies(_needed(_changing(recorder.log), results), results)
        moved = _wanted(log, self.first, into)
        moved |= _shared(log, {*moved, *_memory_of(results)})
        self._read = {place for operation in log for place in operation.reads}
        self.actions: list[Action] = []
        for operation in log:
            function, args, options, out, *_ = operation.moved(moved)
            self.actions += actions_of(function, out, args, options)
        for result, place in zip(self.first, into, strict=True):
            if _place(result) not in moved:
                self.actions.append(partial(place.copy_, result))

    def reads(self, tensor: Tensor) -> bool:
        """Whether its results may depend on numbers in the tensor's memory."""
        return _place(tensor) in self._read

    def replay(self) -> None:
        """Do it again."""
        for action in self.actions:
            action()


def _changing(log: Sequence[_Operation]) -> list[_Operation]:
    """Return the operations whose results may be others next time, without views."""
    writers = Counter(place for operation in log for place in operation.writes)
    constant: set[int] = set()
    changing = []
    for operation in log:
        writes = operation.writes
        if not writes:
            continue
        if operation.reads <= constant and all(writers[place] == 1 for place in writes):
            constant |= writes
        else:
            changing.append(operation)
    return changing


def _needed(log: Sequence[_Operation], results: Sequence[Tensor]) -> list[_Operation]:
    """Return the operations that the results depend on."""
    needed, chosen = _memory_of(results), []
    for operation in reversed(log):
        if operation.writes & needed:
            needed |= operation.reads
            chosen.append(operation)
    return chosen[::-1]


_Places = dict[int, tuple[torch.UntypedStorage, int]]
"""By memory that was recorded, the memory that takes its place and how many bytes into it."""


def _without_copies(log: Sequence[_Operation], results: Sequence[Tensor]) -> list[_Operation]:
    """Return the operations without those that give what they were given, if neither changes later."""
    last = {place: number for number, operation in enumerate(log) for place in operation.writes}
    kept, own = _memory_of(results), []
    places: _Places = {}
    for number, operation in enumerate(log):
        operation = operation.moved(places) if places else operation
        if not operation.writes & kept and operation.changes_nothing():
            (source,), (out,) = _tensors(operation.args), _tensors(operation.out)
            if last.get(_place(source), -1) < number and last[_place(out)] == number:
                places[_place(out)] = source.untyped_storage(), int(source.storage_offset()) * source.itemsize
                continue
        own.append(operation)
    return own


def _wanted(log: Sequence[_Operation], results: Sequence[Tensor], into: Sequence[Tensor]) -> _Places:
    """Return for memory of results that can be had where it is wanted that place."""
    made = {place for operation in log for place in operation.writes}
    times = Counter(map(_place, results))
    return {
        _place(result): (wanted.untyped_storage(), int(wanted.storage_offset()) * wanted.itemsize)
        for result, wanted in zip(results, into, strict=True)
        if _place(result) in made
        and times[_place(result)] == 1
        and result.is_contiguous()
        and result.nbytes == result.untyped_storage().nbytes()
    }


def _shared(log: Sequence[_Operation], kept: set[int]) -> _Places:
    """Return places for what lives for a while only, shared one after the other: less memory is nearer memory."""
    last = {
        place: number for number, operation in enumerate(log) for place in operation.reads | operation.writes
    }
    places: _Places = {}
    free: list[torch.UntypedStorage] = []
    for number, operation in enumerate(log):
        for tensor in _tensors(operation.out):
            place, size = _place(tensor), tensor.untyped_storage().nbytes()
            if place in operation.writes - operation.reads - kept - places.keys():
                fitting = [memory for memory in free if size <= memory.nbytes() <= 2 * size]
                memory = min(fitting, key=torch.UntypedStorage.nbytes, default=None)
                if memory is None:
                    memory = torch.empty(size, dtype=torch.uint8).untyped_storage()
                else:
                    free = [other for other in free if other is not memory]
                places[place] = memory, 0
        over = {place for place in operation.reads | operation.writes if last[place] == number}
        free += [places[place][0] for place in over if place in places]
    return places


def _at(value: Any, moved: _Places) -> Any:
    """Return a tensor without its history, in its new place if its memory has moved; several in a list as well."""
    if isinstance(value, tuple | list):
        return type(value)(_at(part, moved) for part in value)
    if not isinstance(value, Tensor):
        return value
    if _place(value) not in moved:
        return value.detach()
    memory, offset = moved[_place(value)]
    there = torch.empty(0, dtype=value.dtype)
    return there.set_(memory, offset // value.itemsize + value.storage_offset(), value.shape, value.stride())
