"""What askew says to inputs that it cannot use: the cases, and the page docs/bad-inputs.md made of them.

Run: python tools/bad_inputs.py    (writes the page; tests/docs/test_bad_inputs.py runs the same cases)
"""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import re
import shlex
import tempfile
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

import askew
from askew import files
from askew.cli.main import main
from askew.errors import DataFileError, InvalidInputError, LabelError, ModelFileError

PAGE = Path(__file__).parents[1] / "docs" / "bad-inputs.md"
FIT = "askew fit {} --label-column label -o new.askew"
SCORE = "askew score {} {} -o scores.csv"


class Case(NamedTuple):
    """An input, the error it gets, and what the message must say: what is wrong, and what to do."""

    given: str  # a command line, or Python in a folder with the files below
    error: type[Exception]
    wrong: str
    remedy: str


def fit(file: str, more: str = "") -> str:
    """Return the command that fits a model on a file."""
    return f"{FIT.format(file)} {more}".strip()


def score(data: str, model: str = "model.askew", more: str = "") -> str:
    """Return the command that scores a file."""
    return f"{SCORE.format(model, data)} {more}".strip()


CASES = {
    "Files": [
        Case(fit("trian.csv"), DataFileError, "table trian.csv", "Did you mean train.csv"),
        Case(fit("notes.txt"), DataFileError, "'.txt'", "Save it as CSV or parquet"),
        Case(fit("empty.csv"), DataFileError, "got an empty file", "Write it again."),
        Case(fit("header.csv"), DataFileError, "got the header line only", "Check how it was written."),
        Case(fit("ragged.csv"), DataFileError, "got 4 in row 2 (line 3)", "Correct that line"),
        Case(fit("latin.csv"), DataFileError, "text in UTF-8", "name its encoding (--encoding cp1252)"),
        Case(fit("cut.csv.gz"), DataFileError, "a CSV file that is whole", "Write it again."),
        Case(fit("fake.parquet"), DataFileError, "must be a parquet file", "Write it again."),
        Case(fit("train.csv", "--output train.csv"), InvalidInputError, "got the same", "Choose a new name."),
        Case(
            "askew score model.askew train.csv -o no/scores.csv",
            InvalidInputError,
            "there is no folder no",
            "Make it first",
        ),
        Case(
            "askew score model.askew train.csv -o s.xlsx", InvalidInputError, "'s.xlsx'", "Choose an ending"
        ),
    ],
    "Columns": [
        Case(fit("twice.csv"), InvalidInputError, "'amount' for columns 1 and 2", "Rename one."),
        Case(fit("word.csv"), DataFileError, "'many' in row 11 (line 12)", "Correct the cell or empty it"),
        Case(fit("comma.csv"), DataFileError, "'1,5' in row 11", "Write all of them alike"),
        Case(
            fit("grouped.csv"), DataFileError, "the comma may be decimal", "--decimal ',' or --thousands ','"
        ),
        Case(fit("units.csv"), DataFileError, "'300 g' in row 2", "Write all of them alike"),
        Case(fit("zones.csv"), DataFileError, "dates written one way", "Write all of them alike"),
        Case(fit("clocks.csv"), DataFileError, "dates written one way", "say that they are numbers"),
        Case(fit("infinite.csv"), DataFileError, "got inf in row 11", "Empty the cell"),
        Case(fit("slashes.csv"), DataFileError, "day or month may come first", "Write dates as 2024-12-31"),
        Case(fit("train.csv", "--drop cuntry"), InvalidInputError, "got 'cuntry'", "Did you mean 'country'?"),
        Case(
            fit("train.csv", "--column-kind amount=categorical"),
            InvalidInputError,
            "got 'categorical'",
            "Did you mean 'category'?",
        ),
        Case(score("missing.csv"), InvalidInputError, "'country' is missing", "The other columns are:"),
        Case(score("renamed.csv"), InvalidInputError, "'country' is missing", "Did you mean 'Country'?"),
        Case(score("extra.csv"), InvalidInputError, "'wind' is not among them", "--ignore-extra"),
        Case(score("retyped.parquet"), InvalidInputError, "column 'amount'", "Turn it into numbers"),
        Case(
            "askew.VAE().fit([[1.0, 2.0], [None, 1.0]])",
            InvalidInputError,
            "got NaN in row 1, column 0",
            "askew.Prepared",
        ),
        Case(
            'askew.VAE().fit([["Oslo", 1.0], ["Rome", 2.0]])',
            InvalidInputError,
            "got 'Oslo' in row 0, column 0",
            "Give a frame",
        ),
        Case(
            'askew.Prepared(askew.VAE()).fit(pd.DataFrame({"a": [1, "x"]}))',
            InvalidInputError,
            "got int and str",
            "Make them all text",
        ),
    ],
    "Labels": [
        Case(
            "askew fit train.csv --label-column lable -o new.askew",
            InvalidInputError,
            "got 'lable'",
            "Did you mean 'label'?",
        ),
        Case(fit("words.csv"), LabelError, "got 'ok' in row 1", "--anomaly VALUE"),
        Case(fit("words.csv", "--anomaly theft"), LabelError, "got 'ok' in row 1", "Add --anomaly, --normal"),
        Case(fit("spelt.csv", "--anomaly fraud"), LabelError, "got 'Fraud' in row 5", "add --any-spelling"),
        Case(fit("zero_one.csv"), LabelError, "got only '0', '1'", "--anomaly=1"),
        Case("askew.VAE().fit(X, [0, 1, 0, 1])", LabelError, "y of VAE", "from_pyod"),
        Case("askew.VAE().fit(X, [0, 0, -1])", LabelError, "y of VAE", "one label per row"),
        Case("askew.LogisticRegression().fit(X, [0, 0, 0, 0])", LabelError, "at least one -1", "Mark some"),
    ],
    "Parameters": [
        Case(fit("train.csv", "--detector dpvae"), InvalidInputError, "got 'dpvae'", "Did you mean 'dp_vae'"),
        Case(
            fit("train.csv", "--detector dp_vae --set alfa=1"),
            InvalidInputError,
            "got 'alfa'",
            "Did you mean 'alpha'",
        ),
        Case(
            fit("train.csv", "--detector dp_vae --set contamination=2"),
            InvalidInputError,
            "contamination of DPVAE",
            "0.05",
        ),
        Case("askew.VAE(n_members=0).fit(X)", InvalidInputError, "n_members of VAE", "Use 1 for"),
        Case('askew.VAE(scale="minmax").fit(X)', InvalidInputError, "scale of VAE", 'Use "robust"'),
        Case(
            "askew.VAE().set_params(training__lr=-1).fit(X)",
            InvalidInputError,
            "lr of Training",
            "Leave it out for the default.",
        ),
        Case('askew.VAE(device="tpu").fit(X)', InvalidInputError, "device of VAE", 'Use "cpu".'),
    ],
    "Model files": [
        Case(score("train.csv", "modle.askew"), ModelFileError, "'modle.askew'", "Check the path."),
        Case(score("train.csv", "train.csv"), ModelFileError, "not an askew model", "Copy it again"),
        Case(score("train.csv", "cut.askew"), ModelFileError, "is damaged", "save the model anew"),
        Case(score("train.csv", "edited.askew"), ModelFileError, "was changed", "Use the original file."),
        Case(score("train.csv", "newer.askew"), ModelFileError, "newer askew", "Upgrade askew."),
        Case(score("train.csv", "foreign.askew"), ModelFileError, "a 'gan'", "Upgrade askew."),
    ],
}


