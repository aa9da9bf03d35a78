"""Whole numbers and decimals beyond 2^53: differences that float64 loses are subtracted first, or refused."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import askew
from askew.errors import ExportError, InvalidInputError
from askew.export import to_onnx
from askew.inputs.whole_numbers import differences, less, loses_differences, origin_of
from detector_cases import fitted, quick

STEPS = np.random.default_rng(0).integers(-3, 4, size=(60, 2))
BIG = 7_580_000_000_000_000_001


@pytest.mark.parametrize(
    "values, lost",
    [
        (STEPS[:, 0] + BIG, True),
        (STEPS[:, 0] - BIG, True),
        (np.uint64(2**63) + np.arange(60, dtype=np.uint64), True),
        ([Decimal(BIG) + Decimal("0.25") * k for k in range(9)], True),
        (STEPS[:, 0] * 10**9 + BIG, False),  # seconds in nanoseconds
        (np.random.default_rng(0).integers(-(2**63), 2**63, size=60), False),  # ids that say nothing
        (np.full(60, BIG), False),
        (STEPS[:, 0] + 2**40, False),
        (np.r_[STEPS[:, 0] + BIG, BIG + 10**12], True),  # one far away hides nothing
        (np.r_[STEPS[:, 0] - BIG, 0], True),
    ],
)
def test_differences_are_lost_where_rounding_outweighs_a_hundredth_of_them(values, lost):
    assert loses_differences(values) is lost


def test_differences_are_exact_and_far_ones_do_not_turn_over():
    ends = np.array([-(2**63), 2**63 - 1])
    np.testing.assert_array_equal(differences(ends, 2**63 - 3), [-(2.0**64), 2.0])
    assert differences(np.array([1, 2**64 - 1], dtype=np.uint64), 2**64 - 2).tolist() == [-(2.0**64), 1.0]
    assert differences(np.array([5.5, 9.25]), 5).tolist() == [0.5, 4.25]
    decimals = pa.array([Decimal(BIG) + Decimal("0.25"), None], pa.decimal128(30, 2))
    assert less(decimals, BIG).to_pylist() == [0.25, None]
    assert origin_of(pa.array([BIG, BIG + 2, None])) == BIG and origin_of(pa.array([1.0, 2.0])) == 0


@pytest.mark.parametrize("make", [np.asarray, pd.DataFrame, lambda x: pa.table({"0": x[:, 0], "1": x[:, 1]})])
def test_detectors_refuse_them_and_name_the_column(make):
    with pytest.raises(
        InvalidInputError, match=r"float64 can tell apart; column '?0'? has 758\d+.*steps are 1024"
    ):
        quick("kde").fit(make(STEPS + BIG))


def test_prepared_subtracts_them_and_scores_as_without_the_offset(tmp_path):
    names = ["a", "b"]
    plain = askew.Prepared(quick("kde")).fit(pd.DataFrame(STEPS, columns=names))
    model = askew.Prepared(quick("kde")).fit(pd.DataFrame(STEPS + BIG, columns=names))
    model.save(tmp_path / "m.askew")
    again = askew.load(tmp_path / "m.askew")
    new = pd.DataFrame(np.r_[STEPS[:5], [[40, -40]]], columns=names)
    for scored in (model, again):
        np.testing.assert_allclose(scored.score_samples(new + BIG), plain.score_samples(new), rtol=1e-12)
    assert model.preparation_.summary()[0] == f"a: number (less {BIG - 3}: float64 has no digits for more)"
    with pytest.raises(ExportError, match="column 'a' cannot be written as ONNX"):
        to_onnx(model, tmp_path / "m.onnx")


def test_an_array_of_seconds_is_no_matter():
    assert fitted("isolation_forest", STEPS + 1_580_000_000).score_samples(STEPS + 1_580_000_000).std() > 0.01
