"""What a threshold expects: intervals that cover, words that say it, and a warning when labels are few."""

import numpy as np
import pytest
from calibration_cases import KINDS, on_scores
from scipy.stats import binomtest, norm

from askew.calibration import Conformal, Cost, Expected, Quantile
from askew.calibration.expectations import Estimate, share
from askew.errors import HealthWarning, InvalidInputError


@pytest.mark.parametrize("found, of", [(0, 1), (1, 1), (0, 12), (9, 10), (37, 120), (120, 120)])
@pytest.mark.parametrize("confidence", [0.95, 0.975])
def test_interval_is_scipys_exact_one(found, of, confidence):
    estimate = share(found, of, confidence)
    expected = binomtest(found, of).proportion_ci(confidence, method="exact")
    assert estimate.value == found / of
    np.testing.assert_allclose(estimate[1:], [expected.low, expected.high], rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("found, of", [(3, 2), (-1, 2), (0, 0)])
def test_impossible_counts_are_refused(found, of):
    with pytest.raises(InvalidInputError, match="found of share must be between 0 and of"):
        share(found, of)


def test_by_hand():
    # offset 5: of 99 ordinary rows 4 are below it, and on average one in a hundred more; 15 of 20 anomalies are
    anomalies = np.r_[np.full(15, 0.5), np.full(5, 50.5)]
    said = on_scores(Quantile, np.arange(1.0, 100.0), anomalies, contamination=0.05).expected_
    assert said.recall.value == 0.75
    assert said.alerts.value == pytest.approx(1000 * (99 * 0.05 + 15) / 119)
    assert said.precision.value == pytest.approx(15 / (99 * 0.05 + 15))
    given = on_scores(
        Quantile, np.arange(1.0, 100.0), anomalies, contamination=0.05, anomaly_rate=0.01
    ).expected_
    assert given.alerts.value == pytest.approx(1000 * (0.99 * 0.05 + 0.01 * 0.75))
    assert given.precision.value == pytest.approx(0.0075 / (0.99 * 0.05 + 0.0075))
    for each in (said, given):
        for estimate in (each.alerts, each.recall, each.precision):
            assert estimate.low < estimate.value < estimate.high


@pytest.mark.parametrize("rate", [None, 0.02])
def test_intervals_cover(rate):
    """Held-out rows are a sample of the stream, or (with a rate given) the anomalies were gathered apart."""
    rng = np.random.default_rng(4)
    inside = {"alerts": 0, "recall": 0, "precision": 0}
    for _ in range(400):
        anomalies = rng.normal(-3, 1, size=rng.binomial(500, 0.06) if rate is None else 30)
        normal = rng.normal(size=500 - len(anomalies) if rate is None else 500)
        threshold = on_scores(Quantile, normal, anomalies, contamination=0.05, anomaly_rate=rate)
        recall, false = norm.cdf(threshold.offset_, [-3, 0])
        true_rate = 0.06 if rate is None else rate
        alerts = true_rate * recall + (1 - true_rate) * false
        truth = {"alerts": 1000 * alerts, "recall": recall, "precision": true_rate * recall / alerts}
        for name, value in truth.items():
            said = getattr(threshold.expected_, name)
            inside[name] += said.low <= value <= said.high
    assert min(inside.values()) >= 400 * 0.95 - 2 * np.sqrt(400 * 0.95 * 0.05)


@pytest.mark.parametrize("kind", [Quantile, Conformal, Cost])
def test_few_labels_are_warned_of(kind):
    scores = np.r_[np.arange(1.0, 100.0), np.full(9, 0.5)]
    y = np.r_[np.zeros(99), -np.ones(9)]
    with pytest.warns(
        HealthWarning, match=r"9 known anomalies .* too few to say .* between 66% and 100%. Label more"
    ):
        kind(None, anomaly_rate=0.2).fit_scores(scores, y)
    kind(None, anomaly_rate=0.2).fit_scores(np.r_[scores, 0.5], np.r_[y, -1])  # ten are enough: no warning


def test_labels_without_an_anomaly_are_warned_of_and_no_labels_are_not():
    scores = np.arange(1.0, 100.0)
    with pytest.warns(
        HealthWarning, match="Quantile: no known anomaly is among the held-out rows: nobody can say"
    ):
        Quantile(None).fit_scores(scores, np.zeros(99, dtype=int))
    threshold = Quantile(None).fit_scores(scores)  # a warning would be an error here
    assert "so what share of the anomalies is found is not known." in str(threshold.expected_)
    assert threshold.expected_.recall is None and threshold.expected_.precision is None


@pytest.mark.parametrize("kind", KINDS)
def test_words_and_dictionary(kind):
    normal, anomalies = np.arange(1.0, 2000.0), np.linspace(-5, 3, 30)
    said = on_scores(kind, normal, anomalies).expected_
    text = str(said)
    assert text.startswith("Of 1,000 such rows about ")
    assert "Share of the anomalies found, if they are like the known ones: " in text
    assert "Anomalies are taken to be 1.48% of the rows, the known ones' share of the held-out rows." in text
    assert ("Cost per 1,000 rows" in text) == (kind is Cost)
    assert Expected.from_dict(said.as_dict()) == said
    given = on_scores(kind, normal, anomalies, anomaly_rate=0.05).expected_
    assert "Anomalies are taken to be 5.00% of the rows, as given." in str(given)


@pytest.mark.parametrize(
    "value, text", [(0.0, "0"), (3.0, "3"), (9.96, "10.0"), (10.4, "10"), (1234.5, "1,234")]
)
def test_numbers_of_rows_in_words(value, text):
    said = Expected(99, 0, None, Estimate(value, value, value), None, None, "")
    assert f"about {text} are flagged ({text} to {text})." in str(said)


def test_intervals_by_hand():
    normal, anomalies = np.arange(1.0, 100.0), np.r_[np.full(15, 0.5), np.full(5, 50.5)]
    gathered = on_scores(Quantile, normal, anomalies, contamination=0.05, anomaly_rate=0.25).expected_
    false, found = share(4, 99, 0.975), share(15, 20, 0.975)
    ends = [(0.75 * false[k], 0.25 * found[k]) for k in (1, 2)]
    np.testing.assert_allclose(gathered.alerts[1:], [1000 * sum(end) for end in ends])
    (few_false, few_found), (many_false, many_found) = ends
    lowest, highest = few_found / (few_found + many_false), many_found / (many_found + few_false)
    np.testing.assert_allclose(gathered.precision[1:], [lowest, highest])
    drawn = on_scores(Quantile, normal, anomalies, contamination=0.05).expected_
    np.testing.assert_allclose(drawn.alerts[1:], 1000 * np.array(share(19, 119)[1:]))
    np.testing.assert_allclose(drawn.precision[1:], [share(15, 20).low, share(15, 19).high])
    equal = on_scores(Quantile, normal, np.full(4, 0.5), contamination=0.05).expected_  # 4 found, 4 false
    np.testing.assert_allclose(equal.precision[1:], [share(4, 9).low, share(4, 8).high])


def test_without_a_known_anomaly_a_given_rate_counts_ordinary_rows_alone():
    said = on_scores(Quantile, np.arange(1.0, 100.0), contamination=0.05, anomaly_rate=0.2).expected_
    assert said.alerts.value == pytest.approx(1000 * 0.8 * 0.05)
    np.testing.assert_allclose(said.alerts[1:], 1000 * np.array(share(4, 99)[1:]))