def train_table() -> pd.DataFrame:
    """Return a number, a word and a label in forty rows."""
    return pd.DataFrame(
        {
            "amount": np.arange(40.0),
            "country": ["NO", "SE"] * 20,
            "label": [0] * 38 + [-1] * 2,
        }
    )


def write_files(folder: Path) -> None:
    """Write every file that the cases name."""
    data = train_table()
    data.to_csv(folder / "train.csv", index=False)
    odd = data.astype({"amount": object})
    for name, value in {"word": "many", "comma": "1,5", "infinite": "inf"}.items():
        odd.loc[10, "amount"] = value
        odd.to_csv(folder / f"{name}.csv", index=False)
    data.assign(day="01/02/2024").to_csv(folder / "slashes.csv", index=False)
    data.drop(columns="country").to_csv(folder / "missing.csv", index=False)
    data.rename(columns={"country": "Country"}).to_csv(folder / "renamed.csv", index=False)
    data.assign(wind=1).to_csv(folder / "extra.csv", index=False)
    data.assign(amount="much").to_parquet(folder / "retyped.parquet")
    data.assign(label=["ok", "", "fraud", ""] * 10).to_csv(folder / "words.csv", index=False)
    data.assign(label=["fraud", "", "ok", ""] + ["Fraud", "FRAUD ", "fraud.", "ok"] * 9).to_csv(
        folder / "spelt.csv", index=False
    )
    data.assign(label=[0, 1] * 20).to_csv(folder / "zero_one.csv", index=False)
    texts = {
        "notes.txt": "amount,label\n1,0\n",
        "empty.csv": "",
        "header.csv": "amount,country,label\n",
        "ragged.csv": "amount,country,label\n1,NO,0\n2,NO,0,9\n",
        "twice.csv": "amount,amount,label\n1,2,0\n",
        "fake.parquet": "amount,label\n1,0\n",
        "grouped.csv": 'amount,label\n"1,234",0\n"12",0\n',
        "units.csv": "amount,label\n1 kg,0\n300 g,0\n",
        "zones.csv": "day,label\n2024-03-05T10:00:00,0\n2024-03-05T10:00:00Z,0\n",
        "clocks.csv": "time,label\n1709600000,0\n1709600000000,0\n",
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
    (folder / "latin.csv").write_bytes("amount,country,label\n1,\xe5,0\n2,b,0\n".encode("latin-1"))
    (folder / "cut.csv.gz").write_bytes(gzip.compress(data.to_csv(index=False).encode())[:80])
    write_models(folder, data)


def write_models(folder: Path, data: pd.DataFrame) -> None:
    """Write a good model and several that are not."""
    model = folder / "model.askew"
    prepared = askew.Prepared(askew.IsolationForest(random_state=0), other_columns=["label"])
    prepared.fit(data.drop(columns="label")).save(model)
    whole = model.read_bytes()
    (folder / "cut.askew").write_bytes(whole[: len(whole) // 2])
    (folder / "edited.askew").write_bytes(whole.replace(b"amount", b"amOUnt"))
    header, arrays = files.read(model)
    files.write(folder / "newer.askew", header | {"format": files.FORMAT + 1}, arrays)
    files.write(folder / "foreign.askew", header | {"class": "gan"}, arrays)


def provoke(case: Case, folder: Path) -> Exception | None:
    """Return the error that a case gives in a folder with the files, or None."""
    X = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0], "b": [1.0, 0.0, 1.0, 0.0]})
    with contextlib.chdir(folder), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before = os.environ.get("ASKEW_DEBUG")
        os.environ["ASKEW_DEBUG"] = "1"  # the error itself, instead of its line on stderr
        try:
            if case.given.startswith("askew "):
                with contextlib.redirect_stderr(io.StringIO()):
                    main(shlex.split(case.given)[1:])
            else:
                exec(case.given, {"askew": askew, "pd": pd, "X": X})
        except Exception as error:
            return error
        finally:
            del os.environ["ASKEW_DEBUG"]
            if before is not None:
                os.environ["ASKEW_DEBUG"] = before
    return None


