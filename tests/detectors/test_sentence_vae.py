"""SentenceVAE: its losses by hand, the laws of all detectors where X is a list of texts, and what it refuses."""

import math
import warnings

import numpy as np
import pandas as pd
import pytest
import torch
from recipe import Member
from sklearn.base import clone
from sklearn.metrics import roc_auc_score

import askew
from askew import SentenceVAE
from askew.errors import HealthWarning, InvalidInputError, LabelError, ModelFileError
from askew.objectives import gaussian_kl
from askew.training import Batch, Training

F64 = torch.float64


def corpus(n=48, anomalies=6, seed=0):
    """Return sentences about films and, first, sentences about ships as known anomalies."""
    rng = np.random.default_rng(seed)
    subjects, verbs = ["film", "story", "plot", "cast"], ["was", "seemed", "felt"]
    praise, places = ["good", "great", "fine", "dull"], ["harbour", "sea", "coast"]
    texts = [
        f"the {rng.choice(subjects)} {rng.choice(verbs)} {rng.choice(praise)} and {rng.choice(praise)} to me"
        for _ in range(n)
    ]
    for row in range(anomalies):
        texts[row] = f"a ship sailed from the {rng.choice(places)} to another {rng.choice(places)}"
    return texts, np.r_[-np.ones(anomalies), np.zeros(n - anomalies)].astype(np.int8)


TEXTS, Y = corpus()
NEW = corpus(n=20, seed=1)[0]


def quick(**params):
    few = {"training": Training(epochs=4, batch_size=16), "hidden_size": 8, "code_size": 3, "word_size": 6}
    nested = {key: params.pop(key) for key in list(params) if "__" in key}
    return SentenceVAE(**({"random_state": 0, "kl_epochs": 2} | few | params)).set_params(**nested)


def calmly(function, *args, **kwargs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HealthWarning)  # four epochs may look unhealthy
        return function(*args, **kwargs)


def fitted(texts=TEXTS, y=Y, **params):
    return calmly(quick(**params).fit, texts, y)


@pytest.fixture(scope="module")
def detector():
    return fitted(n_members=2)


# ------------------------------------------------------------------ the recipe


class Fed:
    """Networks that are plain functions: a word's vector is its number, z is the mean of the sentence's."""

    def __init__(self, logits):
        self.networks = {
            "words": lambda tokens: tokens.to(F64).unsqueeze(-1),
            "encoder": lambda vectors, tokens: torch.cat(
                [vectors.sum(1), torch.full((len(tokens), 1), math.log(4.0), dtype=F64)], dim=1
            ),
            "fed": lambda tokens: tokens,
            "decoder": lambda z, fed, tokens: logits(z).repeat_interleave((tokens != 0).sum(1), 0),
        }


TOKENS = torch.tensor([[4, 3, 0], [5, 4, 3]])


def uniform(z):
    return torch.zeros(len(z), 8, dtype=F64)


def steps(detector):
    return {step.name: step for stage in detector._stages(detector._settings()) for step in stage.steps}


def batch(y=(0, 0), noise=None, epoch=1000):
    return Batch(TOKENS, torch.tensor(y).float(), noise, {}, epoch)


def test_the_loss_of_normal_sentences_is_token_likelihood_plus_kl():
    detector = SentenceVAE(beta_kl=0.5, code_size=1)
    noise = torch.zeros(1, 2, 1, dtype=F64)
    mu, log_var = torch.tensor([[7.0], [12.0]], dtype=F64), torch.full((2, 1), math.log(4.0), dtype=F64)
    nll = torch.tensor([2, 3]) * math.log(8.0)
    expected = (nll + 0.5 * gaussian_kl(mu, log_var)).mean()
    loss = steps(detector)["normal"].loss(Fed(uniform).networks, batch(noise=noise))
    torch.testing.assert_close(loss, expected)
    per_token = SentenceVAE(beta_kl=0.0, code_size=1, reduction="mean")
    loss = steps(per_token)["normal"].loss(Fed(uniform).networks, batch(noise=noise))
    assert float(loss) == pytest.approx(math.log(8.0))


