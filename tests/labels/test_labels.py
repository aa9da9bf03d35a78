"""The label convention: what each converter makes of a column, and which vectors are refused."""

import copy
import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from askew import labels
from askew.errors import LabelError
from askew.labels import Labels, check, from_binary, from_pyod, from_sklearn, ours


def values(y):
    assert isinstance(y, Labels) and y.dtype == np.int8 and y.ndim == 1
    return y.tolist()


class TestOurs:
    @pytest.mark.parametrize(
        "y",
        [
            [1, 0, -1],
            (1, 0, -1),
            np.array([1, 0, -1]),
            np.array([1.0, 0.0, -1.0]),
            np.array([1, 0, -1], object),
        ],
    )
    def test_numbers_of_any_type(self, y):
        assert values(ours(y)) == [1, 0, -1]

    def test_truth_values_mark_known_normal_rows(self):
        assert values(ours(np.array([True, False]))) == [1, 0]

    def test_is_a_copy(self):
        y = np.array([1, 0, -1], dtype=np.int8)
        ours(y)[0] = -1
        assert y[0] == 1

    def test_a_foreign_value_is_named_with_its_row(self):
        with pytest.raises(LabelError, match=r"got 2 in row 3"):
            ours([0, 1, -1, 2])

    def test_a_missing_value_is_named_with_its_row(self):
        with pytest.raises(LabelError, match=r"got a missing value in row 1"):
            ours([0, None, -1])


class TestFromPyod:
    def test_one_is_an_anomaly_and_zero_is_unlabelled(self):
        assert values(from_pyod([0, 1, 0])) == [0, -1, 0]

    def test_zero_can_be_known_normal(self):
        assert values(from_pyod([0, 1, 0], normal_is="normal")) == [1, -1, 1]

    def test_truth_values(self):
        assert values(from_pyod(np.array([False, True]))) == [0, -1]

    def test_other_values_are_refused(self):
        with pytest.raises(LabelError, match=r"got -1 in row 2.*from_binary\(y, anomaly=1, normal=0\)"):
            from_pyod([0, 1, -1])

    def test_nan_is_refused(self):
        with pytest.raises(LabelError, match=r"a missing value in row 1"):
            from_pyod([0.0, np.nan])

    def test_an_unknown_meaning_of_zero_is_refused(self):
        with pytest.raises(LabelError, match=r"normal_is of from_pyod must be .*got 'unlabeled'"):
            from_pyod([0, 1], normal_is="unlabeled")


class TestFromSklearn:
    def test_minus_one_is_unlabelled(self):
        assert values(from_sklearn([-1, 0, 1, -1], anomaly=1)) == [0, 1, -1, 0]

    def test_every_other_class_is_normal(self):
        assert values(from_sklearn([-1, 0, 1, 2, 3], anomaly=[2, 3])) == [0, 1, 1, -1, -1]

    def test_words_beside_minus_one(self):
        assert values(from_sklearn(["bad", -1, "good"], anomaly="bad")) == [-1, 0, 1]

    def test_only_named_classes(self):
        with pytest.raises(
            LabelError, match=r"1 \(anomaly\), 0 \(normal\) and -1 \(unlabelled\); got 2 in row 3"
        ):
            from_sklearn([-1, 0, 1, 2], anomaly=1, normal=0)

    def test_an_absent_anomaly_class_is_refused(self):
        with pytest.raises(LabelError, match=r"anomaly of from_sklearn must be a value that occurs.*got 7"):
            from_sklearn([-1, 0, 1], anomaly=7)

    def test_an_absent_anomaly_class_is_fine_when_the_normal_ones_are_named(self):
        assert values(from_sklearn([-1, 0, 0], anomaly=1, normal=0)) == [0, 1, 1]

    def test_minus_one_is_no_anomaly(self):
        with pytest.raises(LabelError, match=r"a class other than -1.*got -1.*askew\.labels\.ours\(y\)"):
            from_sklearn([-1, 0, 1], anomaly=-1)


