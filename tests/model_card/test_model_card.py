"""The page about a model: what it says is what the model, its file and the table say."""

import base64
import io
import re
from functools import partial

import numpy as np
import pandas as pd
import pytest
from markupsafe import escape
from PIL import Image

import askew
from askew import DPVAE, VAE, IsolationForest, LogisticRegression, Prepared
from askew.calibration import AlertBudget, Conformal, Cost, Quantile
from askew.errors import InvalidInputError
from askew.model_card import collect, gather, learning_curve, write_page
from askew.model_card.figures import score_histograms
from askew.model_card.learning_curve import LearningCurve
from askew.model_card.page import card_text, html
from detector_cases import calmly


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    X = np.r_[rng.normal(size=(150, 4)), rng.normal(size=(12, 4)) + np.array([0, 6, 0, 0])]
    return X, np.r_[np.ones(5), np.zeros(145), -np.ones(12)].astype(int)


@pytest.fixture(scope="module")
def model(table):
    return LogisticRegression().fit(*table)


def test_a_page_of_the_file_alone(model, table, tmp_path):
    model.save(tmp_path / "m.askew")
    page, card = write_page(collect(askew.load(tmp_path / "m.askew"), "m.askew"), tmp_path / "m.html")
    text = page.read_text()
    assert "162 rows: 12 known anomalies, 5 known normal, 145 unlabelled" in text
    assert "150 rows not known as anomalies" in text
    assert "askew report m.askew --data" in text
    assert not re.search(r"(src|href)=.?https?:", text)  # one file, no network
    assert "## Limits" in card.read_text()


def test_reasons_name_the_column_that_was_moved(model, table):
    evidence = gather(model, *table)
    worst = np.argsort(model.score_samples(table[0]))[0] + 1
    first = evidence.reasons.iloc[0]
    assert (first["row"], first["feature"]) == (worst, "x1")
    assert evidence.drivers.index[0] == "x1"
    assert evidence.n_flagged == (model.predict(table[0]) == -1).sum()
    assert evidence.quality[0] > 0.9
    assert "average precision" in html(collect(model, "m", evidence))


def test_without_labels_no_quality_is_claimed(model, table):
    evidence = gather(model, table[0])
    assert evidence.quality is None
    page = html(collect(model, "m", evidence))
    assert "AUROC on these" not in page
    assert "earning curve" not in page  # nobody asked for one
    page = html(collect(model, "m", gather(model, table[0], curve=True)))
    assert "at least 6 known anomalies; there are 0" in page


def test_a_detector_that_does_not_learn_from_labels_gets_no_curve(table):
    forest = IsolationForest(random_state=0).fit(*table)
    evidence = gather(forest, *table, curve=True)
    assert evidence.curve is None
    page = html(collect(forest, "m", evidence))
    assert "does not learn from labels" in page


def test_few_labels_and_bad_health_are_said(table):
    X, y = table
    few = np.where(np.arange(len(y)) < 153, y, 0)
    page = html(collect(LogisticRegression().fit(X, few), "m"))
    assert "3 known anomalies are few" in page
    with pytest.warns(askew.errors.HealthWarning):
        sick = VAE(n_members=1, random_state=0).set_params(training__epochs=1).fit(np.zeros((9, 2)))
    assert any("rows without -1 are the same" in text for text in sick.facts_.health)
    assert "All 9 training rows without -1 are the same" in html(collect(sick, "m"))


@pytest.mark.parametrize("kind", [Quantile, Conformal])
def test_a_threshold_says_what_it_leads_to(model, table, kind):
    rng = np.random.default_rng(1)
    held_out = np.r_[rng.normal(size=(300, 4)), rng.normal(size=(15, 4)) + np.array([0, 6, 0, 0])]
    y = np.r_[np.zeros(300), -np.ones(15)].astype(int)
    threshold = kind(model).fit(held_out, y)
    card = card_text(collect(threshold, "m"))
    for sentence in threshold.expected_.sentences():
        assert sentence in card
    assert "300 rows not known as anomalies" in html(collect(threshold, "m"))


