"""``askew methods`` and ``askew datasets``."""

import json

import numpy as np
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
    quick |= {"search_steps": 2, "n_restarts": 1, "n_estimators": 10}
    chosen = {key: quick.get(key, value) for key, value in parameters.items() if key != "random_state"}
    words = [word for key, value in chosen.items() for word in ("--set", f"{key}={value!r}")]
    outcome = run(
        "fit", train_csv, "--label-column", "label", "--drop", "id", "--detector", name, *words, "-o", "m"
    )
    assert outcome.code == 0, outcome.err
    assert run("score", "m", train_csv, "-o", "s.csv").code == 0


@pytest.mark.parametrize("words", [("datasets",), ("datasets", "list")])
def test_datasets(run, words, monkeypatch, tmp_path):
    without_data(monkeypatch, tmp_path)
    outcome = run(*words)
    assert outcome.code == 0
    tables, images = (
        {line.split()[0]: line.split()[1:] for line in part.splitlines()[1:]}
        for part in outcome.out.split("\n\n")
    )
    assert list(tables) == list(datasets.names())
    assert tables["cardio"] == ["1,831", "21", "176", "9.6%"]
    assert list(images) == list(datasets.image_names())
    assert images["mnist"] == ["28x28", "grey", "10", "60,000", "10,000", "not", "fetched"]


def test_datasets_json(run, monkeypatch, tmp_path):
    without_data(monkeypatch, tmp_path)
    found = json.loads(run("datasets", "list", "--json").out)
    cardio = next(each for each in found["datasets"] if each["name"] == "cardio")
    assert (cardio["rows"], cardio["columns"], cardio["anomalies"]) == (1831, 21, 176)
    assert len(cardio["sha256"]) == 64
    svhn = next(each for each in found["images"] if each["name"] == "svhn")
    assert (svhn["shape"], svhn["n_test"], svhn["found"]) == ([3, 32, 32], 26032, "")
    assert [len(file["sha256"]) for file in svhn["files"]] == [64, 64]


def test_fetching_an_image_set(run, monkeypatch):
    def made_up(name):
        x, y = np.zeros((3, 1, 28, 28), np.uint8), np.zeros(3, np.int64)
        return datasets.ImageSet(name, x, y, x[:2], y[:2], ("0",), "published files")

    monkeypatch.setattr(datasets, "load_images", made_up)
    outcome = run("datasets", "fetch", "mnist", "svhn", "--json")
    assert outcome.code == 0
    assert "svhn: 3 training and 2 test images, from published files." in outcome.err
    fetched = json.loads(outcome.out)["fetched"]
    assert [each["name"] for each in fetched] == ["mnist", "svhn"] and fetched[0]["n_train"] == 3


def test_fetching_what_there_is_not(run):
    outcome = run("datasets", "fetch", "mnist", "cifar_10")
    assert outcome.code == 2
    assert "error: name must be of an image set that is fetched; got 'cifar_10'." in outcome.err
    assert "cifar10" in outcome.err


def without_data(monkeypatch, tmp_path):
    """Hide the data folder and the cache of this machine."""
    import pooch

    monkeypatch.delenv("ASKEW_DATA", raising=False)
    monkeypatch.setattr(pooch, "os_cache", lambda name: tmp_path / "no cache")
