"""Pictures of a run: which run, what is kept of its model, and where the report shows it."""

import base64
import io
import json
import types

import numpy as np
import pytest
from image_records import finished
from PIL import Image
from test_image_section import folder, marks, words

from askew.benchmarks import Run, run_images
from askew.benchmarks.protocols.images import image_splits, picture_parts, pictures
from askew.benchmarks.protocols.images.protocol import plan
from askew.benchmarks.report import write_report
from askew.benchmarks.report.figures.images import score_histogram
from askew.errors import InvalidInputError
from detector_cases import calmly

LITTLE = {"normal_classes": [3], "datasets": ["mnist"], "methods": ["vae", "dp_vae", "autoencoder"]}
SHORT = {
    "autoencoder": {"training__epochs": 3, "network": "lenet_mnist"},
    "ama": {"training__epochs": 1, "critic_steps": 1},
    "isolation_forest": {"n_estimators": 5},
}


@pytest.fixture
def classes(monkeypatch):
    """Put images of three classes, a bright corner each, in the place of a real set."""
    rng = np.random.default_rng(0)

    def drawn(n):
        y = rng.permutation(np.repeat(np.arange(3), n))
        x = rng.integers(0, 60, size=(len(y), 1, 16, 16), dtype=np.uint8)
        for image, corner in zip(x, y, strict=True):
            image[0, 8 * (corner % 2) :, 8 * (corner // 2) :] += 150
        return x, y

    (x_train, y_train), (x_test, y_test) = drawn(20), drawn(12)
    found = types.SimpleNamespace(x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
    monkeypatch.setattr(image_splits, "loaded_images", lambda name: found)
    return found


def run(method, **changes):
    given = {
        "labelled_ratio": 0.0,
        "normal_class": "1",
        "known_classes": None,
        "split": "published",
        "seed": 4,
    }
    given |= {"protocol": "labelled_ratio", "dataset": "mnist", "method": method, "params": SHORT[method]}
    return Run(**(given | changes))


def image(content):
    with Image.open(io.BytesIO(base64.b64decode(content))) as found:
        return np.asarray(found)


def test_what_is_kept_of_a_model_that_decodes(classes):
    found = calmly(pictures.picture, run("autoencoder"), "quick")
    json.dumps(found, allow_nan=False)
    assert (found["protocol"], found["preset"], found["method"]) == ("labelled_ratio", "quick", "autoencoder")
    assert found["run"] == run("autoencoder").key and found["crisp"] and found["missing"] == []
    assert "class 1 is normal, seed 4" in found["words"] and "on its 36 test images" in found["words"]
    (scores,) = found["histograms"]
    assert scores["n"] == {"train": 20, "normal": 12, "anomaly": 24}
    assert [strip["title"] for strip in found["strips"]] == ["Reconstructions", "Interpolations"]
    lines = found["strips"][0]["blocks"][1]["lines"]
    assert [line["name"] for line in lines] == ["image", "reconstruction", "error"]
    part = image_splits.image_split(run("autoencoder"))
    first = image(lines[0]["png"])[:, :16]
    np.testing.assert_array_equal(first[..., 0], part.X_test[part.anomaly_test][0, 0])
    ways = found["strips"][1]["blocks"]
    assert len(ways) == 4 and image(ways[0]["lines"][0]["png"]).shape == (16, 10 * 17 - 1, 4)
    np.testing.assert_array_equal(
        image(ways[0]["lines"][1]["png"])[:, -16:, 0], part.X_test[~part.anomaly_test][4, 0]
    )


def test_images_of_the_extremes_are_by_truth_and_score(classes):
    part = image_splits.image_split(run("isolation_forest"))
    detector = calmly(pictures_detector("isolation_forest").fit, part.X_train, part.y_train)
    found = picture_parts.parts(detector, part, run("isolation_forest"))
    scores = detector.score_samples(part.X_test)
    normal, anomalous = (np.flatnonzero(part.anomaly_test == kind) for kind in (False, True))
    wanted = [
        normal[np.argmax(scores[normal])],
        normal[np.argmin(scores[normal])],
        anomalous[np.argmax(scores[anomalous])],
        anomalous[np.argmin(scores[anomalous])],
    ]
    for row, place in zip(found["extremes"], wanted, strict=True):
        np.testing.assert_array_equal(image(row["png"])[:, :16, 0], part.X_test[place, 0], row["name"])
    (worst, *_), (best, *_) = (group["cases"] for group in found["sheet"]["groups"])
    lowest, highest = int(np.argmin(scores)), int(np.argmax(scores))
    kind = {True: "anomaly", False: "normal"}
    for case, place in ((worst, lowest), (best, highest)):
        assert (
            case["name"] == f"class {classes.y_test[part.test_rows[place]]}, {kind[part.anomaly_test[place]]}"
        )
        assert case["score"] == f"{scores[place]:.4g}"
    assert f"{(scores < detector.offset_).sum()} are flagged" in found["sheet"]["about"]
    assert found["strips"] == [] and found["missing"] == ["IsolationForest does not reconstruct images."]


def pictures_detector(method):
    from askew import index

    return index.detector_class(method)().set_params(random_state=0, **SHORT[method])


def test_the_distance_of_ama_is_shown_beside_its_score(classes):
    part = image_splits.image_split(run("ama"))
    detector = calmly(pictures_detector("ama").fit, part.X_train, part.y_train)
    distance, score = picture_parts.parts(detector, part, run("ama"))["histograms"]
    assert (distance["name"], score["name"]) == ("R(x)", "score")
    found = detector.distances(part.X_test[part.anomaly_test])
    edges = np.linspace(distance["low"], distance["high"], picture_parts.BINS + 1)
    shares = np.histogram(np.clip(found, edges[0], edges[-1]), edges)[0] / len(found)
    np.testing.assert_allclose(distance["shares"]["anomaly"], shares, atol=1e-5)


def test_a_histogram_reaches_as_far_as_its_groups_but_not_to_the_end_of_the_world():
    rng = np.random.default_rng(0)
    train, normal = rng.normal(size=400), rng.normal(size=100)
    found = picture_parts.histogram("score", train, normal, rng.normal(-6, 1, 300))
    assert -9.5 < found["low"] < -7 and 2 < found["high"] < 4
    assert all(sum(shares) == pytest.approx(1, abs=1e-3) for shares in found["shares"].values())
    middle = np.average(
        np.linspace(found["low"], found["high"], picture_parts.BINS), weights=found["shares"]["anomaly"]
    )
    assert middle == pytest.approx(-6, abs=0.5)
    far = picture_parts.histogram("score", train, normal, np.full(50, -1e9))
    assert -35 < far["low"] < -15 and far["shares"]["anomaly"][0] == 1.0
    same = picture_parts.histogram("score", np.ones(5), np.ones(5), np.ones(5))
    assert same["low"] < 1 < same["high"]


def test_the_first_run_of_each_method_is_taken():
    whole = plan("labelled_ratio", **LITTLE | {"normal_classes": [3, 4]})
    chosen = pictures.picture_runs(whole, ["dp_vae", "autoencoder"])
    assert [one.method for one in chosen] == ["dp_vae", "autoencoder"]
    assert all(one == next(r for r in whole.runs if r.method == one.method) for one in chosen)
    with pytest.raises(
        InvalidInputError, match=r"pictures of run_images .* got 'ama'\. Choose from: vae, autoencoder"
    ):
        pictures.picture_runs(whole, ["ama"])
    with pytest.raises(InvalidInputError, match="without runs on images"):
        pictures.picture_runs(plan("ablation", datasets=["cardio"]), ["dp_vae"])


def test_pictures_are_made_at_the_end_and_refused_at_the_beginning(images, tmp_path, monkeypatch):
    def made(run, preset):
        assert (tmp_path / "r" / "table.md").exists()
        return {"run": run.key, "preset": preset}

    monkeypatch.setattr(pictures, "picture", made)
    with pytest.raises(InvalidInputError, match="got 'ama'"):
        run_images("labelled_ratio", **LITTLE, out=tmp_path / "s", pictures=["ama"])
    assert images.fitted == []
    run_images("labelled_ratio", **LITTLE, out=tmp_path / "r", pictures=["vae", "dp_vae"])
    chosen = pictures.picture_runs(plan("labelled_ratio", **LITTLE), ["vae", "dp_vae"])
    for one in chosen:
        (path,) = (tmp_path / "r" / pictures.FOLDER).glob(f"{one.method}-*.json")
        assert json.loads(path.read_text()) == {"run": one.key, "preset": "quick"}


def kept(of, **changes):
    tile = io.BytesIO()
    Image.new("L", (4, 4), 200).save(tile, format="png")
    png = base64.b64encode(tile.getvalue()).decode()
    case = {"name": "class <5>", "score": "-1.5", "flagged": True, "tiles": [png, png]}
    bins = {"name": "R(x)", "low": 0.0, "high": 4.0, "n": {"train": 9, "normal": 4, "anomaly": 2000}}
    bins["shares"] = {"train": [0.5, 0.5], "normal": [0.25, 0.75], "anomaly": [1.0, 0.0]}
    found = {
        "protocol": of.protocol,
        "preset": "quick",
        "run": of.key,
        "method": of.method,
        "words": "One run.",
        "crisp": True,
        "histograms": [bins],
        "extremes": [{"name": "Normal, highest", "png": png}],
        "strips": [
            {
                "title": "Interpolations",
                "words": "From.",
                "blocks": [{"name": "", "lines": [{"name": "pixels", "png": png}]}],
            }
        ],
        "missing": ["Nothing else."],
        "sheet": {
            "headings": ["image", "reconstruction"],
            "notes": ["Look."],
            "about": "Of all.",
            "groups": [{"heading": "Most anomalous", "cases": [case]}],
        },
    }
    return found | changes, png


def test_the_page_shows_the_pictures_of_runs_that_it_has(tmp_path):
    whole, records = finished("labelled_ratio", datasets=["mnist"])
    home = folder(tmp_path / "r", (whole, records))
    (home / pictures.FOLDER).mkdir()
    first, png = kept(whole.runs[0])
    others = [
        kept(whole.runs[1], run="0" * 64)[0],
        kept(whole.runs[1], preset="paper")[0],
        kept(whole.runs[1], protocol="pollution")[0],
    ]
    for number, one in enumerate([first, *others]):
        (home / pictures.FOLDER / f"{number}.json").write_text(json.dumps(one))
    (home / pictures.FOLDER / "torn.json").write_text("{")
    text = write_report(home).page.read_text()
    assert text.count("Pictures: vae") == 1
    said = words(text).replace("\u00ad", "")
    for part in (
        "One run.",
        "9 training images",
        "2,000 anomalies",
        "Normal, highest",
        "Interpolations From.",
        "Nothing else.",
        "Of all.",
        "class <5> -1.5 flagged",
        "image reconstruction",
    ):
        assert part in said, part
    assert text.count(f'src="data:image/png;base64,{png}"') == 4 and "http" not in text
    assert text.count('alt="reconstruction of class &lt;5&gt;"') == 1


def test_a_drawn_histogram_has_an_outline_per_group():
    found, _ = kept(plan("labelled_ratio", **LITTLE).runs[0])
    picture = score_histogram(found["histograms"][0], 216)
    (train,), (normal,), (anomaly,) = (marks(picture, kind) for kind in ("train", "normal", "anomaly"))

    def corners(one):
        return [tuple(map(float, corner.split(","))) for corner in one.get("points").split()]

    base, top = 164.0, 10.0
    assert corners(anomaly) == [(8, base), (8, top), (108, top), (108, base), (208, base), (208, base)]
    assert corners(normal)[1:5:2] == [(8, base - 0.25 * (base - top)), (108, base - 0.75 * (base - top))]
    assert corners(train)[1][1] == corners(train)[3][1] == 87.0
