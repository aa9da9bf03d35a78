"""``askew review``: answers are written without the page, settings are kept, the page opens with the token alone."""

import json
import os
import signal

import httpx
import pytest
from cli_tables import table

SERVE = "import sys\nfrom askew.cli.main import main\nsys.exit(main(sys.argv[1:]))"


@pytest.fixture
def new(model, tmp_path):
    table()[["a", "b", "c"]].head(40).to_csv(tmp_path / "new.csv", index=False)


def test_answers_and_settings_are_kept_in_the_folder(run, new, tmp_path):
    from askew.review import open_review

    words = (
        "review",
        "model.askew",
        "new.csv",
        "--order",
        "random",
        "--budget",
        7,
        "--export",
        "a.csv",
        "--json",
    )
    done = run(*words)
    assert (done.code, json.loads(done.out)["exported"]) == (0, 0)
    with open_review(tmp_path / "model.askew", tmp_path / "new.csv") as session:
        assert (session.settings.order, session.settings.budget) == ("random", 7)
        session.answer([1, 2], ["anomaly", "normal"])
    done = run("review", "model.askew", "new.csv", "--export", "a.json")
    assert done.code == 0 and len(json.loads((tmp_path / "a.json").read_text())) == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--order", "best"), "order of ReviewSettings must be"),
        (("--port", "0", "--host", "192.0.2.1"), "--host and --port must be an address of this machine"),
        (("--export", "answers.docx"), "must end in"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(run, new, words, message):
    done = run("review", "model.askew", "new.csv", *words)
    assert done.code == 2 and message in done.err and "Traceback" not in done.err


def test_without_the_extra_it_names_it(run, new, monkeypatch):
    import importlib.util

    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "starlette" else found(name)
    )
    done = run("review", "model.askew", "new.csv")
    assert (done.code, "pip install 'askew[review]'" in done.err) == (2, True)


def test_the_page_opens_with_the_token_alone_until_ctrl_c(forks, new, tmp_path):
    words = ("review", "model.askew", "new.csv", "--port", "0", "--no-open", "--json")
    child = forks.start(SERVE, *words, folder=tmp_path)
    about = json.loads("".join(iter(child.stdout.readline, "}\n")) + "}")
    try:
        with httpx.Client(follow_redirects=True) as browser:
            assert browser.get(about["address"].partition("?")[0]).status_code == 401
            assert "What drove the score" in browser.get(about["address"]).text
    finally:
        os.kill(child.pid, signal.SIGINT)
        ended = child.wait()
    assert (ended.returncode, "Stopped. 0 of 40 rows have an answer" in ended.stderr) == (0, True)
