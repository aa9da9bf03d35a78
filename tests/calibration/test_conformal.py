"""The false-discovery rate is controlled: the same decisions as scipy's, and 1,000 simulated repetitions."""

import numpy as np
import pytest
from calibration_cases import calmly, on_scores
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from askew.calibration import Conformal
from askew.errors import HealthWarning, InvalidInputError


@pytest.mark.parametrize("method", ["bh", "by"])
@pytest.mark.parametrize("seed", range(20))
def test_decisions_are_scipys(method, seed):
    rng = np.random.default_rng(seed)
    n, m = rng.integers(20, 400, size=2)
    new = np.r_[rng.normal(size=m), rng.normal(-4, 1, size=m // 3)].round(seed % 3)  # rounding makes ties
    threshold = on_scores(Conformal, rng.normal(size=n).round(seed % 3), fdr=0.3, method=method)
    judged = threshold.judge(new)
    expected = false_discovery_control(judged.p_value, method=method) <= 0.3 + 1e-12
    np.testing.assert_array_equal(judged.prediction == -1, expected)


def test_scipy_comparison_sees_flagged_and_unflagged_rows():
    rng = np.random.default_rng(0)
    threshold = on_scores(Conformal, rng.normal(size=300), fdr=0.3)
    flagged = threshold.judge(np.r_[rng.normal(size=100), rng.normal(-4, 1, size=30)]).prediction == -1
    assert flagged[100:].mean() > 0.8 and flagged[:100].mean() < 0.2


def repetitions(n_repetitions, hidden=0, share=0.1, m=400):
    """Return false-discovery proportions and powers at 0.1; `hidden` anomalies are among the 1,000 held-out rows."""
    rng = np.random.default_rng(7)
    false, power = np.zeros(n_repetitions), np.zeros(n_repetitions)
    found = int(m * share)
    for repetition in range(n_repetitions):
        held_out = np.r_[rng.normal(size=1000 - hidden), rng.normal(-3.5, 1, size=hidden)]
        new = np.r_[rng.normal(size=m - found), rng.normal(-3.5, 1, size=found)]
        flagged = on_scores(Conformal, held_out, fdr=0.1).judge(new).prediction == -1
        false[repetition] = flagged[: m - found].sum() / max(flagged.sum(), 1)
        power[repetition] = flagged[m - found :].mean() if found else np.nan
    return false, power


def test_mean_false_discovery_proportion_over_1000_repetitions():
    false, power = repetitions(1000)
    error = false.std(ddof=1) / np.sqrt(1000)
    assert false.mean() <= 0.1 + error
    # the procedure stays at 0.1 times the share of ordinary rows, and is no stricter than it must be
    assert abs(false.mean() - 0.09) < 4 * error
    assert power.mean() > 0.8


def test_without_anomalies_something_is_flagged_in_at_most_a_tenth_of_the_files():
    false, _ = repetitions(600, share=0.0, m=20)
    assert false.mean() <= 0.1 + 2 * np.sqrt(0.1 * 0.9 / 600)
    assert false.mean() > 0.05


def test_hidden_anomalies_among_the_held_out_rows_cost_power_not_control():
    clean, power = repetitions(200)
    false, polluted_power = repetitions(200, hidden=15)
    assert false.mean() < clean.mean() / 2
    assert polluted_power.mean() < power.mean()


def test_parts_of_a_file_add_up():
    rng = np.random.default_rng(0)
    threshold = on_scores(Conformal, rng.normal(size=300), fdr=0.2)
    new = np.r_[rng.normal(size=500), rng.normal(-4, 1, size=80)]
    tally = sum(threshold.tally(part) for part in np.array_split(new, 7))
    assert tally.sum() == 580
    assert threshold.cut_of_tally(tally) == threshold.cut_off(new) > -np.inf


def test_a_row_by_itself_is_judged_by_the_offset():
    threshold = on_scores(Conformal, np.arange(1.0, 100.0), fdr=0.1)
    assert threshold.offset_ == 10.0
    for score in (9.5, 10.0):
        alone = np.array([score])
        assert threshold.judge(alone).prediction[0] == (-1 if score < threshold.offset_ else 1)
    together = np.r_[9.5, np.full(9, 50.0)]
    assert threshold.judge(together).prediction.tolist() == [1] * 10


def test_by_is_stricter():
    rng = np.random.default_rng(1)
    normal, new = rng.normal(size=20000), np.r_[rng.normal(size=900), rng.normal(-3, 1, size=100)]
    bh, by = (
        (on_scores(Conformal, normal, fdr=0.1, method=method).judge(new).prediction < 0).sum()
        for method in ("bh", "by")
    )
    assert 0 < by < bh


def test_what_it_expects_is_what_comes():
    rng = np.random.default_rng(3)
    threshold = on_scores(Conformal, rng.normal(size=5000), rng.normal(-3, 1, size=500), fdr=0.1)
    flagged = [
        threshold.judge(np.r_[rng.normal(size=5000), rng.normal(-3, 1, size=500)]).prediction < 0
        for _ in range(20)
    ]
    recall = np.mean([each[5000:].mean() for each in flagged])
    alerts = 1000 * np.mean([each.mean() for each in flagged])
    said = threshold.expected_
    assert said.recall.low < recall < said.recall.high
    assert said.alerts.low < alerts < said.alerts.high
    assert abs(said.precision.value - 0.91) < 0.01


def test_files_too_rare_in_anomalies_to_flag_are_announced():
    normal, anomalies = np.linspace(0, 1, 100), np.linspace(-2, -1, 10)
    scores, y = np.r_[normal, anomalies], np.r_[np.zeros(100), -np.ones(10)]
    with pytest.warns(
        HealthWarning, match=r"anomalies are 1.00% .* below 0.0099. Hold out 1,000 rows or more"
    ):
        Conformal(None, fdr=0.1, anomaly_rate=0.01).fit_scores(scores, y)
    threshold = Conformal(None, fdr=0.1, anomaly_rate=0.2).fit_scores(scores, y)  # no warning
    assert threshold.expected_.recall.value == 1.0


def test_anomalies_that_score_as_normal_are_announced():
    rng = np.random.default_rng(0)
    threshold = Conformal(None, fdr=0.05)
    with pytest.warns(HealthWarning, match="as low as the known anomalies do. Use a better model"):
        threshold.fit_scores(rng.normal(size=600), np.r_[np.zeros(500), -np.ones(100)])


def test_method_is_checked():
    with pytest.raises(InvalidInputError, match="""method of Conformal must be "bh" or "by"; got 'storey'"""):
        calmly(Conformal(None, method="storey"), np.arange(9.0))


def test_cut_off_and_expectation_by_hand():
    calibration = np.arange(1.0, 100.0)  # 99 of them: a p-value is a per cent
    alone = on_scores(Conformal, calibration, fdr=0.1)
    assert alone.offset_ == 10.0  # a row judged alone is flagged from p = 10/100 on
    # half of the rows are anomalies, all at p = .01: level L fits if L <= .1 (.5 + .5 L), up to .05
    half = on_scores(Conformal, calibration, [0.5] * 20, fdr=0.1, anomaly_rate=0.5)
    assert half.expected_.alerts.value == pytest.approx(1000 * (0.5 + 0.5 * 0.05))


@pytest.mark.parametrize("method", ["bh", "by"])
@pytest.mark.parametrize("m", [1, 2, 3, 5])
def test_few_rows_are_judged_as_scipy_judges_them(method, m):
    calibration = np.arange(1.0, 200.0)
    new = np.arange(m) * 11.0 + 0.5
    for fdr in np.linspace(0.02, 0.6, 30):
        judged = on_scores(Conformal, calibration, fdr=fdr, method=method).judge(new)
        expected = false_discovery_control(judged.p_value, method=method) <= fdr * (1 + 1e-9)
        np.testing.assert_array_equal(judged.prediction == -1, expected)


@given(st.lists(st.integers(0, 6), min_size=8, max_size=25))
def test_ties_keep_what_a_row_judged_alone_is_promised(scores):
    scores = np.array(scores, dtype=float)
    flagged = [
        on_scores(Conformal, np.delete(scores, place), fdr=0.25).judge(scores[[place]]).prediction[0] == -1
        for place in range(len(scores))
    ]
    assert np.mean(flagged) <= 0.25


@pytest.mark.parametrize("method", ["bh", "by"])
@pytest.mark.parametrize("seed", range(6))
def test_usual_cut_is_that_of_a_plain_loop(method, seed):
    """Many rows, anomalies like the known ones: the largest level L with L s <= fdr (rate found + (1 - rate) L)."""
    rng = np.random.default_rng(seed)
    n, m, rate, fdr = 60 + seed, (1, 2, 15)[seed % 3], (0.3, 0.7)[seed % 2], (0.2, 0.45, 0.8)[seed // 2]
    normal, anomalies = rng.normal(size=n), rng.normal(-3, 1, size=m)
    threshold = on_scores(Conformal, normal, anomalies, fdr=fdr, method=method, anomaly_rate=rate)
    strict = 1.0 if method == "bh" else sum(1 / k for k in range(1, 1001))
    p = np.array([(1 + (normal <= score).sum()) / (n + 1) for score in anomalies])
    levels = [level / (n + 1) for level in range(1, n + 2)]
    fitting = [L for L in levels if L * strict <= fdr * (rate * (p <= L + 1e-12).mean() + (1 - rate) * L)]
    level = round(max(fitting) * (n + 1)) if fitting else 0
    cut = np.r_[-np.inf, np.sort(normal), np.inf][level]
    assert threshold._usual_cut() == cut
    assert threshold.expected_.recall.value == (anomalies < cut).mean()


def test_a_row_alone_is_flagged_from_the_level_that_its_share_gives():
    assert [on_scores(Conformal, np.arange(1.0, n), fdr=0.1).offset_ for n in (9, 10, 19, 20)] == [
        *(-np.inf, 1.0, 1.0, 2.0)
    ]


@pytest.mark.parametrize("fdr", [0, 1, np.nan, True])
def test_fdr_is_checked(fdr):
    with pytest.raises(InvalidInputError, match=r"fdr of Conformal must be in \(0, 1\); got"):
        on_scores(Conformal, np.arange(9.0), fdr=fdr)


def test_the_guarantee_says_what_it_assumes():
    bh, by = (
        on_scores(Conformal, np.arange(99.0), fdr=0.1, method=method).expected_.guarantee
        for method in ("bh", "by")
    )
    assert "were held out). With 99 such rows held out, either none or at least 10.00% of a file's" in bh
    assert "were held out), however p-values depend on each other. With 99 such rows" in by