def said(error: Exception | None) -> str:
    """Return a message as the page shows it: on one line, without what other libraries say in it."""
    text = " ".join(str(error).splitlines())
    text = re.sub(r"(damaged or (?:of another kind|not an askew model)) \(.*?\)(?=\. )", r"\1 (...)", text)
    return re.sub(r"that is whole; got: .*?\. Write", "that is whole; got (...). Write", text)


def page(folder: Path) -> str:
    """Return the page as text; the folder has the files."""
    lines = [
        "# Bad inputs, and what askew says",
        "",
        "Every message names what is wrong and what to do. On the command line it is one line on stderr, the exit",
        "code is 2, and no file is changed; in Python it is the error named here, from `askew.errors`, which is",
        "also a `ValueError`. `X` stands for a table of four rows.",
        "",
        "`tools/bad_inputs.py` makes this page from the cases that the tests run. `(...)` stands for what another",
        "library says.",
    ]
    for group, cases in CASES.items():
        lines += ["", f"## {group}", "", "| given | error | message |", "| --- | --- | --- |"]
        for case in cases:
            error = provoke(case, folder)
            message = said(error).replace("|", "\\|").replace("<", "&lt;")
            lines.append(f"| `{case.given}` | `{case.error.__name__}` | {message} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        write_files(Path(name))
        PAGE.write_text(page(Path(name)), encoding="utf-8")
