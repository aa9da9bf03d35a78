"""``askew serve`` as a process of its own: a model replaced without a lost request, and an end that answers all."""

import http.client
import json
import os
import re
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress

import pytest
from serving_rows import orders, put

import askew

COMMAND = "import sys; from askew.cli.main import main; sys.exit(main(sys.argv[1:]))"
HEADERS = {"Content-Type": "application/json"}
ROWS = orders().head(1).to_json(orient="records")


@pytest.fixture
def serve(forks, model_file, tmp_path):
    """Start ``askew serve`` in a process and return the process and its port."""
    put(model_file.read_bytes(), tmp_path / "model.askew")
    children = []

    def serve(*words):
        child = forks.start(COMMAND, "serve", "model.askew", "--port", 0, "--json", *words, folder=tmp_path)
        children.append(child)
        text = ""
        while not text.rstrip().endswith("}"):
            line = child.stdout.readline()
            assert line, child.wait().stderr
            text += line
        return child, int(json.loads(text)["address"].rpartition(":")[2])

    yield serve
    for child in children:
        if not child.stdout.closed:  # a test that failed
            with suppress(ProcessLookupError):
                os.kill(child.pid, signal.SIGTERM)
            child.wait()


def ask(connection, method="POST", path="/score", body=ROWS):
    connection.request(method, path, body, HEADERS)
    response = connection.getresponse()
    return response.status, response.headers, response.read().decode()


def get(port, path):
    with closing(http.client.HTTPConnection("localhost", port)) as connection:
        return ask(connection, "GET", path, None)[2]


def until(port, path, pattern):
    """Ask until the answer has a text, and return it."""
    deadline = time.monotonic() + 60
    while not re.search(pattern, found := get(port, path)):
        assert time.monotonic() < deadline, found
    return found


@pytest.mark.parametrize("workers", [1, 2])
def test_no_request_is_lost_when_the_model_is_replaced(workers, serve, tmp_path):
    child, port = serve("--workers", workers, "--no-watch")
    other = tmp_path / "other"
    askew.Prepared(askew.KDE(bandwidth=1.0)).fit(orders()).save(other)
    n_each, replaced = 60, []

    def send(place):
        answers = []
        for number in range(n_each):
            if (place, number) == (0, n_each // 3):
                put(b"junk", tmp_path / "model.askew")
                os.kill(child.pid, signal.SIGHUP)
                until(port, "/metrics", rf'loads_total{{outcome="refused"}} {workers}.0')
                put(other.read_bytes(), tmp_path / "model.askew")
                os.kill(child.pid, signal.SIGHUP)
                until(port, "/metrics", rf'loads_total{{outcome="used"}} {workers}.0')
                replaced.append(True)
            after = bool(replaced)
            status, headers, body = ask(connections[place])
            answers.append((status, after, headers["X-Askew-Model"], json.loads(body)["rows"][0]["score"]))
        return answers

    with ExitStack() as stack:
        connections = [
            stack.enter_context(closing(http.client.HTTPConnection("localhost", port))) for _ in range(4)
        ]
        threads = stack.enter_context(ThreadPoolExecutor(4))
        answers = [each for part in threads.map(send, range(4)) for each in part]
    assert {status for status, *_ in answers} == {200} and len(answers) == 4 * n_each
    scores = {digest: {score for *_, of, score in answers if of == digest} for *_, digest, _ in answers}
    assert [len(each) for each in scores.values()] == [1, 1]  # each model has one score for the row
    assert len({digest for _, after, digest, _ in answers if after}) == 1
    counted = until(port, "/metrics", rf'requests_total{{endpoint="score",status="200"}} {4 * n_each}.0')
    assert f"askew_rows_total {4 * n_each}.0" in counted
    if workers == 2:  # one that dies is started again; what it counted stays
        os.kill(int(re.search(r"\[(\d+)\] model.askew is not used", child.errors())[1]), signal.SIGKILL)
        until(port, "/metrics", r'queue_limit{queue="score"} 64\.0')
        assert f"askew_rows_total {4 * n_each}.0" in until(port, "/metrics", r'limit{queue="score"} 128\.0')
    os.kill(child.pid, signal.SIGTERM)
    done = child.wait()
    assert done.returncode == 0
    assert done.stderr.count("goes on: 'model.askew' is damaged") == workers
    assert "Traceback" not in done.stderr


def test_a_request_under_way_is_answered_after_the_signal_to_stop(serve):
    child, port = serve("--workers", 1)
    with socket.create_connection(("localhost", port)) as connection:
        head = ["POST /score HTTP/1.1", "Host: localhost", "Content-Type: application/json"]
        head += [f"Content-Length: {len(ROWS)}", "", ROWS[:9]]
        connection.sendall("\r\n".join(head).encode())
        until(port, "/metrics", r'queue{queue="score"} 1\.0')
        os.kill(child.pid, signal.SIGTERM)
        with pytest.raises(OSError):
            while True:  # until nobody listens any more
                socket.create_connection(("localhost", port)).close()
        connection.sendall(ROWS[9:].encode())
        answer = connection.makefile("rb").read().decode()
    assert answer.startswith("HTTP/1.1 200") and answer.endswith("}]}")
    assert child.wait().returncode == 0
