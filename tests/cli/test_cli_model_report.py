"""``askew report MODEL``."""

import json

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def files(tmp_path, run):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(120, 3)), columns=["a", "b", "c"])
    frame["site"] = rng.choice(["north", "south"], 120)
    frame["label"] = ""
    frame.loc[:9, "label"] = "bad"
    frame.loc[:9, "b"] += 6
    frame.to_csv(tmp_path / "t.csv", index=False)
    fit = [
        "fit",
        tmp_path / "t.csv",
        "--label-column",
        "label",
        "--anomaly",
        "bad",
        "-o",
        tmp_path / "m.askew",
    ]
    assert run(*fit, "--detector", "logistic_regression").code == 0
    return tmp_path / "m.askew", tmp_path / "t.csv"


def test_page_card_and_curve_of_a_mixed_table(files, run):
    model, data = files
    options = ["--data", data, "--label-column", "label", "--anomaly", "bad", "--learning-curve", "--json"]
    result = run("report", model, *options)
    assert result.code == 0, result.err
    about = json.loads(result.out.partition("{")[1] + result.out.partition("{")[2])
    assert set(about) == {"page", "card", "learning_curve"}
    page = model.with_suffix(".html").read_text()
    assert "t.csv" in page
    assert "<td>b</td>" in page
    assert model.with_suffix(".md").is_file()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--reference", "vae"], "--reference is about a results folder"),
        (["--label-column", "label"], "--data must be given"),
        (["--data", "t.csv", "--learning-curve"], "--label-column must be given"),
        (["-o", "page.txt"], "--output must end in .html"),
    ],
)
def test_options_that_do_not_fit_are_refused(files, run, options, message):
    result = run("report", files[0], *options)
    assert result.code == 2
    assert message in result.err


def test_options_of_models_are_refused_for_a_folder(tmp_path, run):
    result = run("report", tmp_path, "--learning-curve")
    assert result.code == 2
    assert "--learning-curve is about a model" in result.err
