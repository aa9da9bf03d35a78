"""A new model file replaces the old model, and a bad one leaves it as it is."""

from serving_rows import orders, put

import askew
from askew.serving.served_model import ModelKeeper


def test_a_keeper_reads_a_new_file_and_keeps_the_old_model_from_a_bad_one(model_file, tmp_path):
    path, told = tmp_path / "model.askew", []
    put(model_file.read_bytes(), path)
    keeper = ModelKeeper(path, None, told.append)
    first = keeper.current
    assert not keeper.has_changed()
    put(b"junk", path)
    assert keeper.has_changed() and not keeper.reload()
    assert keeper.current is first and not keeper.has_changed()  # a bad file is tried once
    assert keeper.problem in told[0]
    assert f"{first.digest} goes on" in told[0]
    path.unlink()
    assert not keeper.reload() and "does not exist" in keeper.problem
    askew.Prepared(askew.KDE(bandwidth=1.0)).fit(orders()).save(path)
    assert keeper.has_changed() and keeper.reload()
    assert keeper.problem == "" and keeper.current.digest != first.digest
    assert told[-1] == f"model.askew: {first.digest} is replaced by {keeper.current.digest}"
