"""Whatever a person gets wrong: one line that names it, exit code 2, and no file changed."""

import gzip
import io
from pathlib import Path

import pandas as pd
import pytest
from cli_tables import table

import askew

TRAIN = ("fit", "train.csv", "--id-column", "id", "--label-column", "label", "-o", "m.askew")
DP_VAE = (*TRAIN, "--detector", "dp_vae")
FIT = ("--id-column", "id", "--label-column", "label", "-o", "m.askew")
SCORE = ("score", "model.askew")


def cell(value, column="b", row=10):
    data = table().astype({column: object})
    data.loc[row, column] = value
    return data.to_csv(index=False)


def labels(values):
    data = table()
    data["label"] = (values * 60)[:60]
    return data.to_csv(index=False)


def dated(values):
    return table().assign(when=values).to_csv(index=False)


def parquet(data):
    file = io.BytesIO()
    data.to_parquet(file)
    return file.getvalue()


FILES = {
    "train.csv": table().to_csv(index=False),
    "word.csv": cell("oops"),
    "missing.csv": cell(None),
    "infinite.csv": cell("inf"),
    "comma.csv": cell("1,5"),
    "dates.csv": dated(["2024-01-05"] * 10 + ["2024-02-31"] + ["2024-01-06"] * 49),
    "slashes.csv": dated(["01/02/2024"] * 60),
    "infinite.parquet": parquet(table().assign(b=float("inf"))),
    "lists.parquet": parquet(table().assign(tags=[["x"]] * 60)),
    "mixed_word.csv": "id,a,city\nx,many,Oslo\n",
    "mixed_renamed.csv": "id,a,City\nx,1,Oslo\n",
    "mixed_extra.csv": "id,a,city,wind\nx,1,Oslo,2\n",
    "mixed.parquet": parquet(pd.DataFrame({"id": ["x"], "a": ["1"], "city": ["Oslo"]})),
    "empty.csv": "",
    "header.csv": "id,a,b,c,label\n",
    "one_row.csv": "id,a,b,c,label\nx,1,2,3,0\n",
    "twice.csv": "id,a,a,label\nx,1,2,0\n",
    "ragged.csv": "id,a,label\nx,1,0\ny,1\n",
    "index.csv": table().to_csv(),
    "latin.csv": "id,a,label\n\xe9,1,0\n".encode("latin-1"),
    "cut.csv.gz": gzip.compress(table().to_csv(index=False).encode(), mtime=0)[:60],
    "words.csv": labels(["ok", "", "", "fraud", "", ""]),
    "slip.csv": labels(["ok", "", "", "fraud", "frauds", ""]),
    "pyod.csv": labels([0, 0, 0, 1]),
    "sklearn.csv": labels([-1, -1, -1, 0]),
    "anomalies.csv": labels([-1]),
    "fake.parquet": "id,a\n1,2\n",
    "notes.txt": "a,b\n1,2\n",
    "fewer.csv": table().drop(columns="b").to_csv(index=False),
    "capital.csv": table().rename(columns={"b": "B"}).to_csv(index=False),
    "score_id.csv": table().rename(columns={"id": "score"}).to_csv(index=False),
    "fake.askew": "not a model",
    "empty.askew": "",
}