def test_more_labels_help_where_they_do(table):
    rng = np.random.default_rng(0)
    directions = np.eye(12)[rng.integers(12, size=60)]
    X = np.r_[rng.normal(size=(200, 12)), 4 * directions + rng.normal(size=(60, 12))]
    y = np.r_[np.zeros(200), -np.ones(60)].astype(int)
    seen = []
    curve = learning_curve(LogisticRegression(), X, y, progress=seen.append)
    assert curve.sizes == (5, 10, 20, 40)
    assert curve.auroc.shape == (6, 4)
    assert curve.auroc.mean(0)[-1] > curve.auroc.mean(0)[0] + 0.05
    value, low, high = curve.gain()
    assert 0 < low <= value <= high
    assert seen == [0.25, 0.5, 0.75, 1.0]
    assert "likely to add" in curve.sentence()


def test_the_gain_is_that_of_the_line_it_states():
    sizes = (4, 16, 64)
    exact = 0.9 - 0.4 / np.sqrt(sizes)
    curve = LearningCurve(sizes, np.tile(exact, (6, 1)), known=90)
    value, low, high = curve.gain(10)
    assert value == pytest.approx(0.4 / np.sqrt(90) - 0.4 / np.sqrt(100))
    assert (low, high) == pytest.approx((value, value))
    flat = LearningCurve(sizes, np.full((6, 3), 0.9), known=90)
    assert "likely to add little" in flat.sentence()
    noisy = np.random.default_rng(0).normal(0.8, 0.1, size=(6, 3))
    assert "cannot be said yet" in LearningCurve(sizes, noisy, known=5).sentence()


def test_a_deep_detector_is_trained_on_parts_and_not_changed(table):
    X, y = table
    detector = DPVAE(n_members=1, random_state=3).set_params(training__epochs=3).fit(X, y)
    before = detector.score_samples(X)
    curve = learning_curve(detector, X, y)
    assert curve.auroc.shape == (6, len(curve.sizes))
    assert np.array_equal(before, detector.score_samples(X))


def test_too_few_labels_for_a_curve_are_refused(table):
    X, y = table
    with pytest.raises(InvalidInputError, match="at least 6 known anomalies"):
        learning_curve(LogisticRegression(), X, np.where(np.arange(len(y)) < 155, y, 0))


@pytest.fixture(scope="module")
def images():
    """Return (X, y): grey noise; the last eight have a bright corner."""
    X = np.random.default_rng(0).integers(60, 120, (60, 1, 16, 16)).astype(np.uint8)
    X[52:, :, :8, :8] += 120
    return X, np.r_[np.zeros(52), -np.ones(8)].astype(int)


def test_a_page_of_images_shows_the_extremes_and_their_maps(images, tmp_path):
    X, y = images
    detector = IsolationForest(random_state=0).fit(X[:52])
    evidence = gather(detector, X, y, source="parts", names=[f"part {i}.png" for i in range(60)])
    assert {case.place for case in evidence.sheet.anomalous[:8]} == set(range(52, 60))
    page, card = write_page(collect(detector, "m.askew", evidence), tmp_path / "m.html")
    text = page.read_text()
    for words in ("Most and least normal images", "What is usual, and what is off", "part 55.png", "16 x 16"):
        assert words in text, words
    said = re.sub(r'"data:[^"]*"', "", text.split("<body>")[1].split("<details>")[0])
    assert not re.search(r"\brows?\b", said)
    assert "8 known anomalies against the other images" in card.read_text()
    assert not re.search(r"(src|href)=.?https?:", text)  # one file, no network
    tiles = re.findall(r'src="data:image/png;base64,([^"]+)"', text)
    assert len(tiles) == 24 * 5  # each image once among the extremes, and four tiles of its own
    with Image.open(io.BytesIO(base64.b64decode(tiles[0]))) as first:
        np.testing.assert_array_equal(np.asarray(first), X[evidence.sheet.anomalous[0].place, 0])


def test_a_page_of_a_model_that_reconstructs_names_the_reconstruction(images):
    detector = calmly(VAE(n_members=1, random_state=0).set_params(training__epochs=3).fit, images[0])
    page = html(collect(detector, "m", gather(detector, images[0])))
    assert "Reconstruction and error maps" in page and "reconstruction of " in page
    alone = html(collect(detector, "m"))
    assert "askew report m --data FOLDER" in alone and "training images" in alone


def test_names_are_escaped_on_the_page(table):
    X, y = table
    frame = pd.DataFrame(X, columns=["a", "<b>b</b>", "c", "d"])
    detector = LogisticRegression().fit(frame, y)
    page = html(collect(detector, "<i>m</i>", gather(detector, frame, y, source="<u>t</u>")))
    for name in ("<b>b", "<i>m", "<u>t"):
        assert name not in page and str(escape(name)) in page


