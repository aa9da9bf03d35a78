"""Names in data are no markup: not on the terminal, not on pages, whatever command they pass through."""

import io
import json
import os
import re
import sys

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import askew
from askew.cli import console

NAMES = (
    *(
        "[/]",
        "[red]A[/red]",
        ":smile:",
        "<script>x</script>",
        "'\"><img src=x onerror=y>",
        "{{ 7*7 }}",
        "%s {0}",
    ),
    *(
        "a|b",
        "[c](javascript:x)",
        "\x1b[31mred",
        "\x1b]0;title\x07",
        "two\nlines",
        "\u202etxt.exe",
        "\x9b2J",
        "\u200b",
    ),
)
NASTY = "[bold]<b>\x1b[2J\u202e\n\x07"
FIT = ["--detector", "isolation_forest", "--set", "n_estimators=5"]
LABELS = ["--label-column", f"label{NASTY}", "--anomaly", f"bad{NASTY}", "--normal", "ok<i>"]
ID = ["--id-column", f"id{NASTY}"]


@pytest.fixture
def files(tmp_path):
    """A model and its table, with hostile names of columns, rows, words and of the files themselves."""
    n = 60
    X = np.random.default_rng(0).normal(size=(n, 3))
    X[-4:] += 8
    frame = pd.DataFrame(X, columns=["[/red]", "<script>", f"x{NASTY}"])
    frame[f"word{NASTY}"] = [NAMES[row % len(NAMES)] for row in range(n)]
    frame[f"id{NASTY}"] = [f"{NAMES[-row % len(NAMES)]}{row}" for row in range(n)]
    frame[f"label{NASTY}"] = ["ok<i>"] * 4 + [""] * (n - 8) + [f"bad{NASTY}"] * 4
    data, model = tmp_path / f"t{NASTY}.parquet", tmp_path / f"m{NASTY}.askew"
    frame.to_parquet(data)
    forest = askew.IsolationForest(n_estimators=5, random_state=0)
    features = frame.drop(columns=[ID[1], LABELS[1]])
    askew.Prepared(forest, other_columns=[ID[1], LABELS[1]]).fit(features).save(model)
    return model, data


