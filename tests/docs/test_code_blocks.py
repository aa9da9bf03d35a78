"""The code of README and docs runs as it stands, block after block, in an empty folder."""

import re
import shlex

import numpy as np
import pandas as pd
import pytest
from markdown_blocks import PAGES, ROOT, blocks
from PIL import Image
from sklearn.metrics import roc_auc_score

import askew
from askew import datasets
from askew.benchmarks.protocols.by_name import protocol_named
from askew.cli.main import main

QUICK = {"isolation_forest"}  # a benchmark of nothing but these is run; longer ones are planned only


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder to be in, benchmarks that take long cut down to their plan, and quick choices for ``auto``."""
    import askew.detectors.auto
    from askew import benchmarks

    quick = ("kernel_ssad", "logistic_regression", "isolation_forest")
    monkeypatch.setattr(askew.detectors.auto, "NAMES", quick)

    run_classic = benchmarks.run_classic

    def short(preset, **settings):
        if set(settings["methods"] or ()) <= QUICK and settings["methods"]:
            return run_classic(preset, **settings | {"workers": 1})
        return planned("classic")(preset, **settings)

    def planned(name):
        def tabulate(preset, *, out, workers=1, cluster=None, resume=True, progress=None, **choice):
            protocol = protocol_named(name)
            plan = protocol.plan(protocol.choice(preset, choice))
            return protocol.tabulate(plan, protocol.results(out))

        return tabulate

    def planned_images(protocol, preset, *, out, **settings):
        return planned(protocol)(preset, out=out)

    monkeypatch.setattr(benchmarks, "run_images", planned_images, raising=False)
    for name in ("few_labels", "label_loop", "sentiment", "planning"):
        monkeypatch.setattr(benchmarks, f"run_{name}", planned(name), raising=False)
    monkeypatch.setattr(benchmarks, "run_classic", short, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_readings(folder):
    """Write what the README says that there is: readings.csv with a few labels, new.parquet without."""
    table = datasets.load("cardio")
    split = datasets.splits.classic_split(table, seed=0)
    rows = np.r_[np.flatnonzero(split.y_train == -1)[:8], np.flatnonzero(split.y_train == 0)[:112]]
    frame = readings(split.X_train[rows])
    frame["label"] = ["fault"] * 8 + ["ok"] * 5 + [""] * 107
    frame.to_csv(folder / "readings.csv", index=False)
    readings(split.X_test).to_parquet(folder / "new.parquet")


def readings(X):
    """Return numbers, words, dates and truth values, with gaps."""
    frame = pd.DataFrame(X[:, :6], columns=[f"sensor_{column}" for column in range(6)])
    frame.loc[::17, "sensor_3"] = np.nan
    frame["site"] = np.where(np.arange(len(X)) % 3, "Oslo", "Bergen")
    frame["seen"] = pd.Timestamp("2024-05-01") + pd.to_timedelta(np.arange(len(X)) % 40, unit="D")
    frame["checked"] = np.arange(len(X)) % 2 == 0
    return frame


def run_python(block, page, names):
    padding = "\n" * (block.line - 1)  # so that a traceback shows the page's line
    exec(compile(padding + block.text, str(page), "exec"), names)


def run_shell(block, capsys):
    for line in block.commands():
        program, *words = shlex.split(line)
        if program == "askew":
            capsys.readouterr()
            code = main(words)
            err = capsys.readouterr().err
            assert (code, "warning" in err) == (0, False), f"{line}: exit code {code}, {err}"
        elif program == "make":
            assert f"\n{words[0]}:" in (ROOT / "Makefile").read_text(encoding="utf-8"), line
        else:
            assert program == "python" and (ROOT / words[0]).is_file(), (
                f"{line}: not a command this test knows"
            )


def run_page(page, capsys):
    names = {"__name__": "page"}
    for block in blocks(page, "python", "sh"):
        if block.language == "python":
            run_python(block, page, names)
        else:
            run_shell(block, capsys)
    return names


def test_readme(folder, capsys):
    write_readings(folder)
    names = run_page("README.md", capsys)
    scores = pd.read_csv(folder / "scores.csv")
    assert len(scores) == len(names["new"]) == 733
    # the command line and Python do the same with the same seed
    best = scores["anomaly_score"].nlargest(10)
    np.testing.assert_allclose(names["suspects"]["anomaly_score"], best, rtol=1e-6)
    assert all(parameter.grad is not None for parameter in names["encoder"].parameters())


@pytest.mark.skipif(
    pd.__version__.startswith("2."), reason="pandas 2.2 reads a third of a CSV file's numbers one bit off"
)
def test_quickstart(folder, capsys):
    names = run_page("docs/quickstart.md", capsys)
    scores = pd.read_parquet(folder / "scores.parquet")
    assert len(scores) == len(names["new"])
    np.testing.assert_allclose(scores["score"], names["scores"], rtol=1e-6)
    anomaly = names["split"].anomaly_test
    without = names["unsupervised"].anomaly_score(names["new"])
    assert roc_auc_score(anomaly, -names["scores"]) > roc_auc_score(anomaly, without) + 0.01


def test_review_in_python(folder, capsys):
    names = run_page("docs/review-in-python.md", capsys)
    assert names["found"].n_anomalies >= 8 and names["pair"].n_both == 8
    answers = pd.read_csv(folder / "answers.csv")
    labelled = pd.read_parquet(folder / "labelled.parquet")
    known = labelled[labelled["label"] != 0].set_index("index")["label"]
    assert dict(known) == dict(answers.set_index("index")["label"]) and len(labelled) == 500
    assert (folder / "tasks.json").is_file() and (folder / "model.askew").is_file()


def write_models(folder):
    """Write models of a table and of images, and labelled rows and images to judge."""
    frame = readings(np.random.default_rng(0).normal(size=(60, 6)))
    askew.KDE(bandwidth=1.0).fit(frame).save(folder / "model.askew")
    frame.assign(order=range(60), label=["fraud"] * 3 + [""] * 57).to_csv(folder / "new.csv", index=False)
    pixels = np.random.default_rng(0).integers(0, 255, size=(12, 1, 8, 8), dtype=np.uint8)
    askew.KDE(bandwidth=1.0).fit(pixels).save(folder / "images.askew")
    (folder / "images" / "defects").mkdir(parents=True)
    for number, image in enumerate(pixels[:, 0]):
        path = folder / "images" / ("defects" if number < 2 else "") / f"{number}.png"
        Image.fromarray(image).save(path)


FILES = {
    "docs/explanations.md": write_readings,
    "docs/deploying.md": write_readings,
    "docs/report.md": write_models,
}
"""What pages say that there is."""

PYTHON_ELSEWHERE = {
    "CONTRIBUTING.md": "tests/docs/test_contributing_example.py",
    "docs/tutorials/your-own-vae.md": "tests/examples/test_your_own_vae.py",
}
"""Pages whose Python is files of a package and of an example, which have tests of their own."""

BY_NAME = {str(page.relative_to(ROOT)): page for page in PAGES if blocks(page, "python", "sh")}
READ_ABOVE = {"README.md", "docs/quickstart.md"}
READ_ELSEWHERE = {"docs/serving.md"}  # has a test of its own


@pytest.mark.parametrize("page", sorted(set(BY_NAME) - READ_ABOVE - READ_ELSEWHERE))
def test_every_other_page(page, folder, capsys):
    FILES.get(page, lambda folder: None)(folder)
    if page in PYTHON_ELSEWHERE:
        assert (ROOT / PYTHON_ELSEWHERE[page]).is_file()
        for block in blocks(page, "sh"):
            run_shell(block, capsys)
    else:
        run_page(page, capsys)


def test_no_page_is_forgotten():
    assert {
        *FILES,
        *PYTHON_ELSEWHERE,
        *READ_ABOVE,
        *READ_ELSEWHERE,
        "docs/tables.md",
        "docs/sentiment.md",
    } <= set(BY_NAME)


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "py")], ids=lambda page: page.name)
def test_what_needs_another_system_compiles_and_names_what_there_is(page):
    """Python that runs in Spark, say, which is not here."""
    for block in blocks(page, "py"):
        compile(block.text, str(page), "exec")
        own = [line for line in block.text.splitlines() if re.match(r"(from|import) askew", line)]
        assert own
        exec("\n".join(own), {})


def test_every_block_says_what_it_is():
    known = {"python", "py", "sh", "text", "{toctree}"}
    unknown = [
        f"{page.name}:{block.line}"
        for page in PAGES
        for block in all_blocks(page)
        if block.language not in known
    ]
    assert unknown == []


def all_blocks(page):
    languages = {
        line[3:].strip() for line in page.read_text(encoding="utf-8").splitlines() if line[:3] == "```"
    }
    return blocks(page, *languages)
