"""Semi-supervised splits: counts by hand, nothing leaks in clean mode, the known leak in leaky mode."""

import functools
import math
import random
import re
from fractions import Fraction

import numpy as np
import pytest
import sklearn.model_selection  # noqa: F401  its first import draws from Python's random
from hypothesis import given
from hypothesis import strategies as st

from askew import datasets
from askew.datasets.splits import class_split, classic_split
from askew.errors import InvalidInputError
from askew.labels import Labels

# Each class gives ceil(0.4 n) rows to the test set. gamma_l = 0.01 labels floor(n/99) of n training normals.
#              normal: test, train               anomalies: test, pool            labelled
BY_HAND = {
    # 386: 154.4 -> 155, 231                     66: 26.4 -> 27, 39               231/99 = 2.3
    "arrhythmia": (155, 231, 27, 39, 2),
    # 1655: 662.0 -> 662, 993                    176: 70.4 -> 71, 105             993/99 = 10.03
    "cardio": (662, 993, 71, 105, 10),
    # 4399: 1759.6 -> 1760, 2639                 2036: 814.4 -> 815, 1221         2639/99 = 26.7
    "satellite": (1760, 2639, 815, 1221, 26),
    # 5732: 2292.8 -> 2293, 3439                 71: 28.4 -> 29, 42               3439/99 = 34.7
    "satimage-2": (2293, 3439, 29, 42, 34),
    # 45586: 18234.4 -> 18235, 27351             3511: 1404.4 -> 1405, 2106       27351/99 = 276.3
    "shuttle": (18235, 27351, 1405, 2106, 276),
    # 3679: 1471.6 -> 1472, 2207                 93: 37.2 -> 38, 55               2207/99 = 22.3
    "thyroid": (1472, 2207, 38, 55, 22),
}
load = functools.cache(datasets.load)


def held_out(table, split):
    """Rows of the table that are neither in the training set nor in the test set."""
    return np.setdiff1d(np.arange(len(table.X)), np.concatenate([split.train_rows, split.test_rows]))


@pytest.mark.parametrize("mode", ["clean", "leaky"])
@pytest.mark.parametrize("name", BY_HAND)
def test_counts_of_ten_seeds(name, mode):
    test_normals, train_normals, test_anomalies, pool_anomalies, labelled = BY_HAND[name]
    table = load(name)
    assert test_normals + train_normals == (~table.anomaly).sum()
    assert test_anomalies + pool_anomalies == table.anomaly.sum()
    for seed in range(10):
        split = classic_split(table, seed, mode=mode)
        assert split.n_labelled == labelled
        assert split.n_normal == train_normals
        assert split.n_polluted == 0
        assert split.n_train == train_normals + labelled == len(split.X_train)
        assert split.n_test_anomalies == test_anomalies
        assert split.n_test == test_normals + test_anomalies == len(split.X_test)


