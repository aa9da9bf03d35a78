"""Rules in words become thresholds, and wrong ones are refused with an example that works."""

import re

import pytest

from askew.calibration import AlertBudget, Conformal, Cost, Quantile, from_rule
from askew.errors import InvalidInputError


@pytest.mark.parametrize(
    "rule, kind, parameters",
    [
        ("quantile:0.01", Quantile, {"contamination": 0.01}),
        (" fdr : 0.2 ", Conformal, {"fdr": 0.2}),
        ("fdr:0.2,method=by", Conformal, {"fdr": 0.2, "method": "by"}),
        ("budget:20/1000", AlertBudget, {"alerts": 20, "per_rows": 1000, "confidence": 0.95}),
        ("budget:5/300, confidence=none", AlertBudget, {"alerts": 5, "per_rows": 300, "confidence": None}),
        ("cost:50", Cost, {"miss": 50, "false_alarm": 1.0, "anomaly_rate": None}),
        ("cost:200/4,anomaly_rate=0.01", Cost, {"miss": 200, "false_alarm": 4, "anomaly_rate": 0.01}),
    ],
)
def test_rules(rule, kind, parameters):
    threshold = from_rule(rule, "a model")
    assert type(threshold) is kind and threshold.model == "a model"
    assert parameters.items() <= threshold.get_params(deep=False).items()


@pytest.mark.parametrize(
    "rule, example",
    [
        ("fdr", "fdr:0.1"),
        ("fdr:", "fdr:0.1"),
        ("fdr:0.1/2", "fdr:0.1"),
        ("frd:0.1", "fdr:0.1"),
        ("budget:20", "budget:20/1000"),
        ("budget:20/1000/3", "budget:20/1000"),
        ("cost:dear", "cost:50"),
        ("qantile:0.1", "quantile:0.05"),
        ("0.05", "quantile:0.05"),
        ("", "quantile:0.05"),
    ],
)
def test_wrong_rules(rule, example):
    with pytest.raises(
        InvalidInputError, match=rf"threshold rule must be .*got '{re.escape(rule)}'. For .* {example}\.$"
    ):
        from_rule(rule)
    from_rule(example)


@pytest.mark.parametrize(
    "more", ["rate=0.1", "anomaly_rate", "anomaly_rate=0.1,anomaly_rate=0.2", "fdr=0.3", ""]
)
def test_wrong_names(more):
    with pytest.raises(
        InvalidInputError, match=r"NAME=VALUE, each name once, with a name of anomaly_rate, method; got"
    ):
        from_rule(f"fdr:0.1,{more}")


@pytest.mark.parametrize(
    "rule", ["fdr:1.5", "quantile:0", "budget:0/100", "cost:-3", "cost:nan", "fdr:0.1,anomaly_rate=2"]
)
def test_numbers_out_of_range_are_refused_at_once(rule):
    with pytest.raises(InvalidInputError, match=r" must be .*; got "):
        from_rule(rule)


def test_kinds_have_places_of_their_own_and_their_usual_numbers():
    kinds = (Quantile, Conformal, AlertBudget, Cost)
    assert [kind.place for kind in kinds] == [1, 2, 3, 4]
    numbers = {
        k: v for kind in kinds for k, v in kind(None).get_params().items() if isinstance(v, int | float)
    }
    assert numbers == {
        **{"contamination": 0.05, "fdr": 0.1, "alerts": 20, "per_rows": 1000, "confidence": 0.95},
        **{"miss": 50.0, "false_alarm": 1.0},
    }