class TestFromBinary:
    @pytest.mark.parametrize(
        "blank", [None, "", "  ", float("nan"), np.nan, pd.NA, pd.NaT, np.datetime64("NaT", "s")]
    )
    def test_blanks_are_unlabelled(self, blank):
        assert values(from_binary(["fraud", blank, "ok"], anomaly="fraud")) == [-1, 0, 1]

    @pytest.mark.parametrize(
        "column",
        [
            pd.Series(["fraud", None, "ok"]),
            pd.Series(["fraud", None, "ok"], dtype="object"),
            pd.Series(["fraud", pd.NA, "ok"], dtype="string"),
            pd.Series(["fraud", None, "ok"], dtype="category"),
            pd.Series(["fraud", None, "ok"], index=[7, 7, 9]),
            pl.Series(["fraud", None, "ok"]),
            np.ma.array(["fraud", "ok", "ok"], mask=[False, True, False]),
            np.array(["fraud", "", "ok"]),
        ],
    )
    def test_columns_of_every_library(self, column):
        assert values(from_binary(column, anomaly="fraud")) == [-1, 0, 1]

    @pytest.mark.parametrize(
        "column",
        [
            np.array([1.0, np.nan, 0.0]),
            pd.Series([1, None, 0], dtype="Int64"),
            pl.Series([1, None, 0]),
            np.ma.array([1, 0, 0], mask=[False, True, False]),
            [1, None, 0],
        ],
    )
    def test_numbers_with_blanks(self, column):
        assert values(from_binary(column, anomaly=1)) == [-1, 0, 1]

    def test_several_words_for_each(self):
        y = ["ok", "fraud", "theft", "fine", None]
        assert values(from_binary(y, ["fraud", "theft"], ["ok", "fine"])) == [1, -1, -1, 1, 0]

    def test_several_other_words_are_refused_until_named(self):
        with pytest.raises(LabelError) as error:
            from_binary(["ok", "fraud", "fine", None], anomaly="fraud")
        assert "'ok' in row 0, 'fine' in row 2" in str(error.value)
        assert "askew.labels.from_binary(y, anomaly='fraud', normal=['ok', 'fine'])" in str(error.value)

    @pytest.mark.parametrize(
        "y", [["fraud", "Fraud", "FRAUD ", "fraud.", "ok"], ["fraud", "Fraud", "FRAUD ", "fraud."]]
    )
    def test_other_spellings_of_an_anomaly_are_never_taken_for_normal(self, y):
        spellings, normal = "['fraud', 'Fraud', 'FRAUD ', 'fraud.']", ", normal='ok'" if "ok" in y else ""
        with pytest.raises(LabelError) as error:
            from_binary(y, anomaly="fraud")
        assert "{'fraud': 1, 'Fraud': 1, 'FRAUD ': 1, 'fraud.': 1" in str(error.value)
        assert f"write askew.labels.from_binary(y, anomaly={spellings}{normal})" in str(error.value)
        with pytest.raises(LabelError) as error:
            check(y)
        assert f"anomaly=['fraud', 'Fraud', 'FRAUD ', 'fraud.'], normal={normal[9:] or repr('...')})" in str(
            error.value
        )

    def test_an_unknown_word_is_named_with_its_row(self):
        with pytest.raises(
            LabelError, match=r"'fraud' \(anomaly\), 'ok' \(normal\) and missing.*'OK' in row 2"
        ):
            from_binary(["ok", "fraud", "OK"], anomaly="fraud", normal="ok")

    def test_a_misspelt_anomaly_does_not_make_anomalies_normal(self):
        with pytest.raises(LabelError, match=r"anomaly of from_binary must be .*'fraud'.*got 'frad'"):
            from_binary(["fraud", None, None], anomaly="frad")

    def test_all_blank_is_all_unlabelled(self):
        assert values(from_binary([None, ""], anomaly="fraud")) == [0, 0]

    def test_a_word_in_both_groups_is_refused(self):
        with pytest.raises(LabelError, match=r"normal of from_binary must be values that are not in anomaly"):
            from_binary(["a", "b"], anomaly=["a", "b"], normal="b")

    @pytest.mark.parametrize("nothing", [None, [], "", [None], [["a"]]])
    def test_a_missing_word_is_refused(self, nothing):
        with pytest.raises(LabelError, match=r"anomaly of from_binary must be a value or a list"):
            from_binary(["a", "b"], anomaly=nothing)

    def test_lists_in_cells_are_refused(self):
        cells = np.empty(2, dtype=object)
        cells[:] = ["ok", ["fraud"]]
        with pytest.raises(LabelError, match=r"\['fraud'\] in row 1"):
            from_binary(cells, anomaly="fraud")

    def test_a_table_is_refused(self):
        with pytest.raises(LabelError, match=r"got shape \(2, 1\).*ravel"):
            from_binary(pd.DataFrame({"y": ["ok", "fraud"]}), anomaly="fraud")

    @pytest.mark.parametrize("word", ["unknown", " Unlabeled ", "?", "not checked", "N/A"])
    def test_a_word_that_may_say_that_nobody_looked_is_never_taken_for_normal(self, word):
        with pytest.raises(LabelError) as error:
            from_binary(["fraud", word], anomaly="fraud")
        assert "Make it blank where nobody looked at the row" in str(error.value)
        assert f"from_binary(y, anomaly='fraud', normal={word!r}) if such rows are normal" in str(error.value)
        assert values(from_binary(["fraud", word], anomaly="fraud", normal=word)) == [-1, 1]

    def test_groups_of_every_kind_and_one_of_several_anomalies_is_enough(self):
        for anomaly in (
            ["fraud", "theft"],
            ("fraud", "theft"),
            {"fraud", "theft"},
            np.array(["fraud", "theft"]),
        ):
            assert values(from_binary(["fraud", "ok", None], anomaly)) == [-1, 1, 0]
        with pytest.raises(LabelError, match="anomaly of from_binary must be a value or a list of values"):
            from_binary(["fraud", "ok"], ["fraud", None])

    def test_an_array_in_a_cell_is_refused(self):
        cells = np.empty(2, dtype=object)
        cells[:] = ["ok", np.array([1, 2])]
        with pytest.raises(LabelError, match=r"array\(\[1, 2\]\) in row 1"):
            from_binary(cells, anomaly="fraud")

    @given(st.lists(st.sampled_from(["fraud", "ok", None, ""]), max_size=30))
    def test_each_row_by_itself(self, cells):
        expected = [{"fraud": -1, "ok": 1}.get(cell, 0) for cell in cells]
        assert values(from_binary(cells, anomaly="fraud", normal="ok")) == expected


