"""``askew drift``: what it prints, its JSON and its exit codes."""

import json

from cli_tables import table

import askew

FIT = ("fit", "train.csv", "--label-column", "label", "--id-column", "id", "-o", "model.askew")


def write(folder, name, n_rows, seed, **changed):
    data = table(n_rows, seed=seed).assign(label=0, **changed)
    data.to_csv(folder / name, index=False)
    return data


def test_drift_is_said_of_the_column_and_ends_with_three(run, tmp_path):
    write(tmp_path, "train.csv", 400, 0)
    write(tmp_path, "same.csv", 300, 1)
    data = write(tmp_path, "new.csv", 300, 2)
    data.assign(a=data["a"] + 2).to_csv(tmp_path / "new.csv", index=False)
    assert run(*FIT, "--detector", "kde").code == 0
    same = run("drift", "model.askew", "same.csv")
    assert same.code == 0 and same.out.startswith("No drift: nothing is found in 300 rows")
    assert "Scores are not compared: the model keeps none" in same.err and "--threshold" in same.err
    new = run("drift", "model.askew", "new.csv", "--top", 1)
    assert new.code == 3 and new.out.startswith("Drift: 1 of 3 columns of 300 rows")
    assert "above" in new.out.splitlines()[-1] and new.out.splitlines()[-1].split()[0] == "a"
    found = json.loads(run("drift", "model.askew", "new.csv", "--json").out)
    assert (found["verdict"], found["drift"], found["scores"]) == ("drift", True, None)
    assert [each["name"] for each in found["columns"] if each["drift"]] == ["a"]
    assert run("drift", "model.askew", "new.csv", "--smallest", 0.95).code == 0


def test_an_older_file_needs_rows_to_compare_with(run, tmp_path):
    write(tmp_path, "train.csv", 400, 0)
    write(tmp_path, "new.csv", 300, 1)
    assert run(*FIT, "--detector", "kde").code == 0
    model = askew.load(tmp_path / "model.askew")
    del model.columns_summary_
    model.save(tmp_path / "model.askew")
    refused = run("drift", "model.askew", "new.csv")
    assert refused.code == 2 and "--reference TABLE" in refused.err
    by_training = run("drift", "model.askew", "new.csv", "--reference", "train.csv")
    assert by_training.code == 0 and "fitted on the rows of the reference" in by_training.err
    assert run("drift", "model.askew", "new.csv", "--level", 2).code == 2


def test_a_model_of_scores_alone_is_refused(run, tmp_path):
    (tmp_path / "m.onnx").write_bytes(b"")
    refused = run("drift", "m.onnx", "new.csv")
    assert refused.code == 2 and "askew drift" in refused.err
