"""Warnings of ours are kept back in one thread without a change to what others see, or to the process's filters."""

import threading
import warnings

import pytest

from askew.errors import ColumnWarning, HealthWarning
from askew.own_warnings import kept_back, warn


def test_they_are_warnings_of_whoever_called():
    with pytest.warns(HealthWarning, match="unwell") as caught:
        warn("unwell", HealthWarning)
    assert caught[0].filename == __file__


def test_the_innermost_that_keeps_a_kind_has_it():
    with kept_back(Warning) as outer:
        with kept_back(HealthWarning) as inner:
            warn("unwell", HealthWarning)
            warn("a column", ColumnWarning)
        warn("again", HealthWarning)
    assert (outer, inner) == (["a column", "again"], ["unwell"])
    with pytest.warns(ColumnWarning):
        warn("a column", ColumnWarning)


def test_other_threads_and_the_filters_are_left_alone():
    with pytest.warns(HealthWarning, match="of another"), kept_back(Warning) as texts:
        filters = list(warnings.filters)
        thread = threading.Thread(target=warn, args=("of another", HealthWarning))
        thread.start()
        thread.join()
        assert (texts, warnings.filters) == ([], filters)