class TestClean:
    @pytest.mark.parametrize("name", ["arrhythmia", "satimage-2", "thyroid"])
    def test_no_row_is_in_both_sets(self, name):
        for seed in range(10):
            split = classic_split(load(name), seed, pollution_ratio=0.002)
            rows = np.concatenate([split.train_rows, split.test_rows])
            assert len(np.unique(rows)) == len(rows)

    def test_rows_and_truth_come_from_the_table_unscaled(self):
        table = load("cardio")
        split = classic_split(table, 3, pollution_ratio=0.02)
        assert split.X_train.tobytes() == table.X[split.train_rows].tobytes()
        assert split.X_test.tobytes() == table.X[split.test_rows].tobytes()
        assert (split.anomaly_train == table.anomaly[split.train_rows]).all()
        assert (split.anomaly_test == table.anomaly[split.test_rows]).all()

    def test_labelled_rows_are_anomalies(self):
        split = classic_split(load("cardio"), 0, pollution_ratio=0.02)
        assert isinstance(split.y_train, Labels)
        assert set(split.y_train.tolist()) == {0, -1}
        assert split.anomaly_train[split.y_train == -1].all()

    def test_only_unused_anomalies_are_dropped(self):
        table = load("cardio")
        dropped = held_out(table, classic_split(table, 0))
        assert len(dropped) == 105 - 10 and table.anomaly[dropped].all()

    def test_pollution_is_unlabelled_and_disjoint(self):
        # 993 normals: pollution 993 * 2/98 = 20.3; labelled 993/0.98 * 5/95 = 53.3
        split = classic_split(load("cardio"), 0, labelled_ratio=0.05, pollution_ratio=0.02)
        assert (split.n_normal, split.n_polluted, split.n_labelled, split.n_train) == (993, 20, 53, 1066)
        assert len(np.unique(split.train_rows)) == 1066

    def test_without_labels_nothing_is_labelled(self):
        split = classic_split(load("cardio"), 0, labelled_ratio=0)
        assert split.n_labelled == 0 and split.n_train == 993

    def test_at_least_one_anomaly_is_labelled(self):
        assert classic_split(load("arrhythmia"), 0, labelled_ratio=0.001).n_labelled == 1  # 231/999 = 0.2

    def test_the_test_set_does_not_depend_on_the_ratios(self):
        splits = [
            classic_split(load("cardio"), 5, *ratios) for ratios in [(0.0, 0.0), (0.01, 0.0), (0.05, 0.02)]
        ]
        for split in splits[1:]:
            assert (split.test_rows == splits[0].test_rows).all()

    def test_another_test_size(self):
        split = classic_split(load("thyroid"), 0, test_size=0.25)
        # 3679/4 = 919.75 -> 920; 93/4 = 23.25 -> 24
        assert (split.n_test - split.n_test_anomalies, split.n_test_anomalies) == (920, 24)

    def test_the_place_of_a_row_says_nothing_of_its_label(self):
        labelled, polluted, test = [], [], []
        for seed in range(10):
            split = classic_split(load("cardio"), seed, labelled_ratio=0.05, pollution_ratio=0.02)
            place = np.linspace(0, 1, split.n_train)
            labelled.append(place[split.y_train == -1].mean())
            polluted.append(place[split.anomaly_train & (split.y_train == 0)].mean())
            test.append(np.linspace(0, 1, split.n_test)[split.anomaly_test].mean())
        # Ten means of at least 20 uniform places: standard deviation at most 0.29 / sqrt(200) = 0.02.
        for places in (labelled, polluted, test):
            assert abs(np.mean(places) - 0.5) < 0.1


class TestChance:
    @pytest.mark.parametrize("mode", ["clean", "leaky"])
    def test_same_seed_same_split(self, mode):
        first, second = (classic_split(load("cardio"), 4, mode=mode) for _ in range(2))
        assert first.X_train.tobytes() == second.X_train.tobytes()
        assert first.y_train.tobytes() == second.y_train.tobytes()
        assert first.X_test.tobytes() == second.X_test.tobytes()

    @pytest.mark.parametrize("mode", ["clean", "leaky"])
    def test_another_seed_another_split(self, mode):
        first, second = (classic_split(load("cardio"), seed, mode=mode) for seed in (4, 5))
        assert set(first.test_rows.tolist()) != set(second.test_rows.tolist())
        assert set(first.train_rows[first.y_train == -1]) != set(second.train_rows[second.y_train == -1])

    def test_every_anomaly_of_the_pool_can_be_labelled(self):
        table = load("arrhythmia")
        seen = set()
        for seed in range(300):
            split = classic_split(table, seed, labelled_ratio=0.05)  # 231 * 5/95 = 12.2 of 66
            seen.update(split.train_rows[split.y_train == -1].tolist())
        assert seen == set(np.flatnonzero(table.anomaly).tolist())

    def test_no_global_random_state_is_touched(self):
        table = load("cardio")
        np.random.seed(17)  # noqa: NPY002 (the state that must not move)
        random.seed(17)
        numpy_before, python_before = repr(np.random.get_state()), random.getstate()  # noqa: NPY002
        classic_split(table, 0)
        classic_split(table, 0, mode="leaky")
        class_split(table.X, table.anomaly, False, [True], 0.01, 0.01, 0)
        assert repr(np.random.get_state()) == numpy_before  # noqa: NPY002
        assert random.getstate() == python_before

    def test_global_random_state_has_no_influence(self):
        np.random.seed(1)  # noqa: NPY002
        first = classic_split(load("cardio"), 0, mode="leaky")
        np.random.seed(2)  # noqa: NPY002
        assert (classic_split(load("cardio"), 0, mode="leaky").train_rows == first.train_rows).all()