def test_the_kl_weight_is_annealed():
    detector = SentenceVAE(beta_kl=2.0, code_size=1, kl_epochs=10)
    noise = torch.zeros(1, 2, 1, dtype=F64)
    first, half, end, later = (
        float(steps(detector)["normal"].loss(Fed(uniform).networks, batch(noise=noise, epoch=epoch)))
        for epoch in (0, 5, 10, 11)
    )
    assert half - first == pytest.approx(end - half) and end == later > first


def test_the_loss_of_anomalies_is_their_cubo_and_with_one_sample_minus_their_elbo():
    noise = torch.tensor([[[0.5], [-1.0]]], dtype=F64)
    z = torch.tensor([7.0 + 2 * 0.5, 12.0 - 2.0], dtype=F64)
    nll = torch.tensor([2, 3]) * math.log(8.0)
    log_weight = -nll + 0.5 * (math.log(4.0) + noise.flatten() ** 2 - z**2)
    one = SentenceVAE(n_samples=1, code_size=1, gamma=3.0)
    loss = steps(one)["anomaly"].loss(Fed(uniform).networks, batch((-1, -1), noise))
    torch.testing.assert_close(loss, 3.0 * log_weight.mean())
    two = SentenceVAE(n_samples=2, code_size=1)
    loss = steps(two)["anomaly"].loss(Fed(uniform).networks, batch((-1, -1), noise.repeat(2, 1, 1)))
    torch.testing.assert_close(loss, log_weight.mean())


def test_anomalies_move_the_encoder_alone_and_in_the_last_epochs_alone():
    found = steps(SentenceVAE(outlier_epochs=5, interval=3).set_params(training__epochs=12))
    assert found["anomaly"].moves == ("encoder",) and found["anomaly"].start == 7
    assert found["anomaly"].every == 3 and found["anomaly"].rows == "anomaly"
    assert set(found["normal"].moves) == {"words", "encoder", "decoder"} and found["normal"].start == 0
    assert steps(SentenceVAE(outlier_epochs=99))["anomaly"].start == 0


def test_gradients_reach_every_parameter_that_should_move():
    detector = quick()
    x = detector._learned(TEXTS, None)
    detector._preparation = detector._new_preparation()
    networks = detector._build(detector._spec())
    for name, step in steps(detector).items():
        noise = torch.randn(*[step.noise[0], len(x), step.noise[1]])
        given = Batch(torch.from_numpy(x), torch.from_numpy(Y if name == "anomaly" else Y * 0), noise, {}, 9)
        step.loss(networks, given).backward()
        for part in step.moves:
            for key, parameter in networks[part].named_parameters():
                assert parameter.grad.abs().sum() > 0, f"{name}: {part}.{key}"


def test_the_score_is_the_elbo_at_the_mean():
    detector = SentenceVAE(beta_kl=0.5)
    mu, log_var = torch.tensor([[7.0], [12.0]], dtype=F64), torch.full((2, 1), math.log(4.0), dtype=F64)

    def sharp(z):
        return torch.cat([z, torch.zeros(len(z), 7, dtype=F64)], dim=1)

    nll = -torch.stack(
        [sharp(mu).log_softmax(1)[0, [4, 3]].sum(), sharp(mu).log_softmax(1)[1, [5, 4, 3]].sum()]
    )
    scores = detector._row_scores(Member(Fed(sharp).networks), TOKENS)
    torch.testing.assert_close(scores, -(nll + 0.5 * gaussian_kl(mu, log_var)))
    scores = SentenceVAE(score_by="kl")._row_scores(Member(Fed(sharp).networks), TOKENS)
    torch.testing.assert_close(scores, -gaussian_kl(mu, log_var))


# ------------------------------------------------------------------ what it learns


def test_sentences_of_another_kind_score_lower():
    detector = calmly(quick(training__epochs=8, training__lr=2e-2).fit, TEXTS[6:])
    truth = np.r_[np.ones(6), np.zeros(14)]
    assert roc_auc_score(truth, detector.anomaly_score(NEW)) > 0.9


