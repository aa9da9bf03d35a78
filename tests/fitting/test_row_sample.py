"""Rows drawn in one pass: evenly, the same whatever the batches, and all of the groups that are whole."""

import numpy as np
import pyarrow as pa

from askew.fitting.row_sample import RowSample


def draw(n_rows, n_most, seed=0, batch=100, groups=None, whole=(), labels=None):
    groups = np.zeros(n_rows, dtype=int) if groups is None else groups
    sample = RowSample(n_most, seed)
    for start in range(0, n_rows, batch):
        part = slice(start, start + batch)
        rows = pa.RecordBatch.from_pydict({"x": np.arange(n_rows)[part]})
        sample.add(rows, groups[part], set(whole))
    return sample.draw(labels or {group: group for group in range(groups.max() + 1)})


def test_every_row_has_the_same_chance():
    counts = np.zeros(200)
    for seed in range(300):
        drawn = draw(200, 20, seed, batch=7)
        assert len(drawn.numbers) == 20
        counts[drawn.numbers - 1] += 1
    # 300 draws of one row in ten: a third, a batch, the ends have their share; 5 standard deviations
    assert abs(counts - 30).max() < 5 * np.sqrt(300 * 0.09)
    for part in (counts[:67], counts[67:134], counts[134:]):
        assert abs(part.mean() - 30) < 2


def test_rows_are_in_order_and_the_same_whatever_the_batches():
    one, other = draw(1000, 50, batch=1000), draw(1000, 50, batch=3)
    assert one.rows["x"].to_pylist() == other.rows["x"].to_pylist() == (one.numbers - 1).tolist()
    assert one.numbers.tolist() == sorted(one.numbers)
    assert draw(1000, 50, seed=1).numbers.tolist() != one.numbers.tolist()


def test_few_rows_and_whole_groups_are_all_kept():
    assert draw(50, 50, batch=7).numbers.tolist() == list(range(1, 51))
    groups = np.arange(900) % 3
    drawn = draw(900, 10, groups=groups, whole={2})
    assert np.bincount(drawn.groups).tolist() == [10, 10, 300]
    np.testing.assert_array_equal(groups[drawn.numbers - 1], drawn.groups)


def test_groups_of_one_label_are_drawn_as_one():
    """Two values may both mean unlabelled; the rarer must not be drawn more often."""
    groups = (np.arange(2000) % 10 == 0).astype(int)
    shares = [draw(2000, 100, seed, groups=groups, labels={0: 0, 1: 0}).groups.mean() for seed in range(40)]
    assert abs(np.mean(shares) - 0.1) < 0.02


def test_memory_does_not_grow_with_the_table():
    sample = RowSample(n_most=10, seed=0)
    for _ in range(500):
        sample.add(pa.RecordBatch.from_pydict({"x": np.zeros(100)}), np.zeros(100, dtype=int))
        assert sum(part.num_rows for part in sample._parts) == len(sample._keys) <= 130
    assert sample.n_rows == 50_000
