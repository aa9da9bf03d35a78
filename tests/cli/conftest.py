"""Run the command line in this process, and a small fitted model to score with."""

import warnings
from typing import NamedTuple

import pytest
from cli_tables import table

import askew
from askew.cli.main import main


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    """Run ``askew WORDS`` in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*words):
        capsys.readouterr()
        with warnings.catch_warnings():
            warnings.simplefilter("default")  # as in a terminal; the command line prints them
            code = main([str(word) for word in words])
        return Outcome(code, *capsys.readouterr())

    return run


@pytest.fixture
def train_csv(run, tmp_path):
    table().to_csv(tmp_path / "train.csv", index=False)
    return tmp_path / "train.csv"


@pytest.fixture(scope="session")
def fitted(tmp_path_factory):
    """A file with a DP-VAE fitted on `table()`."""
    path = tmp_path_factory.mktemp("model") / "model.askew"
    data = table()
    detector = askew.DPVAE(n_members=2, random_state=0).set_params(training__epochs=3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # three epochs may look unhealthy
        detector.fit(data[["a", "b", "c"]], askew.labels.ours(data["label"]))
    detector.save(path)
    return path


@pytest.fixture
def model(fitted, tmp_path):
    """The fitted model as ``model.askew`` in the folder of `run`."""
    path = tmp_path / "model.askew"
    path.write_bytes(fitted.read_bytes())
    return path
