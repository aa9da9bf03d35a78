"""The sentiment protocol from call to files, on made-up sentences and a quickly trained VAE."""

import io
import json

import numpy as np
import pyarrow.parquet as pq
import pytest

from askew.benchmarks.protocols.sentiment import protocol as sentiment
from askew.benchmarks.protocols.sentiment.protocol import PRESETS, plan, run_sentiment
from askew.benchmarks.protocols.sentiment.result import gains
from askew.benchmarks.runs.store import Store
from askew.datasets import Sentences
from askew.errors import InvalidInputError

WORDS = {True: ["lovely", "great", "fine"], False: ["dull", "poor", "awful"]}
TINY = {"training__epochs": 2, "outlier_epochs": 1, "kl_epochs": 1, "hidden_size": 4, "code_size": 2}


def made_up(n=160):
    rng = np.random.default_rng(0)
    positive = np.arange(n) % 2 == 0
    texts = [
        f"a {rng.choice(WORDS[bool(kind)])} film number {row} in all" for row, kind in enumerate(positive)
    ]
    part = np.array(["test"] * n)
    return Sentences(np.array(texts, dtype=object), positive, part, "made up")


@pytest.fixture
def small(monkeypatch):
    """Replace the sentences, the vectors and the quick preset."""
    monkeypatch.setattr(sentiment, "sentiment", made_up)
    words = sorted({*WORDS[True], *WORDS[False], "film", "number", "a", "in", "all"})
    vectors = {word: np.eye(len(words), dtype=np.float32)[row] for row, word in enumerate(words)}
    monkeypatch.setattr(sentiment, "glove", lambda wanted: {w: vectors[w] for w in wanted if w in vectors})
    monkeypatch.setitem(sentiment.PRESETS, "quick", PRESETS["quick"]._replace(params=TINY))
    sentiment.sentences.cache_clear()
    yield
    sentiment.sentences.cache_clear()


def test_the_plan_has_both_ways_both_ratios_both_scores_and_five_seeds():
    chosen = plan()
    assert len(chosen.runs) == chosen.grid == 5 * (2 * 2 * 2 + 2)
    assert {(run.normal_class, run.labelled_ratio) for run in chosen.runs} == {
        (normal, ratio) for normal in ("positive", "negative") for ratio in (0.0, 0.01)
    }
    assert len({run.key for run in chosen.runs}) == 50
    assert {run.dataset for run in chosen.runs} == {"imdb-test"}
    assert plan("paper").runs[0].params["training__epochs"] == 485
    assert not [run for run in chosen.runs if run.method != "sentence_vae" and run.labelled_ratio == 0]


def test_the_last_state_makes_the_code_in_a_row_of_its_own(small, tmp_path):
    assert all(run.method != "sentence_vae_last" for run in plan("paper").runs)
    table = run_sentiment(out=tmp_path, methods=["sentence_vae_last"], seeds=[0])
    assert {run.params["pooling"] for run in table.plan.runs} == {"last"}
    assert [(row.method, row.n_runs, row.n_failed) for row in table.rows] == [("sentence_vae_last", 1, 0)] * 8


def test_settings_are_those_of_the_detector():
    from askew import SentenceVAE

    for preset in PRESETS.values():
        SentenceVAE().set_params(**preset.params)._check_parameters()


def test_runs_that_differ_in_their_score_share_a_training(small, tmp_path, monkeypatch):
    trained, fitted = [], sentiment.fitted
    monkeypatch.setattr(sentiment, "fitted", lambda run, part: trained.append(run) or fitted(run, part))
    events = []
    result = run_sentiment("quick", seeds=[0, 1], out=tmp_path, progress=events.append)
    assert len(trained) == 2 * (4 + 2) and (result.done, result.planned, result.grid) == (20, 20, 50)
    assert events[0].kind == "begin" and events[-1].done == 20 and events[-1].failed == 0
    table = pq.read_table(tmp_path / "runs.parquet").to_pylist()
    assert len(table) == 20 and {row["n_test"] for row in table} == {48}
    assert {row["n_labelled"] for row in table} == {0, 1}
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "runs",
        "runs.parquet",
        "table.csv",
        "table.md",
    ]
    trained.clear()
    again = run_sentiment("quick", seeds=[0, 1], out=tmp_path)
    assert trained == [] and again.rows == result.rows


def test_published_numbers_stand_beside_the_score_by_the_elbo(small, tmp_path):
    result = run_sentiment("quick", seeds=[0], out=tmp_path)
    paper = {(r.score, r.normal, r.labelled_ratio): r.published_mean for r in result.rows}
    assert paper["elbo", "positive", 0.0] == 0.528 and paper["elbo", "negative", 0.01] == 0.648
    assert {mean for (score, *_), mean in paper.items() if score != "elbo"} == {None}
    text = result.markdown()
    assert "(52.8)" in text and "10 of 10 runs (the full grid has 50)" in text
    assert json.loads(json.dumps(result.to_json()))["coverage"] == [10, 10]
    assert result.csv().count("\n") == 11
    from rich.console import Console

    console = Console(width=120, record=True, file=io.StringIO())
    console.print(result.table())
    assert "sentence_vae" in console.export_text()


def test_gains_are_paired_over_seeds_and_both_ways():
    scores = {
        ("sentence_vae", "elbo", normal, ratio): {
            seed: 0.5 + shift * (ratio > 0) + 0.01 * seed for seed in range(5)
        }
        for normal, shift in (("positive", 0.02), ("negative", 0.04))
        for ratio in (0.0, 0.01)
    }
    found = {gain.normal: gain for gain in gains(scores)}
    assert found["positive"].difference == pytest.approx(0.02) and found["positive"].n_pairs == 5
    assert found["both"].difference == pytest.approx(0.03) and found["both"].n_pairs == 10
    assert found["both"].wilcoxon_p == pytest.approx(0.002, abs=1e-3)


def test_a_run_that_fails_is_stored_as_failed_and_counted(small, tmp_path, monkeypatch):
    fitted = sentiment.fitted

    def sometimes(run, part):
        if run.method == "sentence_vae" and run.normal_class == "positive":
            raise ValueError("broken on purpose")
        return fitted(run, part)

    monkeypatch.setattr(sentiment, "fitted", sometimes)
    result = run_sentiment("quick", seeds=[0], out=tmp_path)
    assert sum(row.n_failed for row in result.rows) == 4
    assert "Failed runs: 4" in result.markdown()
    records, _ = Store(tmp_path).read()
    assert {r.error for r in records.values()} == {None, "ValueError: broken on purpose"}


def test_wrong_names_and_folders_in_use_are_refused(small, tmp_path):
    with pytest.raises(InvalidInputError, match="preset of run_sentiment"):
        run_sentiment("huge", out=tmp_path / "x")
    with pytest.raises(InvalidInputError, match=r"methods of run_sentiment.*Choose from: sentence_vae"):
        plan(methods=["lstm"])
    with pytest.raises(InvalidInputError, match="seeds of run_sentiment"):
        plan(seeds=[-1])
    (tmp_path / "mine.txt").write_text("precious")
    with pytest.raises(InvalidInputError, match="out of run_sentiment"):
        run_sentiment("quick", out=tmp_path, resume=False)
