"""What a fitted model remembers of its training."""

import warnings

import numpy as np
import pytest

import askew
from askew import VAE, IsolationForest
from askew.base.facts import Facts
from askew.errors import HealthWarning


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    X = np.r_[rng.normal(size=(80, 4)), rng.normal(5, 1, size=(6, 4))]
    return X, np.r_[np.ones(10), np.zeros(70), -np.ones(6)].astype(int)


def test_counts_and_scores_are_those_of_the_training_rows(table):
    X, y = table
    detector = IsolationForest(random_state=0).fit(X, y)
    facts = detector.facts_
    assert (facts.n_normal, facts.n_unlabelled, facts.n_anomalies) == (10, 70, 6)
    scores = detector.score_samples(X)
    assert facts.score_quantiles[0] == scores[y >= 0].min()
    assert facts.score_quantiles[-1] == scores[y >= 0].max()
    assert facts.anomaly_scores == tuple(np.sort(scores[y < 0]))
    assert facts.health == ()
    assert facts.versions["askew"] == askew.__version__


def test_facts_come_back_from_the_file(table, tmp_path):
    X, y = table
    detector = IsolationForest(random_state=0).fit(X, y)
    detector.save(tmp_path / "m.askew")
    assert askew.load(tmp_path / "m.askew").facts_ == detector.facts_


def test_a_warning_is_remembered_once_and_forgotten_by_the_next_fit(table):
    X, y = table
    flat = VAE(n_members=1, random_state=0).set_params(training__epochs=3)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        flat.fit(np.zeros_like(X), y)
    told = [str(each.message) for each in seen if issubclass(each.category, HealthWarning)]
    assert told == [f"VAE: {text}." for text in flat.facts_.health]
    assert any(" training rows without -1 are the same" in text for text in flat.facts_.health)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HealthWarning)
        flat.fit(X, y)
    assert not any(text.startswith("every training row") for text in flat.facts_.health)


def test_many_anomalies_are_thinned_evenly_and_minus_infinity_is_kept():
    scores = np.r_[-np.inf, np.arange(99.0), np.arange(2000.0)]
    facts = Facts.of(scores, np.r_[np.zeros(100), -np.ones(2000)].astype(np.int8), [])
    assert len(facts.anomaly_scores) == 500
    assert (facts.anomaly_scores[0], facts.anomaly_scores[-1]) == (0.0, 1999.0)
    assert facts.score_quantiles[0] == -np.inf
    assert Facts.from_dict(facts.as_dict()) == facts


@pytest.mark.parametrize(
    ("name", "value"), [("n_normal", "ten"), ("n_anomalies", 1.5), ("health", [1]), ("anomaly_scores", ["a"])]
)
def test_facts_of_other_types_are_refused(name, value):
    facts = Facts.of(np.arange(3.0), np.zeros(3, dtype=np.int8), []).as_dict()
    with pytest.raises(ValueError, match=f"{name} of Facts is "):
        Facts.from_dict(facts | {name: value})