CASES = [
    # the data file
    (
        ("fit", "trian.csv", *FIT),
        "table trian.csv must be a file that exists; there is none. Did you mean train.csv?",
    ),
    (("fit", "no/train.csv", *FIT), "There is no folder no either"),
    (("fit", "none", *FIT), "--label-column must be left out for a folder of images"),
    (("fit", "none", "-o", "m.askew"), "image folder must have images directly in it; got 'none' with none."),
    (("explain", "model.askew", "none"), "like what the model 'model.askew' was fitted on; got the folder"),
    ((*TRAIN, "--size", "32"), "--size must be left out unless DATA is a folder of images; got 'train.csv'."),
    ((*SCORE, "train.csv", "--skip-corrupt"), "--skip-corrupt must be left out unless DATA is a folder"),
    (
        (*SCORE, "none"),
        "DATA must be a table, like what the model 'model.askew' was fitted on; got the folder 'none'.",
    ),
    (("fit", "notes.txt", *FIT), "got '.txt'"),
    (("fit", "empty.csv", *FIT), "table empty.csv must hold a header and rows; got an empty file"),
    (("fit", "header.csv", *FIT), "got the header line only"),
    (("fit", "one_row.csv", *FIT), "must have at least 2 rows to learn from; got 1"),
    (("fit", "twice.csv", *FIT), "column names of twice.csv must be different; got 'a' for columns 2 and 3"),
    (("fit", "ragged.csv", *FIT), "must have 3 cells like its header; got 2 in row 2 (line 3)"),
    (("fit", "index.csv", *FIT), "got no name for column 1"),
    (
        ("fit", "latin.csv", *FIT[2:], "--drop", "id", "--set", "alpha=1", "--id-column", "ida"),
        "Did you mean 'id'",
    ),
    (("fit", "cut.csv.gz", *FIT), "must be a CSV file that is whole"),
    (("fit", "fake.parquet", *FIT), "must be a parquet file; it is damaged or of another kind"),
    # its cells
    (
        ("fit", "word.csv", *FIT),
        "column 'b' of word.csv must be a number or empty in every row; got 'oops' in row 11 (line 12). Correct",
    ),
    (("fit", "word.csv", *FIT), "or treat the column as words when fitting (--column-kind b=category)."),
    (("fit", "comma.csv", *FIT), "and '1,5' in row 11 (line 12). Write all of them alike"),
    (
        ("fit", "dates.csv", *FIT),
        "must be a date or empty in every row; got '2024-02-31' in row 11 (line 12)",
    ),
    (
        ("fit", "slashes.csv", *FIT),
        "column 'when' of slashes.csv must be dates with one meaning; got '01/02/2024', where day or month may",
    ),
    (
        ("fit", "infinite.parquet", *FIT),
        "column 'b' of infinite.parquet must be a finite number in every row; got",
    ),
    (
        ("fit", "lists.parquet", *FIT),
        "column 'tags' of lists.parquet must be numbers, truth values, words or dates; g",
    ),
    (("fit", "infinite.csv", *FIT), "got inf in row 11 (line 12)"),
    ((*TRAIN, "--column-kind", "d=category"), "--column-kind must be a column of train.csv; got 'd'"),
    ((*TRAIN, "--column-kind", "a=categorie"), "got 'categorie'. Did you mean 'category'"),
    ((*TRAIN, "--column-kind", "a"), "--column-kind must be name=kind; got 'a'"),
    (
        (*TRAIN, "--column-kind", "a=boolean"),
        "column 'a' of train.csv must be true or false or empty in every row",
    ),
    (("score", "model.askew", "word.csv", "-o", "s.csv"), "got 'oops' in row 11 (line 12)"),
    (
        ("score", "model.askew", "missing.csv", "-o", "s.csv"),
        "got a missing value in row 11 (line 12). Fill it in",
    ),
    (("score", "model.askew", "missing.csv", "-o", "s.csv"), "or fit anew with --column-kind b=number"),
    # a model of mixed columns
    (
        ("score", "mixed.askew", "mixed_word.csv"),
        "column 'a' of mixed_word.csv must be a finite number in every",
    ),
    (
        ("score", "mixed.askew", "mixed_renamed.csv"),
        "'city' is missing. Did you mean 'City'? Rename it in the fi",
    ),
    (
        ("score", "mixed.askew", "mixed_extra.csv"),
        "'wind' is not among them. Leave it out, or say that further",
    ),
    (
        ("score", "mixed.askew", "mixed.parquet"),
        "column 'a' of mixed.parquet must be numbers as in the table the",
    ),
    # its columns
    (
        ("fit", "train.csv", "--label-column", "Lable", "-o", "m.askew"),
        "label column must be a column of train.csv; got",
    ),
    (("fit", "train.csv", "--label-column", "Lable", "-o", "m.askew"), "Did you mean 'label'?"),
    ((*TRAIN, "--drop", "d"), "column to leave out must be a column of train.csv; got 'd'"),
    ((*TRAIN, "--drop", "a", "--drop", "b", "--drop", "c"), "must include one to learn from"),
    (
        (*SCORE, "fewer.csv"),
        "columns of fewer.csv must include every column the model was fitted on; 'b' is missing",
    ),
    ((*SCORE, "capital.csv"), "'b' is missing. Did you mean 'B'?"),
    (
        (*SCORE, "train.csv", "--id-column", "ids"),
        "id column must be a column of train.csv; got 'ids'. Did you mean 'id'",
    ),
    ((*SCORE, "train.csv", "--id-column", "a"), "got 'a'. Fit with --id-column too"),
    ((*SCORE, "score_id.csv", "--id-column", "score"), "got 'score'. Fit with --id-column too, or rename it"),
    # its labels
    (
        ("fit", "words.csv", *FIT),
        "got 'ok' in row 1 (line 2). Say what its values mean with --anomaly VALUE and --normal",
    ),
    (
        ("fit", "words.csv", *FIT, "--anomaly", "theft"),
        "got 'ok' in row 1 (line 2). Add --anomaly, --normal or",
    ),
    (
        ("fit", "words.csv", *FIT, "--anomaly", "Fraud", "--normal", "ok"),
        "got 'fraud' in row 4 (line 5). 'fraud' looks like a spelling of 'Fraud': add --any-spelling",
    ),
    (
        ("fit", "slip.csv", *FIT, "--anomaly", "fraud", "--normal", "ok"),
        "got 'frauds' in row 5 (line 6). Did you mean 'fraud'?",
    ),
    (
        ("fit", "words.csv", *FIT, "--anomaly", "ok", "--normal", "ok"),
        "--normal must be a value with one meaning",
    ),
    (("fit", "pyod.csv", *FIT), "for example --normal=1 --unlabelled=0 or --anomaly=1 --unlabelled=0"),
    (("fit", "sklearn.csv", *FIT), "for example --anomaly=-1 --unlabelled=0 or --unlabelled=-1 --normal=0"),
    (("fit", "anomalies.csv", *FIT), "something to learn normal from"),
    (
        ("fit", "train.csv", "--drop", "id", "--anomaly", "x", "-o", "m"),
        "--label-column must be given with --anomaly",
    ),
    # the method and its parameters
    (
        (*TRAIN, "--detector", "dpvae"),
        "detector must be one that `askew methods` lists; got 'dpvae'. Did you mean 'dp_vae",
    ),
    ((*DP_VAE, "--set", "alfa=1"), "--set must name a parameter of dp_vae; got 'alfa'. Did you mean 'alpha'"),
    ((*DP_VAE, "--set", "training__epoch=1"), "Did you mean 'training__epochs'"),
    ((*DP_VAE, "--set", "alpha"), "--set must be name=value; got 'alpha'"),
    ((*DP_VAE, "--set", "alpha=1", "--set", "alpha=2"), "got 'alpha' twice"),
    ((*DP_VAE, "--epochs", "3", "--set", "training__epochs=4"), "--set must not repeat --epochs"),
    ((*DP_VAE, "--epochs", "0"), "epochs"),
    ((*DP_VAE, "--members", "0"), "members"),
    ((*DP_VAE, "--members", "two"), "Invalid value for '--members'"),
    ((*DP_VAE, "--set", "contamination=2"), "contamination of DPVAE must be in (0, 0.5]; got 2"),
    ((*DP_VAE, "--set", "training__lr=fast"), "lr of Training must be"),
    ((*TRAIN, "--epochs", "3"), "--epochs must be left out for auto, which has no training__epochs"),
    (
        (*TRAIN, "--set", "candidates=('vae',)"),
        "candidates of AutoDetector must be None or a tuple with some of",
    ),
    # the output
    (("fit", "train.csv", "--drop", "id", "-o", "no/m.askew"), "there is no folder no. Make it first"),
    (("fit", "train.csv", "--drop", "id", "-o", "."), "must be a file; got a folder"),
    (("fit", "train.csv", "--drop", "id", "-o", "train.csv"), "another file than the input"),
    (("fit", "absent.csv", "-o", "no/m.askew"), "there is no folder no"),
    ((*SCORE, "train.csv", "-o", "s.xlsx"), "output file must end in .parquet, .csv, .json; got 's.xlsx'"),
    ((*SCORE, "train.csv", "-o", "no/s.csv"), "there is no folder no"),
    ((*SCORE, "train.csv", "-o", "train.csv"), "another file than the input"),
    # the model
    (("score", "absent.askew", "train.csv"), "absent.askew"),
    (("score", "fake.askew", "train.csv"), "fake.askew"),
    (("score", "empty.askew", "train.csv"), "empty.askew"),
    (("score", "train.csv", "train.csv"), "train.csv"),
    (("score", ".", "train.csv"), "."),
    # usage
    (("fit",), "Missing argument 'DATA'. See: askew fit --help"),
    (("fit", "train.csv"), "Missing option '--output' / '-o'"),
    (("score", "model.askew"), "Missing argument 'DATA'. See: askew score --help"),
    ((*SCORE, "train.csv", "--top", "0"), "Invalid value for '--top'"),
    ((*SCORE, "train.csv", "--tops", "1"), "No such option: --tops"),
    (("scroe",), "No such command 'scroe'"),
    (("methods", "vea"), "got 'vea'. Did you mean 'vae'"),
    (("bench", "classic", "--preset", "papr"), "preset of run_classic must be"),
    (
        ("bench", "classic", "--seeds", "x"),
        "--seeds must be a number of seeds (10) or seeds (0-4 or 0,3,7); got 'x'",
    ),
    (("bench", "classic", "--methods", "dpvae"), "'dpvae'"),
]