class TestCheck:
    def test_none_is_all_unlabelled(self):
        assert values(check(None, n_rows=3)) == [0, 0, 0]

    def test_none_needs_the_number_of_rows(self):
        with pytest.raises(LabelError, match="n_rows"):
            check(None)

    @pytest.mark.parametrize(
        "y", [[0, 0, 0], [1, 0, -1], [0, 0, -1], [1, 1, -1], [1.0, 0.0, -1.0], [0, -1], []]
    )
    def test_accepted(self, y):
        assert values(check(y, n_rows=len(y))) == y

    @pytest.mark.parametrize(
        "y",
        [
            pd.Series([1, 0, -1]),
            pd.Series([1, 0, -1], dtype="Int8"),
            pl.Series([1, 0, -1]),
            np.array([1, 0, -1.0]),
        ],
    )
    def test_columns_of_every_library(self, y):
        assert values(check(y, n_rows=3)) == [1, 0, -1]

    def test_is_a_copy(self):
        y = ours([0, -1, 0])
        check(y)[0] = -1
        assert y.tolist() == [0, -1, 0]

    @pytest.mark.parametrize("y", [[0, 1], [1, 1, 1], [0.0, 1.0], np.array([True, False]), np.array([False])])
    def test_zeros_and_ones_could_mean_two_things(self, y):
        with pytest.raises(LabelError, match=r"without doubt.*from_pyod\(y\).*ours\(y\)"):
            check(y)

    def test_declared_zeros_and_ones_are_taken(self):
        assert values(check(ours([0, 1, 1]))) == [0, 1, 1]
        assert values(check(from_binary(["ok", None], "fraud", "ok"))) == [1, 0]

    @pytest.mark.parametrize("y", [[-1, -1, 0], [-1, -1, -1, 0, 1], [-1, -1, 1]])
    def test_mostly_minus_one_could_be_scikit_learns_unlabelled(self, y):
        with pytest.raises(LabelError, match=r"from_sklearn\(y, anomaly=1, normal=0\).*ours\(y\)"):
            check(y)
        assert values(check(ours(y))) == y

    def test_the_call_in_the_message_works(self):
        assert values(check(from_sklearn([-1, -1, -1, 0, 1], anomaly=1, normal=0))) == [0, 0, 0, 1, -1]

    @pytest.mark.parametrize("y", [[-1, -1], ours([-1, -1])])
    def test_nothing_to_learn_normal_from(self, y):
        with pytest.raises(LabelError, match=r"learn normal from; got \{-1: 2\}"):
            check(y)

    def test_classes_are_refused_with_the_call_that_converts_them(self):
        with pytest.raises(LabelError) as error:
            check([0, 0, 2, 3, 3, 0], owner="DPVAE")
        assert str(error.value) == (
            "y of DPVAE must be +1 (known normal), 0 (unlabelled) or -1 (known anomaly); "
            "got {0: 3, 2: 1, 3: 2} (value: rows). Row 2 holds 2. If 2 marks an anomaly, write "
            "askew.labels.from_binary(y, anomaly=2, normal=[0, 3])."
        )

    def test_words_are_refused_with_the_call_that_converts_them(self):
        with pytest.raises(LabelError, match=r"from_binary\(y, anomaly='fraud', normal='ok'\)") as error:
            check(pd.Series(["ok", "ok", "fraud", None]))
        assert "missing: 1" in str(error.value)

    def test_classes_beside_minus_one_point_to_scikit_learn(self):
        with pytest.raises(LabelError, match=r"from_sklearn\(y, anomaly=2\) if -1 marks unlabelled rows"):
            check([-1, 0, 1, 2])

    @pytest.mark.parametrize("y", [[0.5, 0, -1], [np.inf, 0, 0], ["1", "0"], [2**70, 0]])
    def test_other_values(self, y):
        with pytest.raises(LabelError, match=r"Row 0 holds"):
            check(y)

    @pytest.mark.parametrize("y", [[0, np.nan, -1], [0, None, -1], pd.Series([0, None, -1], dtype="Int64")])
    def test_missing_values(self, y):
        with pytest.raises(LabelError, match=r"Row 1 is missing.*from_binary\(y, anomaly=-1, normal=1\)"):
            check(y)

    def test_twelve_values_are_listed_and_of_more_the_first_twelve(self):
        for n, more in ((12, False), (13, True)):
            with pytest.raises(LabelError) as error:
                check(np.arange(2, 2 + n))
            assert ("13: 1, ...}" if more else "13: 1}") in str(error.value)
            with pytest.raises(LabelError) as error:
                from_sklearn(np.arange(2, 2 + n), anomaly=99)
            assert ("or 13 or ...)" if more else "or 13);") in str(error.value)
            assert ("12, 13, ...])" if more else "12, 13])") in str(error.value)

    def test_minus_one_is_no_class_to_name(self):
        with pytest.raises(LabelError) as error:
            check([-1, 0, 1, 2])
        assert str(error.value).endswith("from_binary(y, anomaly=2, normal=[0, 1]).")

    def test_many_values_make_a_short_message(self):
        with pytest.raises(LabelError) as error:
            check(np.linspace(2, 3, 1000))
        assert len(str(error.value)) < 700

    def test_length(self):
        with pytest.raises(LabelError, match=r"one label per row of X \(4 rows\); got 3 labels"):
            check([0, 0, -1], n_rows=4)

    @pytest.mark.parametrize("y", [[[0], [-1]], np.zeros((2, 1)), pd.DataFrame({"y": [0, -1]}), 0, "fraud"])
    def test_shape(self, y):
        with pytest.raises(LabelError, match="one label per row"):
            check(y)


