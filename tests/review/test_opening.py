"""A model file with a table or images becomes a session; ids, labels, raw cells and further training rows."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import askew
from askew.errors import DataFileError, InvalidInputError
from askew.fitting import DetectorChoice, FileFit, TrainingOptions
from askew.inputs import Meaning
from askew.review import ReviewSettings, open_review, review_folder
from askew.scoring import SILENCE, Labelling, ReadOptions

SETTINGS = ReviewSettings(random_share=0, refit_every=0)
FRAUD = Labelling("what", Meaning(anomaly=("fraud",), unlabelled=("",)))


@pytest.fixture
def files(tmp_path):
    """Write a model of mixed columns, its table, and a second one."""
    generator = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "key": [f"k{i}" for i in range(40)],
            "amount": generator.normal(10, 1, 40).round(3),
            "country": generator.choice(["NO", "SE"], 40),
            "what": "",
        }
    )
    frame.loc[:3, "amount"] = 30.0
    frame.loc[0, "what"] = "fraud"
    frame.to_csv(tmp_path / "rows.csv", index=False)
    frame.to_parquet(tmp_path / "rows.parquet")
    frame.assign(amount=frame["amount"] + 1, what="").to_csv(tmp_path / "more.csv", index=False)
    model = askew.Prepared(askew.Mahalanobis(), other_columns=("key", "what")).fit(
        frame[["amount", "country"]]
    )
    model.save(tmp_path / "m.askew")
    return tmp_path


def test_a_table_is_read_as_the_model_takes_it_and_shown_as_it_is_written(files):
    with open_review(
        files / "m.askew", files / "rows.csv", None, ReadOptions("key"), FRAUD, settings=SETTINGS
    ) as reviewed:
        assert (
            reviewed.folder == review_folder(files / "m.askew", files / "rows.csv") == files / "m-rows.review"
        )
        assert (reviewed.id_name, reviewed.n_rows) == ("key", 40)
        assert reviewed.columns == ("key", "amount", "country", "what")
        questions = sorted(reviewed.ask(3), key=lambda question: question.id)
        assert [q.id for q in questions] == ["k1", "k2", "k3"]  # k0 is known
        cells = questions[0].cells
        assert cells == {"key": "k1", "amount": "30.0", "country": cells["country"], "what": ""}
        assert questions[0].drivers[0].column == "amount" and questions[0].drivers[0].observed == 30.0
        assert (questions[0].known[0].id, questions[0].known[0].answer) == ("k0", "anomaly")
        reviewed.answer("k1", "anomaly")
    again = open_review(
        files / "m.askew", files / "rows.parquet", files / "m-rows.review", ReadOptions("key")
    )
    assert again.progress().n_answered == 1  # another file, the same rows


def test_a_model_of_numbers_alone_is_asked_about_a_table_with_more_columns(files):
    frame = pd.read_csv(files / "rows.csv")
    askew.Mahalanobis().fit(frame[["amount"]]).save(files / "numbers.askew")
    options = ReadOptions("key", ignore_extra=True)
    with open_review(files / "numbers.askew", files / "rows.csv", None, options, FRAUD) as reviewed:
        asked = reviewed.ask()[0]
        reviewed.answer(asked.id, "anomaly")
        assert list(asked.cells) == ["key", "amount", "country", "what"]
    with open_review(files / "numbers.askew", files / "rows.csv", None, options, FRAUD) as again:
        assert again.progress().n_answered == 1


def test_rows_without_an_id_are_numbered_as_scores_are(files):
    reviewed = open_review(files / "m.askew", files / "rows.csv", settings=SETTINGS)
    assert (reviewed.id_name, reviewed.id_of(0), reviewed.question(2).cells["key"]) == ("row", 1, "k1")


def test_rows_of_several_files_are_called_by_both(files):
    (files / "parts").mkdir()
    for name in ("a", "b"):
        (files / "parts" / f"{name}.csv").write_bytes((files / "rows.csv").read_bytes())
    reviewed = open_review(files / "m.askew", files / "parts", settings=SETTINGS)
    assert reviewed.n_rows == 80 and reviewed.question("b.csv:2").cells["key"] == "k1"


def test_a_refit_learns_from_the_training_file_too(files):
    counts = []
    for training in (None, files / "more.csv"):
        reviewed = open_review(
            files / "m.askew", files / "rows.csv", files / f"{training is None}", ReadOptions("key"), FRAUD,
            training=training, settings=SETTINGS,
        )  # fmt: skip
        reviewed.answer("k1", "anomaly")
        reviewed.refit()
        facts = reviewed.model.detector_.facts_
        counts.append((facts.n_normal + facts.n_unlabelled, facts.n_anomalies))
    assert counts == [(38, 2), (78, 2)]


def test_what_was_known_at_the_fit_is_known_again_and_told_if_it_is_not(files):
    fitted, said = files / "fitted.askew", []

    class Told(type(SILENCE)):
        def note(self, line):
            said.append(line)

    options = TrainingOptions(labelling=FRAUD, id_column="key")
    FileFit(files / "rows.csv", options, DetectorChoice("mahalanobis")).run().model.save(fitted)
    pd.read_csv(files / "more.csv").drop(columns="what").to_csv(files / "new.csv", index=False)
    for place, (data, training, labelling) in enumerate(
        [("rows.csv", None, None), ("new.csv", "rows.csv", None), ("new.csv", "rows.csv", FRAUD)]
    ):
        reviewed = open_review(
            fitted, files / data, files / str(place), ReadOptions("key"), labelling, Told(),
            None if training is None else files / training, settings=SETTINGS,
        )  # fmt: skip
        reviewed.answer("k5", "anomaly")
        reviewed.refit()
        assert reviewed.model.detector_.facts_.n_anomalies == 2
    assert (
        said[0]
        == f"Labels: column 'what' of {files / 'rows.csv'}, as at the fit; --label-column names another."
    )
    assert not any("names none" in line for line in said)
    open_review(
        fitted, files / "new.csv", files / "lost", ReadOptions("key"), None, Told(), settings=SETTINGS
    )
    assert said[-1].startswith("note: the model knew 1 anomaly, and")


def test_what_cannot_be_reviewed_is_refused(files):
    with pytest.raises(InvalidInputError, match="must name each row once; got '' for rows 1 and 2"):
        open_review(files / "m.askew", files / "more.csv", options=ReadOptions("what"))
    (files / "none.csv").write_text("key,amount,country,what\n")
    with pytest.raises(DataFileError, match=r"none\.csv"):
        open_review(files / "m.askew", files / "none.csv")
    with pytest.raises(InvalidInputError, match=r"askew review .* the \.askew file"):
        open_review(files / "m.onnx", files / "rows.csv")


def test_images_are_shown_with_their_places(tmp_path):
    generator = np.random.default_rng(0)
    (tmp_path / "images" / "known").mkdir(parents=True)
    pixels = generator.integers(0, 60, size=(40, 8, 8)).astype(np.uint8)
    pixels[:3, 2:6, 2:6] = 250
    for i, image in enumerate(pixels):
        Image.fromarray(image).save(tmp_path / "images" / ("known" if i == 0 else ".") / f"{i:02}.png")
    askew.KDE(bandwidth=3.0).fit(pixels[:, None]).save(tmp_path / "m.askew")
    labelling = Labelling(meaning=Meaning(anomaly=("known",)))
    reviewed = open_review(
        tmp_path / "m.askew", tmp_path / "images", None, None, labelling, settings=SETTINGS
    )
    assert reviewed.of_images and reviewed.columns == () and reviewed.id_name == "path"
    questions = reviewed.ask(2)
    assert {q.id for q in questions} == {"01.png", "02.png"} and questions[0].cells == {}
    assert 2 <= questions[0].drivers[0].top < 6
    assert questions[0].known[0].id == "known/00.png"
    np.testing.assert_array_equal(reviewed.picture("02.png"), pixels[2])
    assert reviewed.expected_picture("02.png").max() < 128
    assert reviewed.picture_file("02.png") == tmp_path / "images" / "02.png"
    reviewed.answer("01.png", "anomaly")
    assert reviewed.refit().n_answers == 1
    assert reviewed.export(tmp_path / "answers.csv") == 1
