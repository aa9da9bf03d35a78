"""Images: one a request, brought to the model's shape as `askew score` does it."""

import io

import numpy as np
import pytest
from PIL import Image

import askew

PIXELS = np.random.default_rng(0).integers(0, 255, size=(12, 1, 8, 8), dtype=np.uint8)


@pytest.fixture
def client(start, tmp_path):
    askew.KDE(bandwidth=1.0).fit(PIXELS).save(tmp_path / "images.askew")
    return start(tmp_path / "images.askew")


def png(image):
    content = io.BytesIO()
    Image.fromarray(image).save(content, "PNG")
    return content.getvalue()


def test_an_image_gets_the_score_of_its_pixels(client):
    found = client.post("/score", content=png(PIXELS[0, 0]), headers={"Content-Type": "image/png"}).json()
    expected = askew.KDE(bandwidth=1.0).fit(PIXELS).score_samples(PIXELS[:1])[0]
    assert found["rows"][0]["image"] == 1 and found["rows"][0]["score"] == pytest.approx(expected)
    takes = client.get("/schema").json()["takes"]
    assert (takes["unit"], takes["channels"], takes["height"]) == ("images", 1, 8)
    assert "--data-binary @picture.png" in client.get("/").text


def test_what_is_no_image_or_no_model_of_images_is_refused(client, start):
    headers = {"Content-Type": "image/png"}
    for found, text in (
        (client.post("/score", content=b"junk", headers=headers), "got: not an image"),
        (client.post("/score", json=[{"a": 1}]), "was fitted on images"),
        (client.post("/explain", content=png(PIXELS[0, 0]), headers=headers), "squares of pixels"),
        (start().post("/score", content=png(PIXELS[0, 0]), headers=headers), "was fitted on a table"),
    ):
        assert found.status_code == 422 and text in found.json()["error"]