class TestLabels:
    def test_selections_and_copies_keep_the_declaration(self):
        y = ours([0, 1, 1, 0])
        for kept in (
            y[:2],
            y[::-1],
            y[np.array([True, True, False, False])],
            y[[0, 1]],
            np.take(y, [0, 1]),
            y.copy(),
            copy.deepcopy(y),
            pickle.loads(pickle.dumps(y)),
            np.concatenate([y, y]),
        ):
            assert values(check(kept)) == kept.tolist()

    def test_results_of_arithmetic_are_not_labels(self):
        y = ours([0, 1, -1])
        for plain in (y == 1, -y, y + 1, abs(y), np.where(y == 1, 0, 1), np.clip(y, 0, 1), np.cumsum(y)):
            assert type(plain) is np.ndarray
        assert y.sum() == 0 and y.max() == 1

    def test_in_place_arithmetic_drops_the_declaration(self):
        y = ours([0, 1, 1])
        y *= 1
        assert type(y) is np.ndarray

    def test_arithmetic_under_a_mask_and_into_labels(self):
        y = ours([0, 1, -1])
        assert np.add(np.zeros(3), 1.0, where=y == 1, out=np.zeros(3)).tolist() == [0, 1, 0]
        assert np.sum(np.ones(3), where=ours([0, 1, 1]).astype(bool)) == 2

    @pytest.mark.parametrize("join", [np.concatenate, np.hstack, lambda parts: np.append(*parts)])
    def test_joined_with_undeclared_values_it_is_not_declared(self, join):
        mixed = join([ours([0, 1]), np.array([0, 1])])
        assert type(mixed) is np.ndarray
        with pytest.raises(LabelError, match="without doubt"):
            check(mixed)

    def test_cast_to_another_type_it_is_not_declared(self):
        with pytest.raises(LabelError, match="without doubt"):
            check(ours([0, 1]).astype(bool))

    def test_survives_scikit_learns_splitters(self):
        from sklearn.model_selection import train_test_split

        y = ours([0, 1] * 10)
        for part in train_test_split(y, random_state=0, test_size=0.5):
            assert values(check(part)) == part.tolist()


