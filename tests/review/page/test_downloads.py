"""Images as PNG and files to take along."""

import io
import json

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import askew
from askew.review.page.downloads import FILES


def test_files_of_answers_and_the_model(of_table, tmp_path):
    session, browser = of_table.session, of_table.browser
    session.answer(["r-1", "r-2"], ["anomaly", "normal"], "why not")
    got = {name: browser.get(f"/export/{name}") for name in FILES}
    assert {each.headers["content-disposition"] for each in got.values()} == {
        f'attachment; filename="{name}"' for name in FILES
    }
    answers = pd.read_csv(io.BytesIO(got["answers.csv"].content))
    assert answers["label"].tolist() == [-1, 1]
    assert len(pd.read_csv(io.BytesIO(got["labelled.csv"].content))) == 60
    assert len(json.loads(got["label-studio.json"].content)) == 2
    (tmp_path / "m.askew").write_bytes(got["model.askew"].content)
    assert askew.load(tmp_path / "m.askew").n_features_in_ == session.model.n_features_in_


def test_images_are_those_that_the_model_sees(of_images):
    session, browser = of_images.session, of_images.browser
    seen = np.asarray(Image.open(io.BytesIO(browser.get("/picture/1.png").content)))
    np.testing.assert_array_equal(seen, session.picture(1))
    expected = session.expected_picture(1)
    assert browser.get("/expected/1.png").status_code == (404 if expected is None else 200)


@pytest.mark.parametrize(
    "path", ["/picture/1.png", "/expected/1.png", "/export/passwd", "/static/../guard.py"]
)
def test_nothing_else_is_given(of_table, path):
    assert of_table.browser.get(path).status_code == 404
