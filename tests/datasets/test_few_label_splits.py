"""Few-label splits: one test set for every m, nested labels, and in the regime unseen other anomalies to find."""

import functools
import itertools
from dataclasses import replace

import numpy as np
import pytest

from askew import datasets
from askew.datasets.few_label_splits import REGIMES, anomaly_clusters, few_labels_split, most_labels
from askew.datasets.splits import classic_split
from askew.errors import InvalidInputError

SMALL = ("arrhythmia", "cardio", "satimage-2", "thyroid")
MOST = {  # seen: 60 % of the anomalies, rounded down; unseen: the smallest cluster that may be labelled
    "arrhythmia": (39, 27),
    "cardio": (105, 69),
    "satellite": (1221, 603),
    "satimage-2": (42, 55),
    "shuttle": (2106, 184),
    "thyroid": (55, 23),
}
load = functools.cache(datasets.load)


@pytest.mark.parametrize("name", MOST)
def test_most_labels(name):
    assert tuple(most_labels(load(name), regime) for regime in REGIMES) == MOST[name]


@pytest.mark.parametrize("regime", REGIMES)
@pytest.mark.parametrize("name", SMALL)
def test_every_seed_can_label_the_most(name, regime):
    most = most_labels(load(name), regime)
    for seed in range(10):
        split = few_labels_split(load(name), seed, most, regime)
        assert split.n_labelled == most and split.n_polluted == 0
        assert set(split.y_train.tolist()) == {0, -1}
        assert split.anomaly_train[split.y_train == -1].all()


@pytest.mark.parametrize("regime", REGIMES)
def test_normal_rows_and_test_set_do_not_depend_on_m_and_labels_are_nested(regime):
    table = load("thyroid")
    for seed in range(5):
        splits = [few_labels_split(table, seed, m, regime, max_normals=900) for m in (0, 1, 2, 5, 10, 20)]
        labelled = [set(split.train_rows[split.y_train == -1].tolist()) for split in splits]
        assert [len(rows) for rows in labelled] == [0, 1, 2, 5, 10, 20]
        assert all(fewer < more for fewer, more in itertools.pairwise(labelled))
        for split in splits:
            assert (split.test_rows == splits[0].test_rows).all()
            assert set(split.train_rows[split.y_train == 0]) == set(splits[0].train_rows)
            assert split.n_normal == 900


@pytest.mark.parametrize("regime", REGIMES)
def test_no_row_is_in_both_sets_and_rows_are_those_of_the_table(regime):
    table = load("cardio")
    for seed in range(10):
        split = few_labels_split(table, seed, 20, regime, pollution_ratio=0.02)
        rows = np.concatenate([split.train_rows, split.test_rows])
        assert len(np.unique(rows)) == len(rows)
        assert (split.X_train == table.X[split.train_rows]).all()
        assert (split.X_test == table.X[split.test_rows]).all()
        assert (split.anomaly_test == table.anomaly[split.test_rows]).all()
        assert (split.anomaly_train == table.anomaly[split.train_rows]).all()


def test_seen_has_the_test_set_and_the_normal_rows_of_the_classic_split():
    table = load("cardio")
    classic, ours = classic_split(table, 3), few_labels_split(table, 3, 5)
    assert (classic.test_rows == ours.test_rows).all()
    assert set(classic.train_rows[~classic.anomaly_train]) == set(ours.train_rows[~ours.anomaly_train])


def test_unseen_tests_on_all_anomalies_of_the_other_clusters_and_on_the_same_normal_rows():
    table = load("thyroid")
    clusters = [set(rows.tolist()) for rows in anomaly_clusters(table)]
    drawn = set()
    for seed in range(10):
        split = few_labels_split(table, seed, 20, "unseen")
        labelled = set(split.train_rows[split.y_train == -1].tolist())
        (home,) = [number for number, rows in enumerate(clusters) if labelled <= rows]
        drawn.add(home)
        others = set().union(*(rows for number, rows in enumerate(clusters) if number != home))
        assert set(split.test_rows[split.anomaly_test].tolist()) == others
        seen = classic_split(table, seed)
        assert set(split.test_rows[~split.anomaly_test]) == set(seen.test_rows[~seen.anomaly_test])
    assert drawn == {0, 1, 2}