def test_known_anomalies_lower_their_own_score():
    params = {"training__epochs": 12, "outlier_epochs": 6, "training__lr": 2e-2, "n_samples": 1}
    with_labels, without = fitted(**params), fitted(y=None, **params)

    def gap(detector):
        scores = detector.score_samples(TEXTS)
        return np.median(scores[6:]) - np.median(scores[:6])

    assert gap(with_labels) > gap(without) + 1.0


def test_permuting_the_labels_changes_the_model_in_the_stated_direction():
    params = {"training__epochs": 12, "outlier_epochs": 8, "training__lr": 2e-2, "n_samples": 1}
    known, moved = (fitted(y=y, **params).score_samples(TEXTS) for y in (Y, np.roll(Y, 24)))
    assert known[:6].mean() - known[24:30].mean() < moved[:6].mean() - moved[24:30].mean()


def test_vectors_are_where_words_begin_and_words_without_one_begin_at_random():
    detector = quick(
        vectors={"film": [1.0, 2.0], "zebra": [0.0, 9.0], "story": [0.0, -1.0]}, training__lr=1e-12
    )
    weight = calmly(detector.fit, TEXTS, Y).members_[0].networks["words"].weight
    tokens = detector.vocabulary_.tokens
    assert weight.shape == (len(tokens), 2)
    torch.testing.assert_close(weight[tokens.index("film")], torch.tensor([1.0, 2.0], dtype=F64))
    assert weight[tokens.index("cast")].abs().min() > 0


# ------------------------------------------------------------------ the laws of all detectors


def test_scores_are_one_float64_per_text_equal_every_time_and_predict_is_their_sign(detector):
    scores = detector.score_samples(NEW)
    assert scores.shape == (20,) and scores.dtype == np.float64 and np.isfinite(scores).all()
    assert np.unique(scores).size > 10
    np.testing.assert_array_equal(scores, detector.score_samples(NEW))
    np.testing.assert_array_equal(detector.decision_function(NEW), scores - detector.offset_)
    np.testing.assert_array_equal(detector.predict(NEW) == 1, detector.decision_function(NEW) >= 0)
    np.testing.assert_array_equal(detector.anomaly_score(NEW), -scores)


def test_a_texts_score_does_not_depend_on_its_neighbours_or_their_order(detector):
    together = detector.score_samples(NEW)
    alone = np.concatenate([detector.score_samples([text]) for text in NEW])
    np.testing.assert_allclose(together, alone, rtol=1e-12)
    long = "word " * 20
    np.testing.assert_allclose(together, detector.score_samples([long, *NEW])[1:], rtol=1e-12)
    np.testing.assert_allclose(together[::-1], detector.score_samples(NEW[::-1]), rtol=1e-12)
    many = detector.score_samples(NEW * 300)  # several chunks
    np.testing.assert_allclose(many.reshape(300, 20), np.tile(together, (300, 1)), rtol=1e-12)


