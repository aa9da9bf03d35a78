"""Folders of images: any size, mode and orientation become one uint8 array; what cannot be read is named."""

import numpy as np
import PIL
import pytest
from PIL import Image

from askew.errors import DataFileError, InvalidInputError
from askew.inputs.image_folder import image_batches, image_files, read_image_folder, read_images
from askew.inputs.pixels import image_pixels, image_size

RNG = np.random.default_rng(0)

YCBCR = pytest.param(
    "YCbCr",
    marks=pytest.mark.skipif(
        int(PIL.__version__.partition(".")[0]) < 13,
        reason="Pillow before 13 cannot read the YCbCr file that it writes",
    ),
)


def grey(height, width=None):
    return RNG.integers(0, 256, (height, width or height), dtype=np.uint8)


def colour(height, width=None):
    return RNG.integers(0, 256, (height, width or height, 3), dtype=np.uint8)


def put(folder, **pictures):
    """Write pictures as NAME.png and return the folder."""
    folder.mkdir(exist_ok=True)
    for name, pixels in pictures.items():
        Image.fromarray(pixels).save(folder / f"{name}.png")
    return folder


def names(found):
    return [path.name for path in found.paths]


class TestFiles:
    def test_sorted_nested_and_told_by_their_endings(self, tmp_path):
        for name in ("b.png", "a.JPG", "c/d.tif", "c/a.webp", "notes.txt", ".hidden.png", ".git/x.png"):
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.touch()
        found = [str(path.relative_to(tmp_path)) for path in image_files(tmp_path)]
        assert found == ["a.JPG", "b.png", "c/a.webp", "c/d.tif"]
        assert [path.name for path in image_files(tmp_path, nested=False)] == ["a.JPG", "b.png"]

    def test_no_folder_and_no_images_are_refused(self, tmp_path):
        with pytest.raises(DataFileError, match=r"folder that exists; got .*nowhere"):
            image_files(tmp_path / "nowhere")
        put(tmp_path / "inner", a=grey(16))
        assert len(image_files(tmp_path)) == 1
        with pytest.raises(DataFileError, match=r"images directly in it; .*end in .png, .jpg"):
            image_files(tmp_path, nested=False)


class TestSize:
    def test_images_of_one_fair_size_keep_every_pixel(self, tmp_path):
        a, b = colour(28), colour(28)
        found = read_image_folder(put(tmp_path, a=a, b=b))
        np.testing.assert_array_equal(found.images, np.stack([a, b]).transpose(0, 3, 1, 2))
        assert found.images.dtype == np.uint8 and names(found) == ["a.png", "b.png"]
        wide = read_image_folder(put(tmp_path / "wide", a=grey(16, 64)))
        assert wide.images.shape == (1, 1, 16, 64)

    @pytest.mark.parametrize(
        "sides, expected",
        [
            ([(28, 28), (28, 29)], 16),
            ([(32, 40), (33, 32), (500, 90)], 32),
            ([(63, 90), (20, 700), (64, 64)], 32),
            ([(640, 480)], 64),
            ([(20, 20), (21, 21), (600, 600)], 16),
            ([(8, 8)], 16),
            ([(65, 64)], 64),
        ],
    )
    def test_else_the_power_of_two_under_the_median_of_the_shorter_sides(self, tmp_path, sides, expected):
        pictures = {f"p{i}": grey(*size) for i, size in enumerate(sides)}
        assert read_image_folder(put(tmp_path, **pictures)).images.shape[2:] == (expected, expected)

    def test_given_sizes(self, tmp_path):
        put(tmp_path, a=grey(40, 20))
        assert read_image_folder(tmp_path, size=24).images.shape == (1, 1, 24, 24)
        assert read_image_folder(tmp_path, size=(24, 10)).images.shape == (1, 1, 24, 10)

    @pytest.mark.parametrize("size", [0, -3, 2.5, (3,), (0, 4), True, "64", 10**6])
    def test_impossible_sizes_are_refused(self, tmp_path, size):
        with pytest.raises(InvalidInputError, match=r"size of read_images must be an integer from 1 to 4096"):
            read_image_folder(put(tmp_path, a=grey(16)), size=size)

    def test_shrinking_averages_and_does_not_pick_pixels(self, tmp_path):
        stripes = np.tile(np.array([0, 255], np.uint8), (64, 32))
        found = read_image_folder(put(tmp_path, a=stripes), size=16)
        assert np.abs(found.images.astype(int) - 127).max() <= 2