def reference_loader(table, seed):
    """The facts of REFERENCE-NOTES as a program: (training rows, their labels), (test rows, their truth)."""
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import MinMaxScaler, StandardScaler

    state = np.random.RandomState(seed)

    def one_of_its_data_sets():
        parts = [
            train_test_split(table.X[table.anomaly == flag], test_size=0.4, random_state=state)
            for flag in (False, True)
        ]
        (train_normal, test_normal), (train_outlier, test_outlier) = parts
        train, test = (
            np.concatenate([train_normal, train_outlier]),
            np.concatenate([test_normal, test_outlier]),
        )
        standard = StandardScaler().fit(train)
        limits = MinMaxScaler().fit(standard.transform(train))
        truth_train = np.repeat([0, 1], [len(train_normal), len(train_outlier)])
        truth_test = np.repeat([0, 1], [len(test_normal), len(test_outlier)])
        scaled = [limits.transform(standard.transform(values)) for values in (train, test)]
        return scaled[0], truth_train, scaled[1], truth_test

    train, truth, _, _ = one_of_its_data_sets()
    _, _, test, truth_test = one_of_its_data_sets()
    global_state = np.random.RandomState(seed)
    n_normal, n_outlier = (truth == 0).sum(), (truth == 1).sum()
    m = int(n_normal * 0.01 / 0.99)
    kept = np.flatnonzero(truth == 0)[global_state.permutation(n_normal)]
    global_state.permutation(n_outlier)  # for the pollution, of which there is none
    labelled = np.flatnonzero(truth == 1)[global_state.permutation(n_outlier)[:m]]
    return train[kept], train[labelled], test, truth_test


class TestLeaky:
    @pytest.mark.parametrize("name", ["arrhythmia", "thyroid"])
    @pytest.mark.parametrize("seed", [0, 9])
    def test_equals_the_reference_loader(self, name, seed):
        unlabelled, labelled, test, truth_test = reference_loader(load(name), seed)
        split = classic_split(load(name), seed, mode="leaky")

        def rows(values):
            return sorted(map(tuple, values.tolist()))

        assert rows(split.X_train[split.y_train == 0]) == rows(unlabelled)
        assert rows(split.X_train[split.y_train == -1]) == rows(labelled)
        for flag in (False, True):
            assert rows(split.X_test[split.anomaly_test == flag]) == rows(test[truth_test == flag])

    def test_six_in_ten_test_rows_were_trained_on(self):
        for name in ("cardio", "thyroid"):
            table = load(name)
            for seed in range(10):
                split = classic_split(table, seed, mode="leaky")
                normal = split.test_rows[~split.anomaly_test]
                assert 0.55 < np.isin(normal, split.train_rows).mean() < 0.65

    @pytest.mark.parametrize(("name", "share"), [("satimage-2", 0.6 * 34 / 42), ("thyroid", 0.6 * 22 / 55)])
    def test_many_test_anomalies_were_labelled_in_training(self, name, share):
        found = []
        for seed in range(10):
            split = classic_split(load(name), seed, mode="leaky")
            labelled = split.train_rows[split.y_train == -1]
            found.append(np.isin(split.test_rows[split.anomaly_test], labelled).mean())
        assert abs(np.mean(found) - share) < 0.08

    def test_rows_come_from_the_table(self):
        table = load("cardio")
        split = classic_split(table, 0, mode="leaky")
        assert (split.anomaly_train == table.anomaly[split.train_rows]).all()
        assert (split.anomaly_test == table.anomaly[split.test_rows]).all()

    def test_each_set_is_scaled_by_its_own_split(self):
        table = load("cardio")
        split = classic_split(table, 0, mode="leaky")
        assert split.X_train.min() >= -1e-12 and split.X_train.max() <= 1 + 1e-12
        # One row that is in both sets has different values in them.
        row = np.intersect1d(split.train_rows, split.test_rows)[0]
        in_train = split.X_train[split.train_rows == row][0]
        in_test = split.X_test[split.test_rows == row][0]
        assert not np.allclose(in_train, in_test, atol=1e-6)

    def test_a_row_drawn_as_pollution_and_as_labelled_is_there_twice_labelled_twice(self):
        split = classic_split(load("cardio"), 0, labelled_ratio=0.05, pollution_ratio=0.02, mode="leaky")
        rows, counts = np.unique(split.train_rows, return_counts=True)
        twice = rows[counts == 2]
        assert split.n_train == 993 + 20 + 53  # as in the clean mode, before any row counts twice
        assert 0 < len(twice) <= 20 and counts.max() == 2
        assert (split.y_train[np.isin(split.train_rows, twice)] == -1).all()
        assert split.n_labelled == 53 + len(twice) and split.n_polluted == 20 - len(twice)