def test_same_seed_same_result_and_other_seed_other_result():
    one, same, other = (fitted(random_state=seed).score_samples(NEW) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 1e-6


def test_fitting_twice_or_a_clone_is_fitting_once():
    detector = fitted()
    first = detector.score_samples(NEW)
    copied = clone(detector)
    assert not hasattr(copied, "offset_")
    np.testing.assert_array_equal(calmly(copied.fit, TEXTS, Y).score_samples(NEW), first)
    np.testing.assert_array_equal(calmly(detector.fit, TEXTS, Y).score_samples(NEW), first)


def test_members_average_to_the_score_and_have_codes(detector):
    members = detector.member_scores(NEW)
    np.testing.assert_allclose(members.mean(0), detector.score_samples(NEW), rtol=1e-12)
    assert np.abs(members[0] - members[1]).max() > 1e-6
    assert detector.encode(NEW).shape == (20, 3)


def test_fit_leaves_texts_labels_and_global_random_states_alone():
    texts, y = list(TEXTS), Y.copy()
    torch.manual_seed(7)
    before = torch.get_rng_state(), np.random.get_state()[1].tolist()  # noqa: NPY002
    fitted(texts, y).score_samples(texts)
    assert torch.equal(before[0], torch.get_rng_state())
    assert before[1] == np.random.get_state()[1].tolist()  # noqa: NPY002
    assert texts == TEXTS and (y == Y).all()


def test_labels_of_zero_are_no_labels_and_contamination_is_exact():
    np.testing.assert_array_equal(
        fitted(y=None).score_samples(NEW), fitted(y=np.zeros(48, dtype=int)).score_samples(NEW)
    )
    texts = [f"{text} number {row}" for row, text in enumerate(TEXTS[:40])]
    assert (fitted(texts, None, contamination=0.25, min_count=1).predict(texts) == -1).sum() == 10


@pytest.mark.parametrize("rows", [2, 3, 17])
def test_fewer_texts_than_a_batch_and_a_last_batch_of_one_work(rows):
    assert np.isfinite(fitted(TEXTS[6 : 6 + rows], None).score_samples(NEW)).all()


def test_columns_of_frames_and_declared_labels_are_the_same():
    expected = fitted().score_samples(NEW)
    found = fitted(pd.Series(TEXTS), askew.labels.ours(Y)).score_samples(np.array(NEW))
    np.testing.assert_array_equal(expected, found)


def test_unknown_words_are_one_unknown_word(detector):
    first, second = detector.score_samples(["the film was xyzzy to me", "the film was plugh to me"])
    assert first == second
    rare = fitted([*TEXTS, "the film was singular to me"], [*Y, 0], min_count=2)
    assert "singular" not in rare.vocabulary_.tokens and "film" in rare.vocabulary_.tokens


# ------------------------------------------------------------------ files

FRESH = """
import sys, pickle, numpy as np
import askew, torch
def refuse(*args, **kwargs): raise AssertionError("something was unpickled")
pickle.load = pickle.loads = pickle.Unpickler = torch.load = refuse
detector = askew.load(sys.argv[1])
np.save(sys.argv[2], np.r_[detector.score_samples(sys.argv[3:]), detector.offset_])
"""


def test_a_fresh_process_gives_equal_scores_and_unpickles_nothing(detector, tmp_path, forks):
    detector.save(tmp_path / "m.askew")
    forks.run(FRESH, "m.askew", "s.npy", *NEW, folder=tmp_path)
    found = np.load(tmp_path / "s.npy")
    np.testing.assert_array_equal(found, np.r_[detector.score_samples(NEW), detector.offset_])


def test_parameters_vocabulary_and_members_come_back_and_it_can_be_fitted_again(tmp_path):
    detector = fitted(n_members=2)
    detector.save(tmp_path / "m.askew")
    loaded = askew.load(tmp_path / "m.askew")
    assert loaded.vocabulary_ == detector.vocabulary_
    assert {k: repr(v) for k, v in loaded.get_params().items()} == {
        k: repr(v) for k, v in detector.get_params().items()
    }
    assert [m.losses for m in loaded.members_] == [m.losses for m in detector.members_]
    np.testing.assert_array_equal(
        calmly(loaded.fit, TEXTS, Y).score_samples(NEW), detector.score_samples(NEW)
    )


def test_vectors_are_needed_to_fit_alone(tmp_path):
    path = tmp_path / "vectors.txt"
    path.write_text("film 1 2\n", encoding="utf-8")
    for vectors, saved in (({"film": [1.0, 2.0]}, None), (path, str(path))):
        detector = fitted(vectors=vectors)
        detector.save(tmp_path / "m.askew")
        path.unlink(missing_ok=True) if saved else None
        loaded = askew.load(tmp_path / "m.askew")
        assert loaded.vectors == saved
        np.testing.assert_array_equal(loaded.score_samples(NEW), detector.score_samples(NEW))


def test_a_file_with_a_foreign_vocabulary_is_refused(detector, tmp_path):
    from askew import files

    detector.save(tmp_path / "m.askew")
    header, arrays = files.read(tmp_path / "m.askew")
    header["fitted"]["vocabulary"] = ["film", "film"]
    files.write(tmp_path / "n.askew", header, arrays)
    with pytest.raises((ModelFileError, InvalidInputError), match=r"vocabulary|Vocabulary"):
        askew.load(tmp_path / "n.askew")


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    "X, message",
    [
        ("one text", "must be a list of texts"),
        (np.zeros((4, 3)), r"an array of shape \(4, 3\)"),
        (pd.DataFrame({"text": TEXTS}), "Give its column of texts"),
        ([*TEXTS[:-1], None], "row 47 of X of SentenceVAE must be a string"),
        ([*TEXTS[:-1], ""], "row 47 of X of SentenceVAE must be a text with words"),
        ([*TEXTS[:-1], "too few words"], "must be a sentence of 5 to 20 words; got '3 words"),
    ],
)
def test_what_is_no_list_of_sentences_is_refused_in_fit_and_in_scoring(detector, X, message):
    with pytest.raises(InvalidInputError, match=message):
        quick().fit(X)
    with pytest.raises(InvalidInputError, match=message):
        detector.score_samples(X)


