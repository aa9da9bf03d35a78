"""``askew fit`` that is stopped says what is kept; the same command goes on from there."""

import numpy as np
import pytest

from askew import files
from askew.training import epoch_events

FIT = (
    "fit",
    "train.csv",
    "--label-column",
    "label",
    "--id-column",
    "id",
    "--detector",
    "vae",
    "--members",
    2,
)
WHOLE = (*FIT, "--epochs", 8, "-o", "m.askew")
KEPT = (*WHOLE, "--checkpoint", "run.ckpt", "--set", "training__checkpoint_every=0")


@pytest.fixture
def stop(monkeypatch):
    """Return a function that makes the next training stop after its third epoch, by Ctrl-C or otherwise."""
    original = epoch_events.Ticker.tell

    def stop(how=KeyboardInterrupt):
        def tell(self, *event):
            if self.done == 3:
                monkeypatch.setattr(epoch_events.Ticker, "tell", original)
                raise how

        monkeypatch.setattr(epoch_events.Ticker, "tell", tell)

    return stop


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def same(header, arrays):
    """Check that the model file holds these."""
    again, found = files.read("m.askew")
    assert again == header and found.keys() == arrays.keys()
    for name in arrays:
        np.testing.assert_array_equal(found[name], arrays[name])


# a terminated process ends by SystemExit, which the command line lets through
@pytest.mark.parametrize("how", [KeyboardInterrupt, SystemExit(143)], ids=["Ctrl-C", "terminate"])
def test_what_is_kept_is_said_and_used(how, run, train_csv, stop, tmp_path, capsys):
    assert run(*WHOLE).code == 0
    header, whole = files.read("m.askew")
    (tmp_path / "m.askew").unlink()
    stop(how)
    if how is KeyboardInterrupt:
        outcome = run(*KEPT)
        assert (outcome.code, outcome.out) == (130, "")
        said = outcome.err
    else:
        with pytest.raises(SystemExit):
            run(*KEPT)
        said = capsys.readouterr().err
    assert "Stopped; run.ckpt is kept (epoch 3 of 8). The same command goes on from there.\n" in said
    assert names(tmp_path) == ["run.ckpt", "train.csv"]
    outcome = run(*KEPT)
    assert outcome.code == 0
    assert "Going on from run.ckpt (epoch 3 of 8).\n" in outcome.err
    assert names(tmp_path) == ["m.askew", "train.csv"]
    same(header, whole)


def test_without_one_it_says_that_there_is_one(run, train_csv, stop):
    stop()
    outcome = run(*WHOLE)
    assert outcome.code == 130
    assert (
        "Stopped; nothing is kept. With --checkpoint FILE a fit can be stopped and go on later."
        in outcome.err
    )


def test_before_the_first_minute_nothing_is_kept(run, train_csv, stop, tmp_path):
    stop()
    outcome = run(*WHOLE, "--checkpoint", "run.ckpt")
    assert outcome.code == 130
    assert "Stopped; there is no run.ckpt yet, so nothing is kept." in outcome.err
    assert names(tmp_path) == ["train.csv"]


def test_another_fit_is_refused(run, train_csv, stop):
    stop()
    run(*KEPT)
    outcome = run(*KEPT, "--seed", 1)
    assert outcome.code == 2
    assert "error: checkpoint of Training must be" in outcome.err and "another random_state" in outcome.err


def test_a_file_that_is_none_is_refused_and_left_alone(run, train_csv):
    before = train_csv.read_bytes()
    outcome = run(*WHOLE, "--checkpoint", "train.csv")
    assert outcome.code == 2
    assert "error: checkpoint of Training must be a new file or a checkpoint; got" in outcome.err
    assert "Going on" not in outcome.err
    assert train_csv.read_bytes() == before


def test_a_method_without_networks_has_none(run, train_csv):
    words = ("fit", "train.csv", "--label-column", "label", "-o", "m.askew", "--checkpoint", "run.ckpt")
    for name in ("kde", "auto"):
        outcome = run(*words, "--detector", name)
        assert outcome.code == 2
        assert f"--checkpoint must be left out for {name}, which has no training__checkpoint." in outcome.err


def test_ctrl_c_in_a_method_without_networks(run, train_csv, monkeypatch):
    from askew.detectors.kde import KDE

    def interrupted(self, X, y=None):
        raise KeyboardInterrupt

    monkeypatch.setattr(KDE, "fit", interrupted)
    outcome = run("fit", "train.csv", "--label-column", "label", "--detector", "kde", "-o", "m.askew")
    assert outcome.code == 130
    assert outcome.err.endswith("Stopped; nothing is kept.\n")


def test_a_trained_model_that_cannot_be_written_is_not_lost(run, train_csv, tmp_path, monkeypatch):
    assert run(*WHOLE).code == 0
    header, whole = files.read("m.askew")
    (tmp_path / "m.askew").unlink()
    save = files.save_file

    def full(arrays, path, metadata):
        if "ckpt" not in path.suffix:
            raise OSError(28, "No space left on device")
        save(arrays, path, metadata=metadata)

    with monkeypatch.context() as patch:
        patch.setattr(files, "save_file", full)
        outcome = run(*KEPT)
    assert outcome.code == 1
    assert "Stopped; run.ckpt is kept (trained). The same command goes on from there." in outcome.err
    assert names(tmp_path) == ["run.ckpt", "train.csv"]
    outcome = run(*KEPT)
    assert "Going on from run.ckpt (trained)." in outcome.err
    assert names(tmp_path) == ["m.askew", "train.csv"]
    same(header, whole)