N_CLASSES, PER_CLASS, TEST_PER_CLASS = 10, 5000, 1000
CLASSES = np.repeat(np.arange(N_CLASSES), PER_CLASS)
TEST = (np.arange(N_CLASSES * TEST_PER_CLASS).reshape(-1, 1), np.repeat(np.arange(N_CLASSES), TEST_PER_CLASS))
X = np.arange(N_CLASSES * PER_CLASS, dtype=np.uint16).reshape(-1, 1)


class TestClasses:
    @pytest.mark.parametrize(("ratio", "m"), [(0, 0), (0.01, 50), (0.05, 263), (0.1, 555), (0.2, 1250)])
    def test_scenario_i(self, ratio, m):
        split = class_split(X, CLASSES, 3, [7], ratio, 0.0, seed=0, test=TEST)
        assert (split.n_normal, split.n_labelled, split.n_polluted) == (5000, m, 0)
        assert (CLASSES[split.train_rows[split.y_train == -1]] == 7).all()
        assert (CLASSES[split.train_rows[split.y_train == 0]] == 3).all()
        assert (split.n_test, split.n_test_anomalies) == (10_000, 9_000)

    @pytest.mark.parametrize(
        ("ratio", "polluted", "m"),
        [(0, 0, 263), (0.01, 50, 265), (0.05, 263, 277), (0.1, 555, 292), (0.2, 1250, 328)],
    )
    def test_scenario_ii(self, ratio, polluted, m):
        split = class_split(X, CLASSES, 0, [1], 0.05, ratio, seed=0, test=TEST)
        assert (split.n_normal, split.n_labelled, split.n_polluted) == (5000, m, polluted)
        assert len(np.unique(split.train_rows)) == 5000 + m + polluted

    def test_pollution_comes_from_all_other_classes(self):
        split = class_split(X, CLASSES, 0, [1], 0.05, 0.1, seed=0, test=TEST)
        hidden = CLASSES[split.train_rows[split.anomaly_train & (split.y_train == 0)]]
        # 555 of nine classes: 62 each, standard deviation 7.4.
        assert len(np.unique(hidden)) == 9 and 0 not in hidden
        assert (np.abs(np.bincount(hidden)[1:] - 555 / 9) < 5 * 7.4).all()

    @pytest.mark.parametrize("known", [(), (2,), (2, 5), (2, 5, 8), (1, 2, 5, 8, 9)])
    def test_scenario_iii(self, known):
        split = class_split(X, CLASSES, 0, known, 0.05, 0.1, seed=1, test=TEST)
        labelled = CLASSES[split.train_rows[split.y_train == -1]]
        assert split.n_labelled == (292 if known else 0)
        assert set(labelled.tolist()) == set(known)
        assert split.n_polluted == 555

    def test_rows_and_truth(self):
        split = class_split(X, CLASSES, 4, [1, 2], 0.05, 0.1, seed=0, test=TEST)
        assert (split.X_train[:, 0] == split.train_rows).all() and split.X_train.dtype == np.uint16
        assert (split.anomaly_train == (CLASSES[split.train_rows] != 4)).all()
        assert (split.X_test[:, 0] == split.test_rows).all()
        assert (split.anomaly_test == (TEST[1][split.test_rows] != 4)).all()
        assert sorted(split.test_rows.tolist()) == list(range(10_000))
        assert (np.diff(split.train_rows) < 0).mean() > 0.4  # shuffled

    def test_held_out_rows(self):
        split = class_split(X, CLASSES, 4, [1], 0.01, 0.0, seed=0, test=0.4)
        assert (split.n_normal, split.n_test, split.n_test_anomalies) == (3000, 20_000, 18_000)
        assert split.n_labelled == 30  # 3000/99 = 30.3
        assert not np.isin(split.test_rows, split.train_rows).any()
        assert np.bincount(CLASSES[split.test_rows]).tolist() == [2000] * 10

    def test_images_and_words(self):
        images = np.zeros((30, 1, 4, 4), dtype=np.uint8)
        words = np.repeat(["cat", "dog", "owl"], 10)
        split = class_split(images, words, "cat", ["dog"], 0.2, 0.2, seed=0, test=0.2)
        # 8 cats stay; 8 * 1/4 = 2 hide; 8/0.8 * 1/4 = 2.5 -> 2 dogs are labelled
        assert split.X_train.shape == (12, 1, 4, 4) and split.X_train.dtype == np.uint8
        assert (split.n_labelled, split.n_polluted, split.n_test) == (2, 2, 6)