def test_one_text_is_too_few_to_fit_and_none_to_score(detector):
    with pytest.raises(InvalidInputError, match="a list of at least 2 texts; got 1"):
        quick().fit(TEXTS[:1])
    with pytest.raises(InvalidInputError, match="a list of at least 1 texts; got 0"):
        detector.score_samples([])


def test_limits_of_words_can_be_set():
    detector = fitted([*TEXTS, "two words", "word " * 30], [*Y, 0, 0], min_words=2, max_words=30)
    assert np.isfinite(detector.score_samples(["only two"])).all()


def test_before_fit_scoring_is_refused():
    for method in ("score_samples", "predict", "member_scores", "encode", "save"):
        with pytest.raises(Exception, match="not fitted yet"):
            getattr(quick(), method)(TEXTS)


@pytest.mark.parametrize(
    "y, message",
    [
        (np.abs(Y), "from_pyod"),
        (Y[:-1], "one label per row"),
        (np.full(48, -1), "leave something to learn normal from"),
        (np.where(Y < 0, "odd", "fine"), "from_binary"),
    ],
)
def test_wrong_and_ambiguous_labels_are_refused(y, message):
    with pytest.raises(LabelError, match=message):
        quick().fit(TEXTS, y)


def test_one_text_that_is_no_known_anomaly_is_too_few():
    with pytest.raises(InvalidInputError, match="at least two rows that are not known anomalies; got 1"):
        quick().fit(TEXTS, askew.labels.ours(np.r_[0, -np.ones(47)]))


WRONG = {
    "beta_kl": (-1, np.nan, "small"),
    "beta_cubo": (-1, None),
    "gamma": (-1, "one"),
    "n_samples": (0, 1.5),
    "cubo_form": ("square",),
    "interval": (0, 1.5, True),
    "outlier_epochs": (-1, "five"),
    "kl_epochs": (-1, 0.5),
    "reduction": ("max",),
    "score_by": ("likelihood",),
    "word_dropout": (-0.1, 1.1, "half"),
    "pooling": ("max",),
    "hidden_size": (0, 1.5),
    "code_size": (0, True),
    "word_size": (0, None),
    "vectors": (3, {"zebra": [1.0]}),
    "min_count": (0, 1.5),
    "min_words": (0, "five"),
    "max_words": (4, 7.5),
    "contamination": (0, 0.6),
    "training": ({"epochs": 3},),
    "n_members": (0, 2.5),
    "random_state": (-1, "seed"),
    "device": ("nowhere",),
}


@pytest.mark.parametrize("parameter, value", [(p, v) for p, values in WRONG.items() for v in values])
def test_a_parameter_out_of_range_is_refused_by_name(parameter, value):
    with pytest.raises(InvalidInputError, match=rf"{parameter} of SentenceVAE must be .*; got .*[.] \S+"):
        calmly(quick(**{parameter: value}).fit, TEXTS, Y)


def test_every_parameter_that_can_be_wrong_is_tried():
    assert set(SentenceVAE().get_params(deep=False)) == set(WRONG)
