"""The page about serving: its commands and its Python, asked of a service that runs in a thread."""

import json
import shlex
import shutil
import socket
import subprocess
import threading

import pandas as pd
import pytest
import uvicorn
from markdown_blocks import blocks
from test_code_blocks import run_python, write_readings

from askew.cli.main import main
from askew.serving.service import Service

PAGE, PORT = "docs/serving.md", "8731"


@pytest.fixture
def port(monkeypatch):
    """A free port; what ``askew serve`` would do runs in a thread, until the test ends."""
    servers = []

    def serve(settings, ready):
        service = Service(settings)
        config = uvicorn.Config(service.application(), port=settings.port, log_config=None, lifespan="on")
        servers.append(uvicorn.Server(config))
        threads.append(threading.Thread(target=servers[-1].run))
        threads[-1].start()
        while not servers[-1].started:
            pass
        ready("")

    threads = []
    monkeypatch.setattr("askew.serving.serve", serve)
    with socket.socket() as free:
        free.bind(("localhost", 0))
        number = str(free.getsockname()[1])
    yield number
    for server, thread in zip(servers, threads, strict=True):
        server.should_exit = True
        thread.join()


def test_its_commands_and_its_python_run(port, tmp_path, monkeypatch):
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    monkeypatch.chdir(tmp_path)
    write_readings(tmp_path)
    new = pd.read_parquet("new.parquet")
    (tmp_path / "rows.json").write_text(blocks(PAGE, "text")[0].text)
    answers, names = [], {}
    for block in blocks(PAGE, "python", "sh"):
        block = block._replace(text=block.text.replace(PORT, port))
        if block.language == "python":
            run_python(block, PAGE, names)
            continue
        for line in block.commands():
            program, *words = shlex.split(line)
            if program == "askew":
                assert main(words) == 0, line
            else:
                done = subprocess.run([program, *words], capture_output=True, text=True, check=True)
                answers.append(done.stdout and json.loads(done.stdout))
    scored, with_reasons, explained = answers[1:]
    assert json.loads((tmp_path / "schema.json").read_text())["example"][0]["site"] in ("Oslo", "Bergen")
    assert (scored["n_rows"], scored["rows"][0]["prediction"]) == (1, -1)
    assert "reason_2_share" in with_reasons["rows"][0] and len(explained["rows"]) == 1
    assert names["by_json"]["rows"] == names["scores"].to_dict("records")
    assert len(names["scores"]) == len(new)