@pytest.fixture(scope="session")
def mixed(tmp_path_factory):
    """A file with a model of one number and one word, and the id column of its training table."""
    path = tmp_path_factory.mktemp("model") / "mixed.askew"
    data = pd.DataFrame({"a": [1.0, None, 3.0] * 10, "city": ["Oslo", "Bergen", "Oslo"] * 10})
    askew.Prepared(askew.IsolationForest(random_state=0), other_columns=["id"]).fit(data).save(path)
    return path


@pytest.fixture
def folder(run, tmp_path, model, mixed):
    (tmp_path / "mixed.askew").write_bytes(mixed.read_bytes())
    (tmp_path / "none").mkdir()
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return tmp_path


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(("words", "fragment"), CASES, ids=[" ".join(words)[:70] for words, _ in CASES])
def test_bad_input(run, folder, words, fragment):
    before = contents(folder)
    outcome = run(*words)
    assert outcome.code == 2, outcome.err
    assert outcome.out == ""
    last = outcome.err.splitlines()[-1]
    assert last.startswith("error: ")
    assert fragment in last
    assert "Traceback" not in outcome.err
    assert contents(folder) == before


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder that even root cannot write to")
@pytest.mark.parametrize(
    "words", [("fit", "train.csv", "-o", "/proc/m.askew"), (*SCORE, "train.csv", "-o", "/proc/s.csv")]
)
def test_output_folder_is_checked_before_the_data(run, folder, words):
    (folder / "train.csv").unlink()
    outcome = run(*words)
    assert outcome.code == 2
    assert "must be in a folder that can be written to" in outcome.err
