"""``askew methods`` and ``askew datasets``."""

import json

import pytest

from askew import datasets, index


def test_methods(run):
    outcome = run("methods", "--json")
    found = json.loads(outcome.out)["methods"]
    assert [each["name"] for each in found] == list(index.entries())
    assert {"dp_vae", "vae"} <= {each["name"] for each in found}
    assert all(each["summary"] for each in found)
    assert outcome.err == ""
    text = run("methods").out
    assert all(name in text and entry.class_name in text for name, entry in index.entries().items())


def test_parameters_of_a_method(run):
    found = json.loads(run("methods", "dp_vae", "--json").out)
    assert found["class"] == "DPVAE"
    assert found["parameters"]["alpha"] == 10.0
    assert found["parameters"]["training__epochs"] == 150
    assert "training" not in found["parameters"]
    assert "training__lr" in run("methods", "dp_vae").out


@pytest.mark.parametrize("name", index.tabular())
def test_every_parameter_listed_can_be_set_to_its_default(run, name, train_csv, tmp_path):
    parameters = json.loads(run("methods", name, "--json").out)["parameters"]
    quick = {"training__epochs": 2, "training__pretrain_epochs": 1, "n_members": 1, "time_budget": 0.1}
    chosen = {key: quick.get(key, value) for key, value in parameters.items() if key != "random_state"}
    words = [word for key, value in chosen.items() for word in ("--set", f"{key}={value!r}")]
    outcome = run(
        "fit", train_csv, "--label-column", "label", "--drop", "id", "--detector", name, *words, "-o", "m"
    )
    assert outcome.code == 0, outcome.err
    assert run("score", "m", train_csv, "-o", "s.csv").code == 0


@pytest.mark.parametrize("words", [("datasets",), ("datasets", "list")])
def test_datasets(run, words):
    outcome = run(*words)
    assert outcome.code == 0
    lines = {line.split()[0]: line.split()[1:] for line in outcome.out.splitlines()[1:]}
    assert list(lines) == list(datasets.names())
    assert lines["cardio"] == ["1,831", "21", "176", "9.6%"]


def test_datasets_json(run):
    found = json.loads(run("datasets", "list", "--json").out)["datasets"]
    cardio = next(each for each in found if each["name"] == "cardio")
    assert (cardio["rows"], cardio["columns"], cardio["anomalies"]) == (1831, 21, 176)
    assert len(cardio["sha256"]) == 64
