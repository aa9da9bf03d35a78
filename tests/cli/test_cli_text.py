"""The command line takes tables alone: a detector of texts is listed as such and refused in one line."""

import json

import pytest

from askew import SentenceVAE, index

TEXTS = ["the film was good to me", "the plot was fine to me", "the cast was great to me"] * 4


def test_methods_say_what_they_take(run):
    found = {each["name"]: each["input"] for each in json.loads(run("methods", "--json").out)["methods"]}
    assert found["sentence_vae"] == "text" and found["dp_vae"] == "table"
    assert {name for name, kind in found.items() if kind == "table"} == set(index.tabular())
    assert found["dadgt"] == "images"
    assert "sentence_vae" in run("methods").out and "--set" not in run("methods", "sentence_vae").err


def test_fitting_a_detector_of_texts_on_a_table_is_refused(run, train_csv):
    outcome = run("fit", train_csv, "--label-column", "label", "--detector", "sentence_vae", "-o", "m.askew")
    assert outcome.code == 2
    assert (
        "--detector must be a detector of tables; got SentenceVAE, which takes a list of texts" in outcome.err
    )
    assert outcome.err.count("\n") == 1


def test_fitting_a_detector_of_images_on_a_table_is_refused(run, train_csv):
    outcome = run("fit", train_csv, "--label-column", "label", "--detector", "dadgt", "-o", "m.askew")
    assert outcome.code == 2
    assert "--detector must be a detector of tables; got GEOM, which takes images alone" in outcome.err
    assert outcome.err.count("\n") == 1


@pytest.fixture
def model(tmp_path):
    detector = SentenceVAE(hidden_size=4, code_size=2, random_state=0).set_params(training__epochs=1)
    detector.fit(TEXTS)
    detector.save(tmp_path / "text.askew")
    return tmp_path / "text.askew"


COMMANDS = [("score", "model", "table"), ("explain", "model", "table"), ("export", "model", "-o", "m.onnx")]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_model_of_texts_is_refused_where_a_table_is_read(run, train_csv, model, command):
    words = [{"model": model, "table": train_csv}.get(word, word) for word in command]
    outcome = run(*words)
    assert outcome.code == 2, outcome.err
    assert "must be a detector of tables; got SentenceVAE" in outcome.err.splitlines()[-1]


def test_a_model_of_texts_is_not_wrapped_in_a_preparation_of_tables():
    from askew.base.prepared import Prepared
    from askew.errors import InvalidInputError

    with pytest.raises(InvalidInputError, match="detector of Prepared must be a detector of tables"):
        Prepared(SentenceVAE()).fit([[1.0, 2.0], [2.0, 3.0]])


@pytest.mark.parametrize(
    "words", [("classic", "--methods", "sentence_vae"), ("few-labels", "--methods", "sentence_vae")]
)
def test_protocols_of_tables_do_not_know_it(run, words, tmp_path):
    outcome = run("bench", *words, "-o", tmp_path / "r")
    assert outcome.code == 2 and "must be a known name; got 'sentence_vae'" in outcome.err


def test_the_sentiment_protocol_is_a_command(run, tmp_path):
    assert "sentiment" in run("bench").out
    outcome = run("bench", "sentiment", "--preset", "huge", "-o", tmp_path / "r")
    assert outcome.code == 2 and "preset of run_sentiment must be a known name" in outcome.err
