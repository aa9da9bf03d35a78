"""A folder of images with folders of known ones -> a model file -> a score for each image of a folder."""

import json
import warnings

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import askew
from askew.inputs import read_image_folder
from askew.scoring import image_source

FLOAT32 = 1e-4  # images are scored in float32, whose sums depend on the batch
QUICK = ("--epochs", 2, "--members", 1)


def picture(number, defect=False, side=16):
    """A grey slope that differs a little from image to image; a defect has a white corner."""
    pixels = np.add.outer(np.arange(side), np.arange(side)) * 4 + number
    if defect:
        pixels[: side // 2, : side // 2] = 255
    return Image.fromarray(pixels.astype(np.uint8))


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A folder of images with folders of known ones in it, and a model fitted on it."""
    folder = tmp_path_factory.mktemp("pictures")
    for name in ("good", "defects", "others"):
        (folder / name).mkdir()
    for number in range(20):
        picture(number).save(folder / f"u{number:02}.png")
    for number in range(4):
        picture(number + 20).save(folder / "good" / f"g{number}.png")
        picture(number, defect=True).save(folder / "defects" / f"d{number}.png")
    picture(3).save(folder / "others" / "o.png")
    return folder


@pytest.fixture
def images(run, made):
    """The folder that `made` made, as ``images`` in the folder of `run`."""
    import shutil

    shutil.copytree(made, "images")
    return "images"


@pytest.fixture(scope="session")
def image_model(made, tmp_path_factory):
    """A file with a model of the unlabelled images."""
    X = read_image_folder(made, nested=False).images
    path = tmp_path_factory.mktemp("model") / "images.askew"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # two epochs may look unhealthy
        askew.DPVAE(n_members=1, random_state=0).set_params(training__epochs=2).fit(X).save(path)
    return path


class TestFit:
    def test_model_equals_one_fitted_in_python(self, run, images, tmp_path):
        outcome = run("fit", images, "--normal", "good/", "--anomaly", "defects/", *QUICK, "-o", "m.askew")
        assert (outcome.code, outcome.out) == (0, ""), outcome.err
        assert (
            "images: 28 images, 16x16 grey; 4 known anomalies, 4 known normal, 20 unlabelled." in outcome.err
        )
        assert "Method: dp_vae, the default for images; --detector names another." in outcome.err
        assert "note: nothing is learned from 'others' in images; --normal, " in outcome.err
        assert "Wrote m.askew (DPVAE" in outcome.err
        parts = [read_image_folder(tmp_path / "images", nested=False)]
        parts += [read_image_folder(tmp_path / "images" / name) for name in ("good", "defects")]
        X = np.concatenate([part.images for part in parts])
        y = askew.labels.ours(np.repeat([0, 1, -1], [20, 4, 4]))
        expected = askew.DPVAE(n_members=1, random_state=0).set_params(training__epochs=2)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected.fit(X, y)
        loaded = askew.load("m.askew")
        assert loaded.image_shape_ == (1, 16, 16)
        np.testing.assert_allclose(loaded.score_samples(X), expected.score_samples(X), rtol=FLOAT32)

    def test_known_defects_change_the_model(self, run, images):
        settings = ("--set", "warmup_epochs=0", *QUICK)
        for name, labels in (("with", ["--anomaly", "defects"]), ("without", ["--unlabelled", "defects"])):
            assert run("fit", images, *labels, *settings, "-o", name).code == 0
        X = read_image_folder("images").images
        one, two = (askew.load(name).score_samples(X) for name in ("with", "without"))
        assert not np.allclose(one, two)

    def test_json(self, run, images):
        outcome = run("fit", images, "--anomaly", "defects", *QUICK, "--size", 20, "-o", "m", "--json")
        about = json.loads(outcome.out)
        assert (about["detector"], about["n_images"], about["image_shape"]) == ("dp_vae", 24, [1, 20, 20])
        assert about["labels"] == {"normal": 0, "unlabelled": 20, "anomaly": 4} and about["skipped"] == []

    def test_folders_elsewhere_and_no_unlabelled_images(self, run, images, tmp_path):
        (tmp_path / "images" / "defects").rename(tmp_path / "elsewhere")
        (tmp_path / "empty").mkdir()
        words = ("--normal", "images/good", "--normal", "images/others", "--anomaly", tmp_path / "elsewhere")
        outcome = run("fit", "empty", *words, "--detector", "isolation_forest", "-o", "m", "--json")
        assert outcome.code == 0, outcome.err
        assert json.loads(outcome.out)["labels"] == {"normal": 5, "unlabelled": 0, "anomaly": 4}
        assert "the default" not in outcome.err

    def test_corrupt_files_are_named_or_skipped(self, run, images, tmp_path):
        (tmp_path / "images" / "u03.png").write_bytes(b"no image")
        refused = run("fit", images, *QUICK, "-o", "m")
        assert refused.code == 2
        assert "got 1 of 20 that are not: images/u03.png (not an image)." in refused.err
        outcome = run("fit", images, *QUICK, "--skip-corrupt", "-o", "m", "--json")
        assert outcome.code == 0, outcome.err
        assert "images: 19 images, 16x16 grey; no labels (--normal and --anomaly give them)." in outcome.err
        assert "Skipped 1 file that is not readable: images/u03.png (not an image)." in outcome.err
        assert json.loads(outcome.out)["skipped"] == [{"path": "images/u03.png", "reason": "not an image"}]

    def test_a_method_for_images_alone_is_fitted_and_scores(self, run, images):
        words = (
            "--detector",
            "dadgt",
            "--set",
            "network='lenet_mnist'",
            "--set",
            "transformations='rotations'",
        )
        outcome = run("fit", images, *words, *QUICK, "-o", "m")
        assert outcome.code == 0, outcome.err
        outcome = run("score", "m", images, "-o", "s.csv")
        assert outcome.code == 0, outcome.err
        assert np.isfinite(pd.read_csv("s.csv")["score"]).all()

    def test_with_a_threshold(self, run, images, tmp_path):
        words = ("--anomaly", "defects", "--detector", "isolation_forest", "--threshold", "fdr:0.2")
        outcome = run("fit", images, "--normal", "good", *words, "-o", "m")
        assert outcome.code == 0, outcome.err
        assert "of 28 rows are held out for the threshold." in outcome.err
        assert run("score", "m", images, "-o", "s.csv").code == 0
        assert list(pd.read_csv("s.csv")) == [
            "path", "score", "anomaly_score", "prediction", "p_value", "severity"
        ]  # fmt: skip

    @pytest.mark.parametrize(
        "words, fragment",
        [
            (
                ("--normal", "god"),
                "--normal must name a folder in images or elsewhere; got 'god'. Folders in images:",
            ),
            (
                ("--normal", "good", "--anomaly", "good"),
                "--anomaly must name a folder whose images no other option",
            ),
            (
                ("--anomaly", "."),
                "--anomaly must name a folder whose images no other option names; got 'images/u00",
            ),
            (
                ("--detector", "auto"),
                "--detector must be a method that takes images; got 'auto'. The default, dp_vae",
            ),
            (("--detector", "sentence_vae"), "--detector must be a method that takes images"),
            (("--drop", "a"), "--drop must be left out for a folder of images"),
            (("--size", "0"), "size of read_images must be an integer from 1"),
            (("--size", "12"), "at least 16"),
        ],
    )
    def test_refusals(self, run, images, words, fragment):
        outcome = run("fit", images, *words, "-o", "m")
        assert outcome.code == 2
        last = outcome.err.splitlines()[-1]
        assert last.startswith("error: ") and fragment in last

    def test_a_folder_of_folders_asks_which_is_which(self, run, images, tmp_path):
        for path in (tmp_path / "images").glob("*.png"):
            path.unlink()
        outcome = run("fit", images, "-o", "m")
        assert outcome.code == 2
        assert "got folders alone: 'defects', 'good', 'others'. Name some of them." in outcome.err


class TestScore:
    def test_every_image_of_the_folder_and_its_folders(self, run, images, image_model):
        outcome = run("score", image_model, images, "-o", "s.csv")
        assert (outcome.code, outcome.out) == (0, ""), outcome.err
        found = pd.read_csv("s.csv")
        assert list(found) == ["path", "score", "anomaly_score", "prediction"]
        expected = read_image_folder("images")
        model = askew.load(image_model)
        assert found["path"].tolist() == [str(path) for path in expected.paths]
        np.testing.assert_allclose(found["score"], model.score_samples(expected.images), rtol=FLOAT32)
        assert found["prediction"].tolist() == model.predict(expected.images).tolist()
        assert (found["anomaly_score"] == -found["score"]).all()
        assert f"images: 29 images, {(found['prediction'] == -1).sum()} flagged as anomalies" in outcome.err

    def test_batches_change_nothing(self, run, images, image_model, monkeypatch):
        assert run("score", image_model, images, "-o", "one.parquet").code == 0
        monkeypatch.setattr(image_source, "_BATCH", 7)
        assert run("score", image_model, images, "-o", "two.parquet").code == 0
        one, two = pd.read_parquet("one.parquet"), pd.read_parquet("two.parquet")
        assert one["path"].equals(two["path"])
        np.testing.assert_allclose(one["score"], two["score"], rtol=FLOAT32)

    def test_images_of_another_size_and_in_colour_become_what_the_model_takes(self, run, images, image_model):
        picture(5).resize((48, 32)).convert("RGB").save("images/u05.png")
        outcome = run("score", image_model, images, "--top", 3)
        assert outcome.code == 0, outcome.err
        lines = outcome.out.splitlines()
        assert len(lines) == 4 and lines[0].split() == ["path", "score", "anomaly_score", "prediction"]

    def test_corrupt_files_are_all_counted_or_skipped(self, run, images, image_model, tmp_path):
        for name in ("u03.png", "good/g1.png"):
            (tmp_path / "images" / name).write_bytes(b"no image")
        refused = run("score", image_model, images, "-o", "s.csv")
        assert refused.code == 2 and not (tmp_path / "s.csv").exists()
        assert "got 2 of 29 that are not: images/good/g1.png (not an image), images/u03.png" in refused.err
        outcome = run("score", image_model, images, "--skip-corrupt", "-o", "s.csv", "--json")
        assert outcome.code == 0 and len(pd.read_csv("s.csv")) == 27
        about = json.loads(outcome.out)
        assert about["n_rows"] == 27 and about["notes"][0].startswith(
            "Skipped 2 files that are not readable: "
        )

    def test_a_table_is_refused_by_every_command_that_reads_one(self, run, images, image_model):
        table = pd.DataFrame(np.zeros((3, 256)))
        table.to_csv("t.csv", index=False)
        for words in (("score",), ("explain",)):
            outcome = run(*words, image_model, "t.csv")
            assert outcome.code == 2
            last = outcome.err.splitlines()[-1]
            assert last.startswith(
                "error: DATA must be a folder of images, like those of (1, 16, 16) that the model"
            )

    def test_a_model_of_floating_point_images_is_refused(self, run, images):
        X = np.random.default_rng(0).random((20, 1, 16, 16))
        askew.IsolationForest(random_state=0).fit(X).save("m")
        outcome = run("score", "m", images)
        assert outcome.code == 2
        assert (
            "model 'm' must be one of uint8 images with 1 or 3 channels to score files; it was" in outcome.err
        )

    @pytest.mark.parametrize("words", [("--id-column", "a"), ("--ignore-extra",)])
    def test_options_of_tables_are_refused(self, run, images, image_model, words):
        outcome = run("score", image_model, images, *words)
        assert outcome.code == 2
        assert f"error: {words[0]} must be left out for a folder of images" in outcome.err
