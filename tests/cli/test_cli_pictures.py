"""A model of images and a folder or an array: reasons, a contact sheet, a page, a threshold, an ONNX file."""

import json
import shutil
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import askew
from askew.inputs import read_image_folder


def picture(number, defect=False):
    """A grey slope with a little noise; a defect has a white corner."""
    noise = np.random.default_rng(number).integers(0, 20, (16, 16))
    pixels = np.add.outer(np.arange(16), np.arange(16)) * 4 + noise
    if defect:
        pixels[:8, :8] = 255
    return Image.fromarray(pixels.astype(np.uint8))


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A folder of images with folders of known ones in it, and models fitted on them."""
    folder = tmp_path_factory.mktemp("made")
    for name in ("good", "bad"):
        (folder / "images" / name).mkdir(parents=True)
    for number in range(30):
        picture(number).save(folder / "images" / "good" / f"g{number:02}.png")
    for number in range(3):
        picture(number + 50, defect=True).save(folder / "images" / "bad" / f"b{number}.png")
    X = read_image_folder(folder / "images" / "good").images
    np.save(folder / "images.npy", read_image_folder(folder / "images").images[:, 0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # three epochs may look unhealthy
        vae = askew.VAE(n_members=1, random_state=0).set_params(training__epochs=3).fit(X)
        flat = askew.KDE().fit(X.reshape(len(X), -1))  # rows that are all alone have one density
    vae.save(folder / "vae.askew")
    askew.KDE().fit(X).save(folder / "kde.askew")
    askew.KDE().fit(X / 255.0).save(folder / "floats.askew")
    flat.save(folder / "table.askew")
    return folder


@pytest.fixture
def here(run, made, tmp_path):
    """`run` in a folder that has what `made` made."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return run


def test_explain_writes_a_contact_sheet(here):
    done = here("explain", "vae.askew", "images", "--top", 4, "-o", "sheet.png")
    assert done.code == 0, done.err
    assert "images: 33 images" in done.err and "expected images by reconstruction" in done.err
    with Image.open("sheet.png") as sheet:
        assert sheet.width > 800 and (np.asarray(sheet.convert("RGB")) == (213, 94, 0)).all(axis=2).any()


def test_explain_names_the_square_that_is_off(here):
    done = here("explain", "kde.askew", "images", "--top", 3, "--features", 2, "-o", "why.csv")
    assert done.code == 0, done.err
    lines = pd.read_csv("why.csv")
    assert list(lines) == ["image", "score", "top", "left", "height", "width", "share"]
    assert set(lines["image"]) == {"bad/b0.png", "bad/b1.png", "bad/b2.png"} and len(lines) == 6
    assert ((lines["top"] < 8) & (lines["left"] < 8)).all()
    assert "squares of 2 x 2 pixels" in done.err


def test_explain_takes_arrays_and_gives_json(here):
    done = here("explain", "kde.askew", "images.npy", "--top", 2, "--json")
    assert done.code == 0, done.err
    about = json.loads(done.out)
    assert about["n_images"] == 33 and about["method"] == "sampling"
    assert {each["image"] for each in about["images"]} <= {"0", "1", "2"}  # the defects come first
    assert about["images"][0]["prediction"] == -1 and len(about["images"][0]["squares"]) == 5
    assert len(about["most_normal"]) == 2
    printed = here("explain", "kde.askew", "images.npy", "--top", 1)
    assert printed.out.split()[:3] == ["image", "score", "top"]


def test_report_shows_images_and_what_the_model_makes_of_them(here):
    done = here("report", "vae.askew", "--data", "images", "--normal", "good", "--anomaly", "bad", "--json")
    assert done.code == 0, done.err
    page = Path("vae.html").read_text(encoding="utf-8")
    for words in (
        "Most and least normal images",
        "Reconstruction and error maps",
        "bad/b0.png",
        "AUROC on these images",
        "training images",
        "16 x 16",
    ):
        assert words in page, words
    assert "training rows" not in page
    assert "3 known anomalies against the other images" in Path("vae.md").read_text(encoding="utf-8")