def assert_harmless(result, code=0):
    assert result.code == code, result.err
    for text in (result.out, result.err):
        assert all(character.isprintable() for character in text.replace("\n", ""))
    assert "unexpected" not in result.err and "Traceback" not in result.err


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (
            ["fit", "DATA", *LABELS, *ID, *FIT, "-o", f"new{NASTY}.askew"],
            r"  x[bold]<b>\x1b[2J\u202e\n\x07: number",
        ),
        (["score", "MODEL", "DATA", *ID, "--top", "9", "--reasons", "4"], "<script>: "),
        (["score", "MODEL", "DATA", *ID, "--top", "60"], " [red]A[/red]59 "),
        (
            ["score", "MODEL", "DATA", *ID, "-o", f"scores{NASTY}.csv"],
            r"Wrote scores[bold]<b>\x1b[2J\u202e\n\x07.csv.",
        ),
        (["explain", "MODEL", "DATA", *ID, "--top", "30"], r"word[bold]<b>\x1b[2J\u202e\n\x07"),
        (
            ["threshold", "MODEL", "DATA", *LABELS, "--rule", "quantile:0.1", "-o", f"c{NASTY}.askew"],
            r"c[bold]<b>\x1b[2J",
        ),
        (["report", "MODEL"], r"m[bold]<b>\x1b[2J\u202e\n\x07.html"),
        (["export", "MODEL", "-o", f"o{NASTY}.onnx"], r"o[bold]<b>\x1b[2J\u202e\n\x07.onnx"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_every_command_prints_names_as_they_are(files, run, words, shown):
    if words[0] == "export":
        pytest.importorskip("onnx")
    result = run(*(dict(MODEL=files[0], DATA=files[1]).get(word, word) for word in words))
    assert_harmless(result)
    assert shown in result.out + result.err


@pytest.mark.parametrize(
    "words",
    [
        ["fit", "DATA", "--label-column", NASTY, "-o", "x.askew"],
        ["fit", "DATA", *LABELS[:2], "-o", "x.askew"],
        ["fit", "DATA", "--detector", NASTY, "-o", "x.askew"],
        ["fit", "DATA", "--set", f"{NASTY}=1", "-o", "x.askew"],
        ["fit", NASTY, "-o", "x.askew"],
        ["score", "MODEL", "DATA", "--id-column", NASTY],
        ["threshold", "MODEL", "DATA", "--rule", NASTY, "-o", "x.askew"],
        ["report", NASTY],
        ["methods", NASTY],
        ["datasets", "fetch", NASTY],
        ["bench", "classic", "--methods", NASTY],
        ["bench", "few-labels", "--seeds", NASTY],
        [NASTY],
        ["fit", f"--{NASTY}"],
    ],
    ids=lambda words: " ".join(words[:1]).encode("unicode_escape").decode(),
)
def test_refusals_print_names_as_they_are(files, run, words):
    result = run(*(dict(MODEL=files[0], DATA=files[1]).get(word, word) for word in words))
    assert_harmless(result, code=2)
    said = result.err.lstrip("\n")  # old releases of rich end a bar that is not shown with an empty line
    assert said.startswith("error: ") and said.count("\n") == 1


def test_json_holds_the_names_themselves(files, run):
    model, data = files
    result = run("score", model, data, *ID, "--json")
    assert_harmless(result)
    about = json.loads(result.out)
    assert about["data"] == str(data)
    assert [row[ID[1]] for row in about["rows"]] == list(pd.read_parquet(data)[ID[1]])


def test_scores_on_a_terminal_control_nothing_and_in_a_pipe_are_as_they_are(files, run, monkeypatch):
    model, data = files
    assert "\x1b[31mred" in run("score", model, data, *ID).out
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    result = run("score", model, data, *ID)
    assert_harmless(result)
    assert r"\x1b[31mred" in result.out


def test_pages_and_cards_have_no_tags_of_names(files, run):
    model, data = files
    result = run("report", model, "--data", data, *LABELS)
    assert_harmless(result)
    page, card = (model.with_suffix(ending).read_text() for ending in (".html", ".md"))
    for text in (page, card):
        assert not re.search(r"<script|<img|<b>|<i>", text)
        assert all(character.isprintable() for character in text.replace("\n", "").replace("\xad", ""))
    assert "&lt;script&gt;" in page and "](javascript" not in card


def test_images_with_hostile_names(run, tmp_path):
    folder = tmp_path / f"images{NASTY}"
    folder.mkdir()
    pixels = np.random.default_rng(0).integers(0, 99, (16, 8, 8)).astype(np.uint8)
    names = [*(name.replace("/", "∕") for name in NAMES), os.fsdecode(b"not-utf8-\xff")]
    for name, image in zip(names, pixels, strict=True):
        Image.fromarray(image).save(folder / f"{name}.png")
    model = tmp_path / "m.askew"
    askew.IsolationForest(n_estimators=5, random_state=0).fit(pixels[:, None]).save(model)
    assert_harmless(run("score", model, folder, "-o", "s.csv", "--top", "30"))
    assert_harmless(run("explain", model, folder, "-o", "sheet.png"))
    assert r"not-utf8-\xff.png" in (tmp_path / "s.csv").read_text()
    assert_harmless(run("report", model, "--data", folder))
    (folder / f"broken{NASTY}.png").write_text("none")
    assert_harmless(run("score", model, folder, "--skip-corrupt", "-o", "s.csv"))
    assert_harmless(run("score", model, folder, "-o", "s.csv"), code=2)


def test_a_stream_without_the_characters_loses_none(monkeypatch, tmp_path):
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", narrow)
    console.say("AUROC ± 5 €")
    console.print_rows(["ø"], [["€"]])
    narrow.flush()
    assert narrow.buffer.getvalue().split() == [rb"AUROC", rb"\xb1", b"5", rb"\u20ac", rb"\xf8", rb"\u20ac"]
    narrow.buffer.seek(0), narrow.buffer.truncate()
    (tmp_path / "rows.json").write_text('[{"id": "€𝄞"}]\n', encoding="utf-8")
    console.print_json({"data": "ø.csv"}, rows=tmp_path / "rows.json")
    narrow.flush()
    assert json.loads(narrow.buffer.getvalue()) == {"data": "ø.csv", "rows": [{"id": "€𝄞"}]}
    narrow.buffer.seek(0), narrow.buffer.truncate()
    (tmp_path / "rows.csv").write_text("id\n€\n", encoding="utf-8")
    console.print_file(tmp_path / "rows.csv")
    narrow.flush()
    assert narrow.buffer.getvalue().decode() == "id\n€\n"  # data stay what they are


def test_formulas_are_quoted_in_csv_when_asked_for(run, tmp_path):
    words = ["=cmd|' /C calc'!A0", "@SUM(A1)", "-1.5", "plain"] * 10
    frame = pd.DataFrame({"=id": [f"{word}{row}" for row, word in enumerate(words)], "x": range(40)})
    frame.to_parquet(tmp_path / "t.parquet")
    askew.KDE(bandwidth=1.0).fit(frame[["x"]]).save(tmp_path / "m.askew")
    ask = ["score", "m.askew", "t.parquet", "--id-column", "=id"]
    assert run(*ask, "-o", "as-it-is.csv").code == 0
    assert run(*ask, "--quote-formulas", "-o", "s.csv").code == 0
    assert run("explain", *ask[1:], "--quote-formulas", "--top", "40", "-o", "e.csv").code == 0
    assert (tmp_path / "as-it-is.csv").read_text().startswith("=id,")
    for name in ("s.csv", "e.csv"):
        header, *lines = (tmp_path / name).read_text().splitlines()
        assert header.startswith("'=id,")
        assert sum(line.lstrip('"').startswith(("'=cmd", "'@SUM")) for line in lines) >= 10
        assert not any(line.lstrip('"').startswith(("=", "@")) for line in lines)
    assert run(*ask, "--quote-formulas").out.startswith("'=id,")
    refused = run(*ask, "--quote-formulas", "-o", "s.parquet")
    assert (
        refused.code == 2
        and "--quote-formulas must be given with a CSV output; got '.parquet'" in refused.err
    )
