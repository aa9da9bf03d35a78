"""``askew demo``: what it says is what it wrote, and it is the benchmark's own run."""

import json

import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread
from sklearn.metrics import average_precision_score, roc_auc_score

import askew
from askew import datasets
from askew.benchmarks import classic
from askew.cli import demo

EPOCHS = 6  # too few for the labels to help; the benchmark's tests and `make demo` show that they do


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    """The folder of one short demo, and the JSON it printed."""
    from contextlib import redirect_stdout
    from io import StringIO

    from askew.cli.main import main

    folder, printed = tmp_path_factory.mktemp("demo") / "new" / "folder", StringIO()
    with redirect_stdout(printed):
        code = main(["demo", "-o", str(folder), "--epochs", str(EPOCHS), "--json"])
    assert code == 0
    return folder, json.loads(printed.getvalue())


def test_results_are_of_three_methods_with_the_published_numbers(outcome):
    found = {row["method"]: row for row in outcome[1]["rows"]}
    assert list(found) == ["dp_vae", "vae", "isolation_forest"]
    assert [row["published_auroc"] for row in found.values()] == [0.999, 0.869, None]
    split = datasets.splits.classic_split(datasets.load("thyroid"), seed=0)
    for name in ("vae", "isolation_forest"):
        detector = askew.all_detectors()[name](random_state=0)
        detector.set_params(**detector.published_parameters(), **classic.params(name, "thyroid"))
        if name == "vae":
            detector.set_params(training__epochs=EPOCHS)
        scores = detector.fit(split.X_train, split.y_train).anomaly_score(split.X_test)
        expected = (
            roc_auc_score(split.anomaly_test, scores),
            average_precision_score(split.anomaly_test, scores),
        )
        assert (found[name]["auroc"], found[name]["average_precision"]) == pytest.approx(expected, abs=1e-9)


def test_scores_file_holds_the_clean_test_rows_and_the_printed_auroc(outcome):
    folder, printed = outcome
    scores = pd.read_csv(folder / "scores.csv")
    table = datasets.load("thyroid")
    split = datasets.splits.classic_split(table, seed=0)
    assert scores["row"].tolist() == split.test_rows.tolist()
    assert ((scores["truth"] == "anomaly") == table.anomaly[scores["row"]]).all()
    truth = scores["truth"] == "anomaly"
    assert roc_auc_score(truth, scores["anomaly_score"]) == pytest.approx(
        printed["rows"][0]["auroc"], abs=1e-12
    )
    lowest = scores["score"].nsmallest(5).tolist()
    assert [row["score"] for row in printed["top"]] == pytest.approx(lowest, rel=1e-12)
    counts = (printed["n_train"], printed["n_labelled"], printed["n_test"], printed["n_test_anomalies"])
    assert counts == (split.n_train, split.n_labelled, split.n_test, split.n_test_anomalies)


def test_model_file_gives_the_scores_again(outcome):
    folder, _ = outcome
    table = datasets.load("thyroid")
    scores = pd.read_csv(folder / "scores.csv")
    model = askew.load(folder / "model.askew")
    X = pd.DataFrame(table.X, columns=table.feature_names).iloc[scores["row"]]
    np.testing.assert_allclose(model.score_samples(X), scores["score"], rtol=1e-9)
    assert (model.predict(X) == scores["prediction"]).all()
    expected = classic.params("dp_vae", "thyroid") | {"training__epochs": EPOCHS, "random_state": demo.SEED}
    assert expected.items() <= model.get_params().items()


def test_picture_shows_something(outcome):
    image = imread(outcome[0] / "thyroid.png")
    assert image.shape[:2] == (690, 1650)
    left, right = image[:, :825, :3], image[:, 825:, :3]
    assert all(0.05 < (half.min(axis=2) < 0.9).mean() < 0.6 for half in (left, right))


def test_text_says_what_data_how_good_and_what_next(run):
    outcome = run("demo", "-o", "out", "--epochs", "1")
    assert outcome.code == 0
    told = " ".join(outcome.err.split())
    expected = (
        "3,772 patients",
        "93 of them",
        "22 are labelled",
        "38 of them anomalies",
        "seed 0",
        "1 epochs",
    )
    assert all(part in told for part in expected)
    expected = ("DP-VAE, with the labels", "99.9", "Ours is one split", "askew fit your_table.csv")
    assert all(part in outcome.out for part in expected)
    rows = [
        line.split()[0] for line in outcome.out.splitlines() if line.rstrip().endswith(("anomaly", "normal"))
    ]
    assert rows == [str(row) for row in pd.read_csv("out/scores.csv").nsmallest(5, "score")["row"]]


def test_output_that_is_a_file_is_refused_before_any_training(run, tmp_path):
    (tmp_path / "taken").write_text("mine")
    outcome = run("demo", "-o", "taken")
    assert outcome.code == 2
    start = "error: --output must be a folder that can be written to; got 'taken' (File exists)."
    assert outcome.err == f"{start} Choose another.\n"
    assert (tmp_path / "taken").read_text() == "mine"
