"""A fit that is stopped and begun again ends bit for bit as one that was not, and no other fit goes on from it."""

import os
import signal
import textwrap

import numpy as np
import pytest
from sklearn.base import clone

import askew
from askew import files
from askew.base import fit_together
from askew.base.checkpoints import kept_until_done, progress_of
from askew.errors import InvalidInputError, ModelFileError
from askew.training import Training
from askew.training.epoch_events import reporting
from detector_cases import calmly, quick, table

X, Y = table(rows=40)
SMALL = np.random.default_rng(0).integers(0, 256, (24, 1, 16, 16)).astype(np.uint8)
TEXTS = ["the red cat sat on a mat", "a dog ran far away", "the cat ran to me", "one red dog sat down"] * 6
KEPT = {"training__checkpoint": "run.ckpt", "training__checkpoint_every": 0}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def stop(detector, X, y=None, after=3):
    """Fit until so many epochs are done, then stop as Ctrl-C does."""
    done = []

    def watch(event):
        done.append(event)
        if len(done) == after:
            raise KeyboardInterrupt

    with reporting(watch), pytest.raises(KeyboardInterrupt):
        calmly(detector.fit, X, y)


def everything(detector):
    """Return all that a fitted detector holds: JSON-able values as text, and arrays."""
    values, arrays = detector._state()
    return repr(values), arrays


def assert_equal(one, other):
    (values, arrays), (others, other_arrays) = everything(one), everything(other)
    assert values == others and arrays.keys() == other_arrays.keys()
    for name in arrays:
        np.testing.assert_array_equal(arrays[name], other_arrays[name], err_msg=name)


def ae(**params):
    return quick("autoencoder", **(KEPT | params))


CASES = {
    "ama": (quick("ama", spectral_norm=True, validation_fraction=0.2), X, Y),
    "dadgt": (quick("dadgt", n_members=1, training__epochs=3), SMALL, None),
    "deep_sad": (quick("deep_sad"), X, Y),
    "likelihood_ratio": (quick("likelihood_ratio", training__epochs=2), SMALL, None),
    "sentence_vae": (
        askew.SentenceVAE(word_size=4, hidden_size=5, code_size=3, random_state=0).set_params(
            training__epochs=4
        ),
        TEXTS,
        None,
    ),
    "vae": (quick("vae", n_members=3), X, None),
}


@pytest.mark.parametrize("name", CASES)
def test_a_fit_goes_on_where_it_was_stopped(name, folder):
    detector, X, y = CASES[name]
    expected = calmly(clone(detector).fit, X, y)
    again = clone(detector).set_params(**KEPT)
    stop(again, X, y)
    assert (folder / "run.ckpt").exists()
    assert progress_of("run.ckpt").startswith("epoch 3 of ")
    assert_equal(expected, calmly(again.fit, X, y))
    assert list(folder.iterdir()) == []
    assert again.training.checkpoint == "run.ckpt"


CHILD = textwrap.dedent(
    """
    import sys, warnings
    import numpy as np, askew
    from askew.training.epoch_events import reporting
    warnings.simplefilter("ignore")
    def tell(event):
        print(event.done, flush=True)
    X = np.random.default_rng(0).normal(size=(60, 3))
    detector = askew.AMA(random_state=0).set_params(
        training__epochs=15, training__checkpoint="run.ckpt", training__checkpoint_every=0
    )
    with reporting(tell):
        detector.fit(X).save("model.askew")
    """
)


def test_a_killed_process_is_taken_up_by_another(folder, forks):
    process = forks.start(CHILD, folder=folder)
    last = next(line for line in process.stdout if int(line) >= 5)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not (folder / "model.askew").exists()
    process = forks.start(CHILD, folder=folder)
    first = int(process.stdout.readline())
    assert first > int(last)  # it does not begin anew
    assert process.wait().returncode == 0
    X = np.random.default_rng(0).normal(size=(60, 3))
    whole = calmly(askew.AMA(random_state=0).set_params(training__epochs=15).fit, X)
    assert_equal(whole, askew.load("model.askew"))
    assert [path.name for path in folder.iterdir()] == ["model.askew"]


def test_it_is_written_no_more_often_than_asked(folder, monkeypatch):
    clock = iter(range(0, 1000, 10))
    monkeypatch.setattr("askew.base.checkpoints.time.monotonic", lambda: next(clock))
    written = []
    monkeypatch.setattr("askew.base.checkpoints.files.write", lambda *args: written.append(args[1]["state"]))
    calmly(ae(training__epochs=12, training__checkpoint_every=35).fit, X)
    places = [state["place"] and state["place"]["epochs_done"] for state in written]
    assert places == [
        4,
        8,
        12,
        None,
    ]  # the clock stands still but where it is asked: after an epoch and a writing


OTHERS = {
    "data": (lambda: ae().fit(X**3), r"was on other data \(X or y\)"),
    "epochs": (lambda: ae(training__epochs=9).fit(X), "training__epochs=4, not 9"),
    "labels": (lambda: ae().fit(X, Y), r"was on other data \(X or y\)"),
    "members": (lambda: ae(n_members=3).fit(X), "n_members=2, not 3"),
    "method": (lambda: quick("vae", **KEPT).fit(X), "was of autoencoder, not of vae"),
    "scale": (lambda: ae(scale=None).fit(X), "scale='robust', not None"),
    "seed": (lambda: ae(random_state=1).fit(X), "had another random_state"),
}