def test_clusters_are_a_partition_and_do_not_see_normal_rows_or_units():
    table = load("cardio")
    clusters = anomaly_clusters(table)
    assert [len(rows) for rows in clusters] == [86, 69, 21]
    assert sorted(np.concatenate(clusters)) == np.flatnonzero(table.anomaly).tolist()
    other_units = table.X * 1000.0
    other_units[~table.anomaly] = 0.0
    for ours, theirs in zip(clusters, anomaly_clusters(replace(table, X=other_units)), strict=True):
        assert (ours == theirs).all()


def test_small_clusters_are_never_labelled():
    """satimage-2 has clusters of 55, 10 and 6 anomalies, arrhythmia of 31, 27 and 8."""
    for name, least in (("satimage-2", 50), ("arrhythmia", 20)):
        large = [set(rows.tolist()) for rows in anomaly_clusters(load(name)) if len(rows) >= least]
        for seed in range(20):
            split = few_labels_split(load(name), seed, 5, "unseen")
            labelled = set(split.train_rows[split.y_train == -1].tolist())
            assert any(labelled <= rows for rows in large)


def test_pollution_is_drawn_from_the_end_of_the_pool_and_is_the_same_for_every_m():
    table = load("cardio")
    splits = [few_labels_split(table, 1, m, pollution_ratio=0.01) for m in (1, 50)]
    hidden = [set(split.train_rows[split.anomaly_train & (split.y_train == 0)]) for split in splits]
    assert hidden[0] == hidden[1] and len(hidden[0]) == splits[0].n_polluted == 10  # 993/99 = 10.03


def test_training_rows_are_in_random_order():
    split = few_labels_split(load("cardio"), 0, 50)
    where = np.flatnonzero(split.y_train == -1) / split.n_train
    assert where.min() < 0.2 and where.max() > 0.8


def test_seeds_differ_and_repeat():
    table = load("cardio")
    first, again, other = (few_labels_split(table, seed, 5) for seed in (0, 0, 1))
    assert (first.train_rows == again.train_rows).all() and (first.test_rows == again.test_rows).all()
    assert set(first.test_rows) != set(other.test_rows)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"m": 40}, r"^m of few_labels_split must be an integer from 0 to 39, .*got 40\. most_labels\(\)"),
        ({"m": -1}, r"^m of few_labels_split must be"),
        ({"m": True}, r"^m of few_labels_split must be"),
        ({"m": 1.5}, r"^m of few_labels_split must be"),
        ({"regime": "known"}, r"^regime of few_labels_split must be 'seen' or 'unseen'; got 'known'"),
        ({"seed": -1}, r"^seed of few_labels_split must be"),
        ({"max_normals": 0}, r"^max_normals of few_labels_split must be .*; got 0"),
        ({"test_size": 0}, r"^test_size of few_labels_split must be"),
        ({"m": 30, "pollution_ratio": 0.1}, r"^pollution_ratio of few_labels_split .*the 9 anomalies"),
    ],
)
def test_refusals(words, message):
    with pytest.raises(InvalidInputError, match=message):
        few_labels_split(load("arrhythmia"), **{"seed": 0, "m": 2, **words})


def test_a_table_of_small_clusters_has_no_unseen_regime():
    table = load("arrhythmia")
    keep = np.r_[np.flatnonzero(~table.anomaly), np.flatnonzero(table.anomaly)[:12]]
    small = replace(table, X=table.X[keep], anomaly=table.anomaly[keep])
    with pytest.raises(InvalidInputError, match=r"cluster of at least 20 anomalies .*Use the regime seen"):
        few_labels_split(small, 0, 2, "unseen")
    with pytest.raises(InvalidInputError, match=r"^table of most_labels must be"):
        most_labels(small, "unseen")


def test_a_cluster_of_exactly_the_size_may_be_labelled():
    """Three heaps of anomalies: of 50, 20 and 20; and without the large one, of 20, 20 and 19."""
    for sizes, most in (((50, 20, 20), 50), ((20, 20, 19), 20)):
        heaps = np.repeat([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]], sizes, axis=0)
        X = np.r_[np.zeros((10, 2)), heaps + np.random.default_rng(0).normal(0, 0.1, size=heaps.shape)]
        table = replace(load("cardio"), X=X, anomaly=np.arange(len(X)) >= 10)
        assert most_labels(table, "unseen") == most


def test_one_normal_row_is_enough_to_ask_for():
    assert few_labels_split(load("arrhythmia"), 0, 2, max_normals=1).n_normal == 1


def test_a_share_of_nothing_is_refused_before_labels_are_counted():
    with pytest.raises(
        InvalidInputError, match=r"test_size of most_labels must be a number in \(0, 1\); got 0"
    ):
        most_labels(load("arrhythmia"), test_size=0)