WORDS = st.text(min_size=1, max_size=8)
CONTAINERS = [list, tuple, lambda y: np.array(y, dtype=object), lambda y: pd.Series(y, dtype=object)]


class TestRoundTrips:
    """What another convention writes for labels, a converter reads as these labels."""

    @given(st.lists(st.sampled_from([-1, 0, 1]), max_size=30), WORDS, WORDS, st.sampled_from(CONTAINERS))
    def test_words(self, y, anomaly, normal, container):
        assume(anomaly != normal and anomaly.strip() and normal.strip())
        written = container([{-1: anomaly, 0: None, 1: normal}[label] for label in y])
        assert values(from_binary(written, anomaly, normal)) == y

    @given(st.lists(st.sampled_from([-1, 0, 1]), max_size=30), st.integers(-9, 9), st.integers(-9, 9))
    def test_scikit_learns_classes(self, y, anomaly, normal):
        assume(anomaly != normal and -1 not in (anomaly, normal))
        written = np.array([{-1: anomaly, 0: -1, 1: normal}[label] for label in y], dtype=int)
        assert values(from_sklearn(written, anomaly, normal)) == y
        assert values(ours(ours(y))) == y

    @given(st.lists(st.booleans(), max_size=30), st.sampled_from([bool, np.int8, np.float32, object]))
    def test_pyods_zeros_and_ones(self, anomalous, dtype):
        written = np.array(anomalous, dtype=bool).astype(dtype)
        for normal_is, other in (("unlabelled", 0), ("normal", 1)):
            assert values(from_pyod(written, normal_is)) == [-1 if each else other for each in anomalous]


def test_a_million_rows():
    y = np.where(np.arange(1_000_000) % 100 == 0, "fraud", "ok").astype(object)
    assert (check(from_binary(y, anomaly="fraud")) == -1).sum() == 10_000


def test_every_public_name_is_documented():
    for name in labels.__all__:
        assert getattr(labels, name).__doc__