@pytest.mark.parametrize("what", OTHERS)
def test_another_fit_is_refused(what, folder):
    stop(ae(), X)
    before = (folder / "run.ckpt").read_bytes()
    other, difference = OTHERS[what]
    message = rf"checkpoint of Training must be a new file or one that this same fit wrote; got .*{difference}.*anew"
    with pytest.raises(InvalidInputError, match=message):
        other()
    assert (folder / "run.ckpt").read_bytes() == before


@pytest.mark.parametrize("name", ["askew", "torch"])
def test_another_version_is_refused(name):
    stop(ae(), X)
    header, arrays = files.read("run.ckpt")
    header["fit"][name] = "0.0.1"
    files.write("run.ckpt", header, arrays)
    with pytest.raises(InvalidInputError, match=f"was by {name} 0.0.1, and this is"):
        ae().fit(X)


def test_what_is_no_checkpoint_is_refused_and_left_alone(folder):
    (folder / "data.csv").write_text("a,b\n1,2\n")
    calmly(quick("autoencoder").fit, X).save("model.askew")
    for name in ("data.csv", "model.askew"):
        before = (folder / name).read_bytes()
        with pytest.raises(
            InvalidInputError, match="checkpoint of Training must be a new file or a checkpoint; got"
        ):
            ae(training__checkpoint=name).fit(X)
        assert (folder / name).read_bytes() == before
    with pytest.raises(InvalidInputError, match="must be in a folder that exists"):
        ae(training__checkpoint="nowhere/run.ckpt").fit(X)
    with pytest.raises(InvalidInputError, match="checkpoint of Training must be a path of a file; got 3"):
        ae(training__checkpoint=3).fit(X)


def test_an_edited_one_is_refused(folder):
    stop(ae(), X)
    content = bytearray((folder / "run.ckpt").read_bytes())
    content[-1] ^= 1
    (folder / "run.ckpt").write_bytes(content)
    with pytest.raises(InvalidInputError, match="checksum differs"):
        ae().fit(X)


def test_loading_one_as_a_model_says_what_it_is():
    stop(ae(), X)
    with pytest.raises(ModelFileError, match="checkpoint of a fit that is not finished"):
        askew.load("run.ckpt")
    calmly(quick("autoencoder").fit, X).save("model.askew")
    with pytest.raises(ModelFileError, match="is not a checkpoint of a fit"):
        progress_of("model.askew")


def test_without_a_seed_it_goes_on_with_the_seeds_that_it_has():
    stop(ae(random_state=None), X)
    seeds = files.read("run.ckpt")[0]["fit"]["seeds"][0]
    detector = calmly(ae(random_state=None).fit, X)
    assert [member.seed for member in detector.members_] == seeds


def test_trained_members_are_kept_until_the_fit_has_ended(monkeypatch):
    expected = calmly(quick("autoencoder").fit, X)
    detector = ae()
    with monkeypatch.context() as patch:
        patch.setattr(type(detector), "_score_rows", lambda *args: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            detector.fit(X)
    assert progress_of("run.ckpt") == "trained"
    seen = []
    with reporting(seen.append):
        assert_equal(expected, calmly(detector.fit, X))
    assert seen == []


def test_a_fit_that_failed_leaves_none(folder):
    bad = ae(training__lr=1e30, scale=None)
    with pytest.raises(askew.errors.TrainingError):
        bad.fit(X * 1e30)
    assert list(folder.iterdir()) == []


def test_fits_together_have_a_file_for_each_shape(folder):
    def pair():
        return [ae(random_state=seed) for seed in (0, 1)]

    data = [(X, None), (X[:30], None)]
    expected = [calmly(quick("autoencoder", random_state=seed).fit, x) for seed, (x, _) in enumerate(data)]
    done = []

    def watch(event):
        done.append(event)
        if len(done) == 6:
            raise KeyboardInterrupt

    with reporting(watch), pytest.raises(KeyboardInterrupt):
        calmly(fit_together, pair(), data)
    assert sorted(path.name for path in folder.iterdir()) == ["run-2.ckpt", "run.ckpt"]
    got, seen = pair(), []
    with reporting(seen.append):
        calmly(fit_together, got, data)
    assert len(seen) == 2
    for one, other in zip(expected, got, strict=True):
        assert_equal(one, other)
    assert list(folder.iterdir()) == []


def test_a_saved_model_does_not_know_where_its_training_was_kept():
    calmly(ae().fit, X).save("model.askew")
    training = askew.load("model.askew").training
    assert isinstance(training, Training) and training.epochs == 4
    assert training.checkpoint is None and training.checkpoint_every is None


def test_one_is_kept_until_what_follows_the_fit_has_succeeded(folder):
    with pytest.raises(OSError, match="full"), kept_until_done():
        calmly(ae().fit, X)
        raise OSError("full")
    assert progress_of("run.ckpt") == "trained"
    with kept_until_done():
        calmly(ae().fit, X)
        assert progress_of("run.ckpt") == "trained"
    assert list(folder.iterdir()) == []
    with kept_until_done():
        calmly(ae().fit, X)
        (folder / "run.ckpt").unlink()  # by someone else
