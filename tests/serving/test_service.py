"""The application: scores are those of the command line, so are its messages, and what is too much is refused."""

import json
import threading

import pandas as pd
import pyarrow as pa
import pytest
from serving_rows import orders, put

import askew
from askew.cli.main import main

ARROW = {"Content-Type": "application/vnd.apache.arrow.stream"}
ROWS = json.loads(orders().head(9).to_json(orient="records"))


def stream(frame):
    sink = pa.BufferOutputStream()
    table = pa.Table.from_pandas(frame, preserve_index=False)
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def by_command(words, capsys):
    code = main([str(word) for word in words])
    out, err = capsys.readouterr()
    return code, out, err


def test_rows_get_the_scores_of_the_command_line_as_json_and_as_arrow(start, model_file, tmp_path, capsys):
    client = start()
    (tmp_path / "rows.json").write_text(json.dumps(ROWS))
    _, out, _ = by_command(["score", model_file, tmp_path / "rows.json", "--json"], capsys)
    expected = json.loads(out)["rows"]
    found = client.post("/score", json=ROWS)
    assert found.status_code == 200
    assert found.json()["rows"] == expected
    assert set(expected[0]) == {"row", "score", "anomaly_score", "prediction", "p_value", "severity"}
    lines = "\n".join(map(json.dumps, ROWS))
    found = client.post("/score", content=lines, headers={"Content-Type": "application/x-ndjson"})
    assert found.json()["rows"] == expected
    found = client.post("/score", content=stream(pd.DataFrame(ROWS)), headers=ARROW)
    table = pa.ipc.open_stream(found.content).read_all()
    assert table.to_pylist() == expected
    assert json.loads(table.schema.metadata[b"askew"])["n_rows"] == len(ROWS)
    found = client.post(
        "/score", content=stream(pd.DataFrame(ROWS)), headers=ARROW | {"Accept": "application/json"}
    )
    assert found.json()["rows"] == expected


BAD = {
    "a word for a number": [{**ROWS[0], "amount": "much"}],
    "a column is missing": [{"amount": 1.0}],
    "a column too many": [{**ROWS[0], "colour": "red"}],
    "another kind": [{**ROWS[0], "country": True, "paid": "Norway"}],
    "a list": [{**ROWS[0], "amount": [1]}],
    "no rows": [],
    "no object": [ROWS[0], 3],
    "infinite": [{**ROWS[0], "amount": float("inf")}],
}


@pytest.mark.parametrize("case", BAD)
def test_bad_rows_get_the_message_of_the_command_line(case, start, model_file, tmp_path, capsys):
    path = tmp_path / "rows.json"
    path.write_text(json.dumps(BAD[case]))
    code, _, err = by_command(["score", model_file, path], capsys)
    assert code == 2
    message = err.removeprefix("error: ").strip().replace(str(path), "request")
    headers = {"Content-Type": "application/json"}
    found = start().post("/score", content=path.read_bytes(), headers=headers)
    assert (found.status_code, found.json()) == (422, {"error": message})


def test_options_are_those_of_the_command_line(start, model_file):
    rows = [{**row, "order": f"A{place}", "colour": "red"} for place, row in enumerate(ROWS)]
    client = start(background=model_file.with_name("orders.csv"))
    found = client.post("/score?id_column=order&ignore_extra=true&reasons=1", json=rows).json()
    assert found["rows"][0]["order"] == "A0" and "reason_1" in found["rows"][0]
    found = client.post("/explain?top=2&features=1&id_column=order&ignore_extra=1", json=rows).json()
    assert [len(row["features"]) for row in found["rows"]] == [1, 1]
    for query in ("tops=2", "top=0", "top=1001", "top=many", "ignore_extra=perhaps"):
        assert client.post(f"/explain?{query}", json=rows).status_code == 400
    assert "Did you mean 'top'?" in client.post("/explain?tops=2", json=rows).json()["error"]


def test_what_is_too_much_or_of_another_form_is_refused(start):
    client = start(max_bytes=2_000, max_rows=3)
    assert client.post("/score", json=ROWS[:3]).status_code == 200
    found = client.post("/score", json=ROWS[:4])
    assert found.status_code == 422 and "at most 3 rows" in found.json()["error"]
    assert (
        client.post("/score", content=b" " * 2_001, headers={"Content-Type": "application/json"}).status_code
        == 413
    )
    chunks = (b" " * 1_000 for _ in range(3))  # without a Content-Length
    assert (
        client.post("/score", content=chunks, headers={"Content-Type": "application/json"}).status_code == 413
    )
    assert client.post("/score", content=b"a,b").status_code == 415
    assert client.post("/score", json=ROWS[:1], headers={"Content-Encoding": "gzip"}).status_code == 415
    assert client.get("/score").status_code == 405
    assert client.get("/scores").json() == {"error": "there is no '/scores'; GET / says what there is."}


def test_a_full_queue_answers_503_and_when_to_ask_again(start, monkeypatch):
    client = start(queue=1)
    begun, go_on = threading.Event(), threading.Event()
    work = client.service._scores._work

    def slow(jobs):
        begun.set()
        go_on.wait()
        return work(jobs)

    monkeypatch.setattr(client.service._scores, "_work", slow)
    found = []
    thread = threading.Thread(target=lambda: found.append(client.post("/score", json=ROWS)))
    thread.start()
    begun.wait()
    refused = client.post("/score", json=ROWS)
    assert refused.status_code == 503 and int(refused.headers["Retry-After"]) >= 1
    assert client.get("/health").json()["status"] == "ok"  # the event loop is free
    go_on.set()
    thread.join()
    assert found[0].status_code == 200
    assert client.post("/score", json=ROWS).status_code == 200


def test_what_nobody_expected_is_one_line_without_data(start, monkeypatch, caplog):
    client = start()

    def fail(jobs):
        raise RuntimeError("secret cell")

    monkeypatch.setattr(client.service._scores, "_work", fail)
    with caplog.at_level("INFO", "askew.serving"):
        found = client.post("/score", json=ROWS)
    assert found.status_code == 500
    assert "RuntimeError" in caplog.text and "secret" not in caplog.text + found.text


def test_a_file_that_changes_is_read_without_being_asked(start, model_file, tmp_path, monkeypatch):
    monkeypatch.setattr("askew.serving.service._LOOK", 0.01)
    put(model_file.read_bytes(), tmp_path / "model.askew")
    client = start(tmp_path / "model.askew", watch=True)
    digest = client.get("/health").json()["digest"]
    put(b"junk", tmp_path / "model.askew")
    while "problem" not in (found := client.get("/health").json()):
        pass
    assert found["digest"] == digest and "is damaged" in found["problem"]
    assert "askew_model_refused 1.0" in client.get("/metrics").text
    askew.Prepared(askew.KDE(bandwidth=1.0)).fit(orders()).save(tmp_path / "model.askew")
    while "problem" in (found := client.get("/health").json()):
        pass
    assert found["digest"] != digest
    assert client.post("/score", json=ROWS).headers["X-Askew-Model"] == found["digest"]