class TestChannels:
    def test_grey_if_no_pixel_has_a_colour_whatever_the_mode(self, tmp_path):
        pixels = grey(20)
        folder = put(tmp_path, a=pixels, b=np.repeat(pixels[:, :, None], 3, axis=2))
        found = read_image_folder(folder)
        np.testing.assert_array_equal(found.images, np.stack([pixels, pixels])[:, None])
        assert found.images.base is None  # no view into the three channels
        tinted = np.repeat(pixels[:, :, None], 3, axis=2)
        tinted[7, 7, 2] ^= 1
        assert read_image_folder(put(folder, c=tinted)).images.shape[1] == 3

    def test_given_channels(self, tmp_path):
        put(tmp_path, a=grey(20), b=colour(20))
        assert read_image_folder(tmp_path, channels=1).images.shape[1] == 1
        found = read_image_folder(tmp_path, channels=3).images
        np.testing.assert_array_equal(found[0, 0], found[0, 2])

    @pytest.mark.parametrize("channels", [2, 4, "grey", True, None])
    def test_impossible_channels_are_refused(self, tmp_path, channels):
        with pytest.raises(InvalidInputError, match=r"channels of read_images must be 1, 3 or 'auto'"):
            read_image_folder(put(tmp_path, a=grey(16)), channels=channels)


