"""Items are drawn ahead and worked on at once; results come in order, and so do errors."""

import threading

import pytest
import torch

from askew.scoring.pipeline import in_order


def test_results_are_in_order_and_worked_on_together():
    both = threading.Barrier(2)  # broken unless two items are worked on at once

    def square(x):
        both.wait(timeout=20)
        return x * x

    assert list(in_order(square, range(20), workers=2)) == [x * x for x in range(20)]
    assert list(in_order(square, [])) == []


def test_errors_come_in_their_place():
    def items():
        yield from (1, 2)
        raise OSError("no more")

    results = in_order(lambda x: x, items())
    assert [next(results), next(results)] == [1, 2]
    with pytest.raises(OSError, match="no more"):
        next(results)
    results = in_order(lambda x: 1 / x, [1, 0, 2])
    assert next(results) == 1
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_closed_early_it_closes_the_items_in_their_own_thread():
    seen = {}

    def items():
        try:
            for number in range(10**9):
                seen["last"] = number
                yield number
        finally:
            seen["closed in"] = threading.current_thread().name

    results = in_order(lambda x: x, items(), workers=2)
    assert next(results) == 0
    results.close()
    assert seen["closed in"] == "askew-read" and seen["last"] < 10
    assert not [each for each in threading.enumerate() if each.name.startswith("askew-")]


def test_torch_has_its_threads_again():
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        assert list(in_order(lambda _: torch.get_num_threads(), range(4), workers=2)) == [1] * 4
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)