class TestRefusals:
    @pytest.mark.parametrize("mode", ["clean", "leaky"])
    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"labelled_ratio": 1.0}, r"labelled_ratio of .* must be a number in \[0, 1\); got 1.0"),
            ({"pollution_ratio": -0.1}, r"pollution_ratio of .* must be a number in \[0, 1\); got -0.1"),
            ({"test_size": 0}, r"test_size of classic_split must be a number in \(0, 1\); got 0"),
            ({"seed": -1}, r"seed of classic_split must be an integer from 0 to .*; got -1"),
            ({"seed": 2**32}, r"seed of classic_split"),
            ({"seed": 0.5}, r"seed of classic_split"),
            ({"seed": True}, r"seed of classic_split"),
            # 3439 normals need 3439 * 1/9 = 382.1 anomalies; the pool has 42
            (
                {"labelled_ratio": 0.1},
                r"labelled_ratio of classic_split .*the 42 anomalies.* got 0.1. It needs 382",
            ),
            ({"pollution_ratio": 0.1}, r"pollution_ratio of classic_split .* got 0.1. It needs 382"),
        ],
    )
    def test_classic(self, arguments, message, mode):
        with pytest.raises(InvalidInputError, match=message):
            classic_split(**{"table": load("satimage-2"), "seed": 0, "mode": mode} | arguments)

    def test_labels_and_pollution_do_not_share_anomalies(self):
        # 34 of 42 are labelled (3439/0.997 * 1/99 = 34.8), 8 are left; 3439 * 3/997 = 10.3 are needed
        with pytest.raises(
            InvalidInputError, match=r"the 8 anomalies to draw from can fill; got 0.003. It needs 10"
        ):
            classic_split(load("satimage-2"), 0, pollution_ratio=0.003)

    def test_mode(self):
        with pytest.raises(
            InvalidInputError, match=r"mode of classic_split must be 'clean' or 'leaky'; got 'dirty'"
        ):
            classic_split(load("cardio"), 0, mode="dirty")

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (
                {"normal": 12},
                r"normal of class_split must be a class that occurs; got 12. Choose one of \[0, 1",
            ),
            (
                {"known": [3, 0]},
                r"known of class_split must be classes that occur and are not normal; got \[3, 0\]",
            ),
            ({"known": [11]}, r"known of class_split"),
            ({"classes": CLASSES[:-1]}, r"classes of class_split must be one class per row.*got \(49999,\)"),
            ({"test": (X, CLASSES[1:])}, r"test of class_split must be one class per row"),
            ({"test": (np.zeros((4, 2)), [0, 0, 1, 1])}, r"test of class_split must be rows of shape \(1,\)"),
            ({"test": 1.0}, r"test of class_split must be a number in \(0, 1\)"),
            ({"labelled_ratio": 0.6}, r"labelled_ratio of class_split .*the 5000 anomalies.*It needs 7500"),
            ({"seed": None}, r"seed of class_split"),
        ],
    )
    def test_classes(self, arguments, message):
        usual = {
            "X": X,
            "classes": CLASSES,
            "normal": 0,
            "known": [1],
            "labelled_ratio": 0.05,
            "pollution_ratio": 0.0,
            "seed": 0,
            "test": TEST,
        }
        with pytest.raises(InvalidInputError, match=message):
            class_split(**usual | arguments)
        with pytest.raises(TypeError, match="'tests'"):
            class_split(**usual, tests=0.5)

    def test_nothing_normal_left(self):
        with pytest.raises(
            InvalidInputError, match=r"training set of class_split must be one with normal rows"
        ):
            class_split(np.zeros((5, 2)), [0, 1, 1, 1, 1], 0, [1], 0.1, 0.0, 0)