class TestPixels:
    @pytest.mark.parametrize(
        "orientation, stored",
        [
            (1, lambda seen: seen),
            (2, np.fliplr),
            (3, lambda seen: np.rot90(seen, 2)),
            (4, np.flipud),
            (5, np.transpose),
            (6, np.rot90),
            (7, lambda seen: np.rot90(seen, 2).T),
            (8, lambda seen: np.rot90(seen, 3)),
        ],
    )
    def test_exif_orientation(self, tmp_path, orientation, stored):
        """The standard says where the file's first row and column are to be seen: 6 is right and top, say."""
        seen = grey(30, 20)
        exif = Image.Exif()
        exif[0x0112] = orientation
        Image.fromarray(np.ascontiguousarray(stored(seen))).save(tmp_path / "a.png", exif=exif)
        found = read_image_folder(tmp_path, size=(30, 20))
        np.testing.assert_array_equal(found.images[0, 0], seen)
        assert image_size(tmp_path / "a.png") == (30, 20)

    @pytest.mark.parametrize(
        "mode, colour, options, expected",
        [
            ("CMYK", (255, 0, 0, 0), {}, (0, 255, 255)),  # ink of one colour takes away one
            ("CMYK", (0, 0, 0, 255), {}, (0, 0, 0)),
            ("1", 1, {}, (255, 255, 255)),
            ("1", 0, {}, (0, 0, 0)),
            ("F", 0.2, {}, (51, 51, 51)),
            ("F", 1.0, {}, (255, 255, 255)),
            ("I;16", 0x80FF, {}, (128, 128, 128)),
            ("I;16", 7, {"transparency": 7, "suffix": ".png"}, (255, 255, 255)),
            ("L", 9, {"transparency": 9, "suffix": ".png"}, (255, 255, 255)),
            ("LA", (100, 0), {"suffix": ".png"}, (255, 255, 255)),
            ("LA", (100, 51), {"suffix": ".png"}, (224, 224, 224)),  # 255 - 0.2 * 155
            ("RGBA", (0, 100, 255, 51), {"suffix": ".png"}, (204, 224, 255)),
        ],
    )
    def test_what_a_mode_means(self, tmp_path, mode, colour, options, expected):
        path = tmp_path / f"a{options.pop('suffix', '.tif')}"
        Image.new(mode, (4, 4), colour).save(path, **options)
        assert image_pixels(path, 3, 4, 4)[:, 2, 1].tolist() == list(expected)

    def test_a_palette_gives_its_colours_and_half_transparent_ones_on_white(self, tmp_path):
        palette = Image.fromarray(np.array([[0, 1], [2, 0]], np.uint8), "P")
        palette.putpalette([10, 20, 30, 0, 0, 0, 0, 0, 0])
        palette.save(tmp_path / "a.png", transparency=bytes([255, 51, 0]))
        found = image_pixels(tmp_path / "a.png", 3, 2, 2)
        assert found[:, 0, 0].tolist() == [10, 20, 30] and found[:, 0, 1].tolist() == [204] * 3
        assert found[:, 1, 0].tolist() == [255] * 3

    def test_a_jpeg_much_larger_than_asked_for_is_upright_and_near_its_colours(self, tmp_path):
        pixels = np.zeros((600, 400, 3), np.uint8)
        pixels[:300] = (200, 30, 30)
        exif = Image.Exif()
        exif[0x0112] = 6
        Image.fromarray(np.rot90(pixels)).save(tmp_path / "a.jpg", exif=exif, quality=95)
        found = image_pixels(tmp_path / "a.jpg", 3, 16, 16).astype(int)
        assert np.abs(found[:, :7] - np.array([200, 30, 30])[:, None, None]).max() < 12
        assert found[:, 9:].max() < 12

    def test_a_jpeg_is_not_decoded_smaller_than_asked_for(self, tmp_path):
        stripes = np.tile(np.repeat(np.array([0, 255], np.uint8), 8), (256, 16))
        Image.fromarray(stripes).save(tmp_path / "a.jpg", quality=95)
        row = image_pixels(tmp_path / "a.jpg", 1, 64, 64)[0, 30].astype(int)
        assert np.abs(row.reshape(-1, 4) - [0, 0, 255, 255]).max() < 60

    def test_sixteen_bits_become_eight(self, tmp_path):
        Image.fromarray(np.array([[0, 256], [32768, 65535]], np.uint16)).save(tmp_path / "a.png")
        assert image_pixels(tmp_path / "a.png", 1, 2, 2)[0].tolist() == [[0, 1], [128, 255]]
        values = np.array([[0, 256], [32768, 65535]], np.int32)
        Image.fromarray(values).save(tmp_path / "a.tif")
        assert image_pixels(tmp_path / "a.tif", 3, 2, 2)[1].tolist() == [[0, 1], [128, 255]]

    @pytest.mark.parametrize(
        "values, rule",
        [
            (np.array([[0, 1.5]], np.float32), r"floating-point pixels must be from 0 to 1; got 0 to 1\.5"),
            (np.array([[-0.5, 1]], np.float32), r"from 0 to 1; got -0\.5 to 1"),
            (np.array([[0, np.nan]], np.float32), "from 0 to 1; got nan to nan"),
            (np.array([[0, 70000]], np.int32), "whole-number pixels must be from 0 to 65535; got 0 to 70000"),
        ],
    )
    def test_pixels_without_a_known_white_are_refused(self, tmp_path, values, rule):
        Image.fromarray(values).save(tmp_path / "a.tif")
        with pytest.raises(DataFileError, match=rule):
            image_pixels(tmp_path / "a.tif", 1, 4, 4)

    def test_16_bit_images_of_a_12_bit_camera_are_refused_and_not_read_as_black(self, tmp_path):
        pixels = grey(20).astype(np.uint16) * 16  # up to 4080
        folder = put(tmp_path, a=pixels, b=pixels // 2)
        with pytest.raises(
            DataFileError, match=r"white at 65535; got none brighter than 4095, .* 16 of 256 shades"
        ):
            read_image_folder(folder)
        with pytest.raises(DataFileError, match=r"none brighter than 255, .* 1 of 256"):
            read_image_folder(put(tmp_path / "bytes", a=grey(20).astype(np.uint16)))
        found = read_image_folder(put(folder, c=pixels * 16))  # one that reaches white
        np.testing.assert_array_equal(found.images[0, 0], pixels >> 8)
        assert read_image_folder(put(tmp_path / "dark", a=grey(20) // 50)).images.max() == 5

    def test_what_is_transparent_is_white_and_what_it_hides_is_not_seen(self, tmp_path):
        pixels = np.zeros((4, 4, 4), np.uint8)
        pixels[..., 0] = 90
        pixels[:2, :, 3] = 255
        Image.fromarray(pixels).save(tmp_path / "a.png")
        found = image_pixels(tmp_path / "a.png", 3, 4, 4)
        assert found[:, 0, 0].tolist() == [90, 0, 0] and found[:, 3, 3].tolist() == [255, 255, 255]
        Image.fromarray(pixels[..., [0, 3]]).save(tmp_path / "b.png")
        assert image_pixels(tmp_path / "b.png", 1, 4, 4)[0, :, 0].tolist() == [90, 90, 255, 255]
        palette = Image.new("P", (4, 4), 1)
        palette.putpalette([1, 2, 3, 40, 50, 60])
        palette.save(tmp_path / "c.png", transparency=1)
        assert image_pixels(tmp_path / "c.png", 3, 4, 4).min() == 255

    @pytest.mark.parametrize("suffix", [".gif", ".tif", ".webp"])
    def test_the_first_frame_or_page_counts(self, tmp_path, suffix):
        first, second = Image.new("RGB", (16, 16), (250, 0, 0)), Image.new("RGB", (16, 16), (0, 0, 250))
        options = {"lossless": True} if suffix == ".webp" else {}
        first.save(tmp_path / f"a{suffix}", save_all=True, append_images=[second], **options)
        assert read_image_folder(tmp_path).images[0, :, 3, 3].tolist() == [250, 0, 0]

    @pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", YCBCR, "LAB", "F", "I;16"])
    @pytest.mark.parametrize("channels", [1, 3])
    def test_every_mode_is_read(self, tmp_path, mode, channels):
        white = {"I;16": 65535, "LA": (255, 255), "CMYK": (0, 0, 0, 0), "YCbCr": (255, 128, 128)}
        white |= {"LAB": (255, 128, 128), "F": 1.0}
        colour = white.get(mode, "white" if mode != "P" else 0)
        picture = Image.new(mode, (20, 18), colour)
        if mode == "P":
            picture.putpalette([255, 255, 255])
        path = tmp_path / ("a.tif" if mode in ("CMYK", "YCbCr", "LAB", "F") else "a.png")
        picture.save(path)
        found = image_pixels(path, channels, 9, 10)
        assert found.shape == (channels, 9, 10) and found.min() >= 254


class TestCorrupt:
    @pytest.fixture
    def folder(self, tmp_path):
        put(tmp_path, a=grey(20), c=grey(20))
        (tmp_path / "b.png").write_bytes(b"no image at all")
        whole = put(tmp_path / "whole", d=grey(200)) / "d.png"
        (tmp_path / "d.png").write_bytes(whole.read_bytes()[:9000])
        whole.unlink()
        (tmp_path / "e.jpg").touch()
        return tmp_path

    def test_all_are_named_and_counted(self, folder):
        with pytest.raises(DataFileError) as caught:
            read_image_folder(folder)
        text = str(caught.value)
        assert text.startswith(f"images of {folder} must be readable; got 3 of 5 that are not: ")
        assert f"{folder / 'b.png'} (not an image)" in text
        assert "d.png (" in text and "truncated" in text and "e.jpg (an empty file)" in text
        assert text.endswith("or skip them (skip_corrupt, --skip-corrupt).")

    def test_a_few_are_named_if_there_are_many(self, tmp_path):
        put(tmp_path, a=grey(20))
        for number in range(8):
            (tmp_path / f"b{number}.png").touch()
        with pytest.raises(DataFileError, match=r"got 8 of 9 .*b4.png \(an empty file\) and 3 more\. Repair"):
            read_image_folder(tmp_path)

    def test_they_are_skipped_on_request(self, folder):
        found = read_image_folder(folder, skip_corrupt=True)
        assert names(found) == ["a.png", "c.png"] and found.images.shape == (2, 1, 20, 20)
        expected = [np.asarray(Image.open(folder / name)) for name in ("a.png", "c.png")]
        np.testing.assert_array_equal(found.images[:, 0], expected)
        assert (found.skipped[0].path.name, found.skipped[0].reason) == ("b.png", "not an image")
        assert len(found.skipped) == 3

    def test_nothing_but_corrupt_files_is_refused_even_so(self, tmp_path):
        (tmp_path / "b.png").touch()
        with pytest.raises(DataFileError, match=r"got 1 of 1 that are not: .*Check the files\."):
            read_image_folder(tmp_path, skip_corrupt=True)


def test_a_list_of_files_keeps_its_order_and_tells_how_far_it_is(tmp_path):
    put(tmp_path, a=grey(20), b=grey(20), c=grey(20))
    paths = [tmp_path / "c.png", tmp_path / "a.png"]
    told = []
    found = read_images(paths, 20, 1, progress=told.append)
    assert names(found) == ["c.png", "a.png"] and told == [0.5, 1.0]
    np.testing.assert_array_equal(found.images[1, 0], np.asarray(Image.open(paths[1])))


class TestBatches:
    @pytest.fixture
    def paths(self, tmp_path):
        put(tmp_path, **{f"p{number}": grey(20) for number in range(5)})
        return image_files(tmp_path)

    def test_together_they_are_all_the_images(self, paths):
        parts = list(image_batches(paths, (3, 20, 20), batch=2))
        assert [len(part.images) for part in parts] == [2, 2, 1]
        whole = read_images(paths, 20, 3)
        np.testing.assert_array_equal(np.concatenate([part.images for part in parts]), whole.images)
        assert [path for part in parts for path in part.paths] == list(whole.paths)

    def test_all_corrupt_files_are_counted_and_nothing_is_yielded_after_the_first(self, paths):
        for number in (1, 2, 4):
            paths[number].write_bytes(b"")
        batches = image_batches(paths, (1, 20, 20), batch=1, where="here")
        assert names(next(batches)) == ["p0.png"]
        with pytest.raises(DataFileError, match=r"images of here must be readable; got 3 of 5 .*p4.png"):
            next(batches)

    def test_corrupt_files_are_skipped_on_request_unless_all_are(self, paths):
        for number in (0, 1, 3):
            paths[number].write_bytes(b"")
        parts = list(image_batches(paths, (1, 20, 20), batch=2, skip_corrupt=True))
        assert [names(part) for part in parts] == [[], ["p2.png"], ["p4.png"]]
        assert [len(part.skipped) for part in parts] == [2, 1, 0]
        with pytest.raises(DataFileError, match="got 2 of 2"):
            list(image_batches(paths[:2], (1, 20, 20), batch=1, skip_corrupt=True))


def test_an_image_that_unpacks_beyond_belief_is_refused_and_closed(tmp_path, monkeypatch):
    Image.fromarray(np.zeros((2000, 2000), dtype=np.uint8)).save(tmp_path / "a.png")
    assert image_size(tmp_path / "a.png") == (2000, 2000)
    opened, own = [], Image.open
    monkeypatch.setattr(
        Image, "open", lambda *given, **more: opened.append(own(*given, **more)) or opened[-1]
    )
    monkeypatch.setattr("askew.inputs.pixels.SPARE", 1 << 16)
    with pytest.raises(DataFileError, match="bytes that unpack to 2,000 by 2,000 pixels"):
        image_size(tmp_path / "a.png")
    assert [image.fp for image in opened] == [None]