@pytest.mark.parametrize("kind", [Quantile, Conformal, partial(AlertBudget, alerts=200), Cost])
def test_a_threshold_of_images_speaks_of_images(images, kind):
    detector = IsolationForest(random_state=0).fit(images[0][:40])
    threshold = calmly(kind(detector, anomaly_rate=0.05).fit, *images)
    page = html(collect(threshold, "m")).split("<body>")[1].split("<details>")[0]
    assert "Of 1,000 such images about" in page and not re.search(r"\brows?\b", page)


def test_rows_have_their_ids(table):
    X, y = table
    model = LogisticRegression().fit(X, y)
    ids = [f"A-{1000 + row}" for row in range(len(X))]
    evidence = gather(model, X, y, names=ids, id_name="order")
    worst = np.argsort(model.score_samples(X), kind="stable")[:10]
    assert list(dict.fromkeys(evidence.reasons["row"])) == [ids[row] for row in worst]
    page, card = html(collect(model, "m", evidence)), card_text(collect(model, "m", evidence))
    assert '<th scope="col">order</th>' in page and f'<th scope="row">{ids[worst[0]]}</th>' in page
    assert f"The lowest scores: order {ids[worst[0]]} (" in card
    same = gather(model, X, y, names=["twice"] * len(X), id_name="order")  # ids may repeat
    assert html(collect(model, "m", same)).count('<th scope="row">twice</th>') == 10


def test_a_cell_that_is_missing_is_said_to_be(table):
    X, y = table
    frame = pd.DataFrame(X, columns=list("abcd")).assign(e=[None, 1234567.0] * 81)
    model = Prepared(LogisticRegression()).fit(frame, y)
    page = html(collect(model, "m", gather(model, frame, y)))
    assert "<td>None</td>" not in page and "<td>nan</td>" not in page


@pytest.mark.parametrize("cut", [-9.0, -1.0, 0.5, 7.0])
def test_the_cut_goes_through_every_histogram_wherever_it_is(cut):
    groups = {"rest": np.linspace(-2, 0, 50), "known": np.array([-5.0, -4.0])}
    drawn = score_histograms(groups, cut, 540, "t")
    lines = re.findall(r'<line x1="([\d.]+)" y1="([\d.]+)" x2="[\d.]+" y2="([\d.]+)" class="cut">', drawn)
    assert len(lines) == 2 and len({x for x, _, _ in lines}) == 1 and 8 < float(lines[0][0]) < 532
    for name, (_, top, _) in zip(groups, lines, strict=True):  # below the words
        words = re.search(rf'<text x="8" y="([\d.]+)"[^>]*>{name}<', drawn)
        assert float(words[1]) < float(top)
    assert 'class="cut"' not in score_histograms(groups, -np.inf, 540, "t")


def test_rows_judged_together_have_the_cut_of_one_alone(model, table):
    threshold = Conformal(model, 0.3).fit(np.random.default_rng(1).normal(size=(300, 4)))
    page = html(collect(threshold, "m", gather(threshold, table[0][:20])))
    assert "None is flagged." in page
    assert page.count("The line is for one judged alone") == 2  # training and held out; the table has its own
    assert page.count('class="cut"') >= 2


def test_plain_words_stand_beside_the_terms(model, table):
    threshold = Quantile(model).fit(np.random.default_rng(1).normal(size=(300, 4)))
    card = card_text(collect(threshold, "m", gather(threshold, *table)))
    assert "Its unit is the method's own: compare rows of one model, not models." in card
    assert "exchangeable: only chance decided which were held out" in card
    assert re.search(
        r"AUROC [01]\.\d+ \(of a known anomaly and another of the rows, the anomaly scores lower", card
    )


def test_drift_is_told_of_rows_that_are_new(table):
    X, _ = table
    model = IsolationForest(random_state=0).fit(X[:150])
    said = partial(lambda **given: card_text(collect(model, "m.askew", **given)))
    assert "keeps no summary" in said()
    askew.drift.keep_columns(model, X[:150])
    alone = said()
    assert "`askew drift m.askew DATA` says" in alone
    assert said(evidence=gather(model, X[:150])).partition("## Drift")[2] == alone.partition("## Drift")[2]
    found = said(evidence=gather(model, X[:150] * [0.0, 1.0, 1.0, 1.0] + [99.0, 0.0, 0.0, 0.0]))
    assert "Drift: 1 of 4 columns of 150 rows" in found and "x0: above" in found
