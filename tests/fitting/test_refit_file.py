"""Model files are refitted on the rows of then with the answers of people."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import askew
from askew.base.prepared import extreme_cells_of
from askew.calibration import Quantile
from askew.errors import DataFileError, InvalidInputError
from askew.fitting import (
    DetectorChoice,
    FileFit,
    FileRefit,
    RefitOptions,
    ThresholdChoice,
    TrainingOptions,
    refit,
)
from askew.inputs import Meaning
from askew.scoring import Labelling, Silence

LABELLED = Labelling("state", Meaning(anomaly=("bad",), normal=("good",)))
SEED = {"--seed": ("random_state", None)}
LOGISTIC = DetectorChoice("logistic_regression", shortcuts=SEED)


class Notes(Silence):
    def __init__(self):
        self.lines = []

    def note(self, text):
        self.lines.append(text)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Sixty rows of two kinds; of the second, the last twelve, two are known."""
    rng = np.random.default_rng(0)
    values = np.r_[rng.normal(size=(48, 2)), rng.normal([3, 0], 0.5, size=(12, 2))]
    frame = pd.DataFrame(values, columns=["a", "b"]).assign(id=[f"R{n}" for n in range(60)], note="x")
    frame["state"] = ["good"] * 2 + [""] * 46 + ["bad"] * 2 + [""] * 10
    frame.to_csv(tmp_path / "t.csv", index=False)
    ids = [f"R{n}" for n in [*range(2, 12), *range(50, 60)]]
    answers = pd.DataFrame({"id": ids, "answer": ["normal"] * 10 + ["anomaly"] * 10})
    answers.to_csv(tmp_path / "answers.csv", index=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def fitted(folder, choice=LOGISTIC, threshold=None, **options):
    """Write a model that was fitted on the table of the folder."""
    learned = TrainingOptions(LABELLED, id_column="id", drop=("note",), **options)
    FileFit("t.csv" if folder is None else folder / "t.csv", learned, choice, threshold).run().model.save(
        "m.askew"
    )
    return folder / "m.askew"


def options(*files, **more):
    return RefitOptions(tuple(files) or ("answers.csv",), **more)


def test_a_refit_reads_the_file_of_the_fit_as_then(folder):
    path, notes = fitted(folder), Notes()
    job = FileRefit(path, None, options(), notes)
    found = job.run()
    frame = pd.read_csv("t.csv", keep_default_na=False)
    y = np.array([{"good": 1, "bad": -1, "": 0}[state] for state in frame["state"]])
    y[2:12], y[50:60] = 1, -1
    X = frame[["a", "b"]]
    expected = refit(askew.load(path), X, askew.labels.ours(y))
    np.testing.assert_allclose(found.model.score_samples(X), expected.score_samples(X), rtol=1e-12)
    assert found.y.tolist() == y.tolist()
    assert found.counts == (
        {"normal": 2, "unlabelled": 56, "anomaly": 2},
        {"normal": 12, "unlabelled": 36, "anomaly": 12},
    )
    assert (found.comparison.n_anomalies, found.comparison.n_normal) == (10, 10)
    was, now = (model.predict(X) < 0 for model in (job.before, found.model))
    moved = {move.id for move in (*found.change.flagged, *found.change.passed)}
    assert moved == set(frame["id"][was != now]) and moved
    assert "answers.csv: 20 rows by 'id': 10 anomalies, 10 normal." in notes.lines
    found.model.save("n.askew")  # and once more
    again = FileRefit(folder / "n.askew", None, options(n_folds=0), notes)
    assert again.run().comparison is None
    (folder / "few.csv").write_text("id,label\nR2,1\nR50,-1\n")
    FileRefit(folder / "n.askew", None, options("few.csv", n_folds=0), notes).run()
    assert notes.lines[-1].startswith(
        "warning: the old model knew 12 anomalies, and only 3 are known now. Earlier"
    )


def test_a_model_that_learned_answers_before_is_not_compared_on_them(folder):
    first = FileRefit(fitted(folder), None, RefitOptions((folder / "answers.csv",), n_folds=2)).run()
    assert first.comparison is not None and not first.knew_answers
    first.model.save(folder / "second.askew")
    second = FileRefit(
        folder / "second.askew", None, RefitOptions((folder / "answers.csv",), n_folds=2)
    ).run()
    assert second.comparison is None and second.knew_answers


@pytest.mark.filterwarnings("ignore:Quantile:askew.errors.HealthWarning")
def test_rows_by_number_a_threshold_and_extreme_cells(folder):
    frame = pd.read_csv("t.csv", keep_default_na=False)
    frame.loc[30, "a"] = 1e6
    frame.to_csv("t.csv", index=False)
    path = fitted(folder, threshold=ThresholdChoice(Quantile(None, 0.1), 0.4))
    (folder / "rows.csv").write_text("row,label\n60,-1\n3,1\n1,-1\n")
    notes = Notes()
    job = FileRefit(path, folder / "t.csv", options("rows.csv", id_column="row"), notes)
    assert isinstance(job.before, Quantile)
    found = job.run()
    assert isinstance(found.model, Quantile) and found.model.contamination == 0.1
    assert [found.y[row] for row in (59, 2, 0)] == [-1, 1, -1]
    assert any("1 answer differs from the data's label" in line for line in notes.lines)
    held_out = len(found.model.calibration_) + len(found.model.anomalies_)
    assert abs(held_out - 24) <= 2
    assert {cell.row for cell in extreme_cells_of(found.model)} <= {30}
    assert found.comparison is None


def test_words_are_prepared_as_then_and_networks_start_warm(folder):
    frame = pd.read_csv("t.csv", keep_default_na=False).assign(shop=["NO", "SE", "DK"] * 20)
    frame.to_csv("t.csv", index=False)
    again = options(labelling=Labelling("state"), n_folds=0, warm_start=True)  # its values mean what they did
    vae = DetectorChoice("vae", ("training__epochs=20", "n_members=1"), SEED)
    path = fitted(folder, vae, column_kinds=("b=category",))
    found = FileRefit(path, None, again).run()
    assert len(found.detector.members_[0].losses["vae/normal"]) == 2
    assert [column.kind for column in found.model.preparation_.columns] == ["number", "category", "category"]


def test_what_does_not_fit_is_refused(folder):
    path = fitted(folder)
    with pytest.raises(InvalidInputError, match="warm_start of refit must be False for LogisticRegression"):
        FileRefit(path, None, options(warm_start=True))
    with pytest.raises(InvalidInputError, match="--folds must be 2 or more"):
        FileRefit(path, None, options(n_folds=1))
    pd.read_csv("t.csv").assign(more=1).to_csv("more.csv", index=False)
    with pytest.raises(
        InvalidInputError, match=r"columns of more.csv must be those .*'more' is not among them"
    ):
        FileRefit(path, Path("more.csv"), options())
    (folder / "t.csv").rename(folder / "elsewhere.csv")
    with pytest.raises(
        DataFileError, match=r"DATA must be given: .*'t.csv' is neither here nor beside the model"
    ):
        FileRefit(path, None, options())
    in_python = askew.KDE(bandwidth=1.0).fit(pd.read_csv("elsewhere.csv")[["a", "b"]])
    in_python.save("p.askew")
    with pytest.raises(DataFileError, match=r"its file does not hold them\. For example: askew refit"):
        FileRefit(folder / "p.askew", None, options())
    path, known = Path("elsewhere.csv"), {"labelling": LABELLED, "id_column": "id"}
    with pytest.raises(InvalidInputError, match="'note' is not among them"):
        FileRefit(folder / "p.askew", path, options(**known))
    pd.read_csv(path).drop(columns="note").to_csv(path, index=False)
    found = FileRefit(folder / "p.askew", path, options(n_folds=0, **known)).run()
    assert found.counts[1]["anomaly"] == 12


def test_images_by_their_paths(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "images" / "cracked").mkdir(parents=True)
    rng = np.random.default_rng(0)
    for number in range(24):
        folder = tmp_path / "images" / ("cracked" if number < 2 else "")
        pixels = rng.integers(0, 60, (16, 16)).astype(np.uint8)
        pixels[:, :8] += np.uint8(150 * (number % 12 == 0))
        Image.fromarray(pixels).save(folder / f"{number:02}.png")
    cracked = Labelling(meaning=Meaning(anomaly=("cracked",)))
    kde = DetectorChoice("kde", ("bandwidth=1.0",), SEED)
    FileFit(tmp_path / "images", TrainingOptions(cracked, size=16), kde).run().model.save("m.askew")
    (tmp_path / "a.csv").write_text("path,answer\n12.png,anomaly\nimages/13.png,normal\n")
    found = FileRefit(tmp_path / "m.askew", Path("images"), options("a.csv")).run()
    assert found.counts[1] == {"normal": 1, "unlabelled": 20, "anomaly": 3}
    assert found.answers.id_name == "path" and found.model.image_shape_ == (1, 16, 16)
