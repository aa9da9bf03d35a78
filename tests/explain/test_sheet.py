"""The contact sheet: which images are on it, in which order, and what their tiles show."""

import numpy as np
import pytest
from PIL import Image

import askew
from askew.calibration import Conformal
from askew.errors import InvalidInputError
from askew.explain import contact_sheet
from askew.explain.tiles import ABOVE, diverging, pixels
from detector_cases import calmly, quick


@pytest.fixture(scope="module")
def X():
    found = np.random.default_rng(0).integers(60, 110, (40, 3, 16, 20)).astype(np.uint8)
    found[5, :, 2:14, 4:16] = 255
    return found


@pytest.fixture(scope="module")
def density(X):
    return askew.KDE().fit(np.delete(X, 5, axis=0))


@pytest.fixture(scope="module")
def sheet(X, density):
    return contact_sheet(density, X, top=3, names=[f"image {i}" for i in range(40)])


def test_the_lowest_and_the_highest_scores_are_shown(sheet, X, density):
    scores = density.score_samples(X)
    order = np.argsort(scores, kind="stable")
    assert [case.place for case in sheet.anomalous] == order[:3].tolist()
    assert [case.place for case in sheet.normal] == order[::-1][:3].tolist()
    assert sheet.anomalous[0].name == "image 5"
    flagged = density.predict(X) == -1
    for case in (*sheet.anomalous, *sheet.normal):
        assert case.score == scores[case.place] and case.flagged == flagged[case.place]
    assert (sheet.n_images, sheet.n_flagged) == (40, flagged.sum())


def test_tiles_are_the_image_the_usual_one_and_two_maps(sheet, X):
    assert sheet.headings == ("image", "usual", "difference", "lowers score")
    image, usual, difference, lowers = sheet.anomalous[0].tiles
    np.testing.assert_array_equal(image, X[5].transpose(1, 2, 0))
    assert usual.shape == (16, 20, 3) and difference.shape == lowers.shape == (16, 20, 4)
    assert tuple(difference[5, 9])[:3] == ABOVE and difference[5, 9, 3] > 100  # the white spot is too bright
    assert difference[14, 1, 3] < 60
    assert tuple(lowers[5, 9])[:3] == ABOVE and lowers[5, 9, 3] == 255
    maps = sheet.why.maps()
    finest = np.percentile(np.abs(maps[:3]), 99, axis=(1, 2)).min()  # the scale of all normal ones
    np.testing.assert_array_equal(sheet.normal[0].tiles[3], diverging(-maps[3], finest))
    assert any("squares of 3 x 3 pixels" in note for note in sheet.notes)


def test_no_image_is_shown_twice(X, density):
    small = contact_sheet(density, X[:7], top=5, background=X)
    places = [case.place for case in (*small.anomalous, *small.normal)]
    assert len(small.anomalous) == 5 and sorted(places) == list(range(7))
    assert small.anomalous[0].name == str(small.anomalous[0].place)
    assert len(contact_sheet(density, X[:1], top=5, background=X).normal) == 0


def test_a_model_that_reconstructs_shows_its_reconstruction(X):
    detector = calmly(quick("vae").set_params(n_members=1).fit, X)
    sheet = contact_sheet(detector, X, top=2)
    assert (
        sheet.headings == ("image", "reconstruction", "error", "lowers score")
        and "smoothed" in sheet.notes[-1]
    )
    why = detector.explain(X[[case.place for case in sheet.anomalous]], background=X)
    np.testing.assert_array_equal(sheet.anomalous[0].tiles[1], pixels(why.expected[0], (0.0, 255.0)))


def test_a_thresholds_own_flags_count(density):
    new = np.random.default_rng(1).integers(60, 110, (240, 3, 16, 20)).astype(np.uint8)
    threshold = Conformal(density, 0.5).fit(new[:200])  # it judges all images together
    new[235:, :, 2:14, 4:16] = 255
    sheet = contact_sheet(threshold, new[200:], top=3)
    flagged = threshold.predict(new[200:]) == -1
    assert sheet.n_flagged == flagged.sum() >= 5
    assert flagged.sum() != (threshold.score_samples(new[200:]) < threshold.offset_).sum()


def test_the_picture_is_a_png_that_holds_the_images(sheet, X, tmp_path):
    sheet.save(tmp_path / "sheet.png", "a title")
    with Image.open(tmp_path / "sheet.png") as picture:
        assert picture.format == "PNG"
        found = np.asarray(picture.convert("RGB"))
    spot = (found == 255).all(axis=2)
    assert found.shape[0] > 500 and 0.4 < spot.mean() < 0.98
    # each pixel of the worst image is there as a square of four by four
    colours = {tuple(colour) for colour in found.reshape(-1, 3)}
    assert {tuple(colour) for colour in X[5].transpose(1, 2, 0).reshape(-1, 3)} <= colours
    assert tuple(ABOVE) in colours
    taller = tmp_path / "bare.png"
    sheet.save(taller)
    with Image.open(taller) as bare:
        assert bare.height < found.shape[0]  # without a title


def test_long_names_are_cut_at_their_front(X, density, tmp_path):
    names = ["x" * 300 + str(i) for i in range(40)]
    contact_sheet(density, X, top=1, names=names).save(tmp_path / "long.png")
    contact_sheet(density, X, top=1, names=[name[-9:] for name in names]).save(tmp_path / "short.png")
    with Image.open(tmp_path / "long.png") as one, Image.open(tmp_path / "short.png") as other:
        assert one.size == other.size


def test_what_makes_no_sheet_is_refused(sheet, X, density, tmp_path):
    table = askew.IsolationForest(n_estimators=5, random_state=0).fit(X.reshape(40, -1))
    with pytest.raises(InvalidInputError, match="model of contact_sheet must be fitted on images"):
        contact_sheet(table, X)
    with pytest.raises(InvalidInputError, match="top of contact_sheet"):
        contact_sheet(density, X, top=0)
    with pytest.raises(InvalidInputError, match="names of contact_sheet must be 40 names; got 2"):
        contact_sheet(density, X, names=["a", "b"])
    with pytest.raises(InvalidInputError, match=r"must end in \.png"):
        sheet.save(tmp_path / "sheet.jpg")
    with pytest.raises(InvalidInputError, match="folder that exists"):
        sheet.save(tmp_path / "nowhere" / "sheet.png")