def test_report_without_images_says_how_to_give_some(here):
    assert here("report", "kde.askew").code == 0
    assert "askew report kde.askew --data FOLDER" in Path("kde.html").read_text(encoding="utf-8")


def test_a_threshold_from_a_folder_with_labels_by_folders(here):
    words = ("--rule", "quantile:0.2", "-o", "new.askew", "--json")
    done = here("threshold", "vae.askew", "images", "--normal", "good", "--anomaly", "bad", *words)
    assert done.code == 0, done.err
    expected = json.loads(done.out)["threshold"]["expected"]
    assert (expected["n_rows"], expected["n_anomalies"]) == (30, 3)
    model = askew.load("new.askew")
    X = read_image_folder("images/good", size=16).images
    assert model.offset_ == pytest.approx(np.sort(model.score_samples(X))[5], rel=1e-5)
    assert here("score", "new.askew", "images", "-o", "scores.csv").code == 0
    assert "severity" in pd.read_csv("scores.csv")


def test_held_out_images_are_brought_to_the_models_size(here):
    for path in Path("images").rglob("*.png"):
        Image.open(path).resize((40, 40)).save(path)
    words = ("--anomaly", "bad", "--normal", "good", "--rule", "quantile:0.2", "-o", "new.askew")
    assert here("threshold", "kde.askew", "images", *words).code == 0


def test_without_folders_all_images_are_unlabelled(here):
    done = here("threshold", "kde.askew", "images.npy", "--rule", "quantile:0.2", "-o", "new.askew", "--json")
    assert done.code == 0, done.err
    expected = json.loads(done.out)["threshold"]["expected"]
    assert (expected["n_rows"], expected["n_anomalies"]) == (33, 0)


def test_an_exported_model_scores_the_same_folder(here):
    pytest.importorskip("onnxruntime", reason="the extra askew[onnx] is not installed")
    pytest.importorskip("onnx", reason="the extra askew[onnx] is not installed")
    assert here("export", "kde.askew", "-o", "kde.onnx").code == 0
    for model in ("kde.askew", "kde.onnx"):
        assert here("score", model, "images", "-o", f"{model}.csv").code == 0
    ours, theirs = pd.read_csv("kde.askew.csv"), pd.read_csv("kde.onnx.csv")
    np.testing.assert_allclose(ours["score"], theirs["score"], rtol=1e-9)
    assert list(ours["prediction"]) == list(theirs["prediction"])


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("explain vae.askew images --id-column a", "--id-column must be left out for a folder of images"),
        ("explain table.askew images", "DATA must be a table"),
        ("explain floats.askew images", "must be one of uint8 images"),
        ("explain table.askew images.npy", "must be fitted on images"),
        ("explain vae.askew nothing.npy", "does not exist"),
        ("explain vae.askew broken.npy", "must be an array that numpy.save wrote"),
        ("explain vae.askew flat.npy", "must be images (n, channels, height, width)"),
        ("explain vae.askew images -o why.jpg", "why.jpg"),
        ("report vae.askew --data images --label-column a", "--label-column must be left out"),
        ("report vae.askew --data images --learning-curve", "--anomaly must be given"),
        ("report vae.askew --skip-corrupt", "--skip-corrupt must be left out"),
        ("report vae.askew --data images.npy --anomaly bad", "must name folders in a folder of images"),
        (
            "threshold vae.askew images --rule fdr:0.1 -o a.askew --label-column b",
            "--label-column must be left",
        ),
        (
            "threshold vae.askew images --rule fdr:0.1 -o a.askew --anomaly worse",
            "--anomaly must name a folder",
        ),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(here, words, says):
    np.save("flat.npy", np.zeros((4, 5)))
    Path("broken.npy").write_text("no array")
    done = here(*words.split())
    assert done.code == 2 and done.err.startswith("error: ")
    assert says in done.err and len(done.err.strip().splitlines()) == 1, done.err
