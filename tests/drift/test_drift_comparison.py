"""Comparison: no drift where there is none, each kind of drift under its name, and honest about what scores are of."""

import numpy as np
import pandas as pd
import pytest

import askew
from askew.calibration import Quantile
from askew.drift import Criteria, compare, compare_file, keep_columns
from askew.errors import InvalidInputError


def table(n, seed, **other):
    drawn = np.random.default_rng(seed)
    columns = {
        "amount": drawn.normal(size=n),
        "country": drawn.choice(["NO", "SE", "DK"], n, p=[0.6, 0.3, 0.1]),
        "age": np.where(drawn.random(n) < 0.02, np.nan, drawn.integers(18, 90, n)),
        "constant": 1.0,
        "when": pd.Timestamp("2024-01-01") + pd.to_timedelta(drawn.integers(0, 86400 * 90, n), unit="s"),
    }
    return pd.DataFrame(columns | {name: value(drawn, n) for name, value in other.items()})


@pytest.fixture(scope="module")
def model():
    rows = table(1200, 0)
    fitted = Quantile(askew.IsolationForest(random_state=0).fit(rows[:600])).fit(rows[600:])
    keep_columns(fitted, rows)
    return fitted


DRIFTS = {
    "amount": lambda drawn, n: drawn.normal(1.0, 1.0, n),
    "country": lambda drawn, n: drawn.choice(["NO", "SE", "DK", "PE"], n, p=[0.3, 0.3, 0.1, 0.3]),
    "age": lambda drawn, n: np.where(drawn.random(n) < 0.3, np.nan, drawn.integers(18, 90, n)),
    "constant": lambda drawn, n: 2.0,
    "when": lambda drawn, n: pd.Timestamp("2024-01-01") + pd.to_timedelta(drawn.integers(0, 90, n), unit="D"),
}
WHERE = {"country": "new words", "age": "missing", "constant": "above 1", "when": "00:00 to 01:00"}


@pytest.mark.parametrize("name", DRIFTS)
def test_a_column_that_drifts_is_named(model, name):
    found = compare(model, table(600, 1, **{name: DRIFTS[name]}))
    columns = [each for each in found.columns if each.drift]
    assert found.verdict == "drift" and {each.name for each in columns} == {name}
    assert columns[0].what == WHERE.get(name, columns[0].what)
    assert columns[0].now > columns[0].before and found.sentences()[0].startswith("Drift: 1 of 5 columns")


def test_like_rows_are_no_drift_and_few_are_too_few(model):
    found = compare(model, table(900, 2))
    assert found.verdict == "no drift" and not found.drifted and found.scores.p_value > 0.01
    assert "600 rows held out for the threshold" in found.sentences()[1]
    few = compare(model, table(5, 3))
    assert few.verdict == "too few rows" and few.detectable > 0.5 and "Too few rows" in few.sentences()[0]


def test_a_small_change_is_told_but_does_not_count(model):
    rows = table(20_000, 4, amount=lambda drawn, n: drawn.normal(0.09, 1.0, n))
    found = compare(model, rows, criteria=Criteria(smallest=0.2, level=0.05))
    amount = next(each for each in found.columns if each.name == "amount")
    assert amount.significant and not amount.drift
    assert any("amount" in line and "fewer than 20% of the rows" in line for line in found.sentences())
    assert compare(model, rows, criteria=Criteria(smallest=0.0, level=0.05)).verdict == "drift"


def test_scores_of_the_rows_that_were_fitted_on_are_not_compared():
    rows = table(900, 0)
    plain = askew.KDE().fit(rows[:600])
    with pytest.raises(InvalidInputError, match=r"keeps none.*--reference TABLE"):
        compare(plain, rows[600:])
    by_training = compare(plain, rows[600:], rows[:600])
    assert by_training.scores is None and "fitted on the rows of the reference" in by_training.sentences()[1]
    by_new = compare(plain, table(300, 5), rows[600:])
    assert by_new.scores is not None and "300 rows of the reference" in by_new.scores_from
    keep_columns(plain, rows[:600])
    assert "Scores are not compared: the model keeps none" in compare(plain, rows[600:]).sentences()[1]
    with pytest.raises(InvalidInputError, match="20 rows or more; got 5"):
        compare(plain, rows, rows[:5])


def test_a_file_in_batches_is_compared_as_its_rows_in_memory(model, tmp_path, monkeypatch):
    monkeypatch.setattr("askew.drift.comparison.ROWS", 500)
    rows = table(700, 6)
    rows.to_parquet(tmp_path / "new.parquet", row_group_size=100)
    by_file = compare_file(model, tmp_path / "new.parquet")
    in_memory = compare(model, rows)
    assert by_file.columns == in_memory.columns and by_file.scores == in_memory.scores
    table(1500, 7).to_parquet(tmp_path / "old.parquet", row_group_size=100)
    by_reference = compare_file(model, tmp_path / "new.parquet", tmp_path / "old.parquet")
    assert by_reference.n_reference == 500 and by_reference.verdict == "no drift"


@pytest.mark.parametrize("name, value", [("level", 0), ("level", 1), ("smallest", 1), ("smallest", -0.1)])
def test_criteria_out_of_range_are_refused(name, value):
    with pytest.raises(InvalidInputError, match=f"{name} of Criteria must be in"):
        Criteria(**{name: value})


def test_images_are_compared_by_how_they_look_and_models_without_names_by_number():
    drawn = np.random.default_rng(0)
    images = drawn.integers(0, 200, (700, 3, 8, 8), dtype=np.uint8)
    model = askew.KDE().fit(images[:600])
    keep_columns(model, images[:600])  # more than are looked at together
    assert compare(model, images[600:]).verdict == "no drift"
    darker = images[600:].copy()
    darker[:, 0] //= 2
    found = compare(model, darker)
    assert {"red", "brightness"} <= {each.name for each in found.drifted}
    assert "of 6 figures of 100 images are" in found.sentences()[0]
    X = drawn.normal(size=(400, 2))
    unnamed = askew.KDE().fit(X[:300])
    found = compare(unnamed, X[300:] + np.array([0.0, 5.0]), X[:300])
    assert [each.name for each in found.drifted] == ["x1"]


def test_rows_of_other_libraries_and_lists():
    polars = pytest.importorskip("polars")
    drawn = np.random.default_rng(0)
    X = drawn.normal(size=(300, 2))
    frame = polars.DataFrame({"a": X[:, 0], "b": X[:, 1]})
    model = askew.AutoDetector(candidates=("mahalanobis",), random_state=0).fit(frame)
    keep_columns(model, frame)
    assert compare(model, frame).verdict == "no drift"
    assert compare(askew.KDE().fit(X), (X + 3).tolist(), X.tolist()).verdict == "drift"