def test_every_refusal_ends_with_a_remedy():
    with pytest.raises(InvalidInputError) as error:
        classic_split(load("satimage-2"), 0, labelled_ratio=0.1)
    assert re.search(r"got .*\. It needs 382: lower it, .*\.$", str(error.value))


RATIO = st.one_of(st.floats(0, 0.9), st.integers(0, 9).map(lambda tenths: tenths / 10))


@given(
    *(st.integers(0, 60), st.integers(0, 60), RATIO, RATIO, RATIO.filter(bool)),
    *(st.sampled_from(["all", "normals"]), st.integers(0, 2**32 - 1)),
)
def test_counts_of_any_ratios_and_sizes(
    n_normal, n_anomalies, labelled, polluted, test_size, relative_to, seed
):
    """In exact arithmetic, of the decimals as they are written; refused exactly where the pool is too small."""
    classes = np.repeat([0, 1], [n_normal, n_anomalies])
    gamma_l, gamma_p, share = (Fraction(repr(value)) for value in (labelled, polluted, test_size))
    held_out = [math.ceil(n * share) for n in (n_normal, n_anomalies)]
    n, available = n_normal - held_out[0], n_anomalies - held_out[1]
    if relative_to == "normals":
        m, p = math.floor(n * gamma_l), math.floor(n * gamma_p)
    else:
        m = math.floor(n * gamma_l / ((1 - gamma_l) * (1 - gamma_p)))
        p = math.floor(n * gamma_p / (1 - gamma_p))
    m = max(m, 1) if labelled else 0

    def split():
        options = {"test": test_size, "relative_to": relative_to}
        known = [1] if n_anomalies else []
        return class_split(
            np.arange(len(classes))[:, None], classes, 0, known, labelled, polluted, seed, **options
        )

    if n < 1 or (m if n_anomalies else 0) + p > available:
        with pytest.raises(InvalidInputError, match=r"training set|normal of|labelled_ratio|pollution_ratio"):
            split()
        return
    found = split()
    m = m if n_anomalies else 0
    assert (found.n_normal, found.n_labelled, found.n_polluted) == (n, m, p)
    assert (found.n_test, found.n_test_anomalies) == (sum(held_out), held_out[1])
    rows = np.r_[found.train_rows, found.test_rows]
    assert len(np.unique(rows)) == len(rows)
    assert (found.anomaly_train == (classes[found.train_rows] == 1)).all()
    assert found.anomaly_train[found.y_train == -1].all()


def test_rows_without_further_axes_are_split():
    split = class_split(np.arange(20.0), np.repeat([0, 1], 10), 0, [1], 0.1, 0.0, 0)
    assert split.X_train.shape == (7,) and set(split.X_train) <= set(range(20))
