"""The schema: what it gives as an example is a row that the model takes, and its page shows names as they are."""

import pandas as pd
import pytest
from serving_rows import orders

import askew


def test_its_example_is_scored(start):
    client = start()
    schema = client.get("/schema").json()
    columns = {column["name"]: column for column in schema["takes"]["columns"]}
    kinds = {"amount": "number", "paid": "boolean", "country": "category", "seen": "date"}
    assert {name: column["kind"] for name, column in columns.items()} == kinds
    assert (columns["country"]["example"], columns["seen"]["example"]) == ("Norway", "30.05.2024")
    found = client.post("/score", json=schema["example"]).json()
    assert (found["n_rows"], found["n_anomalies"], found["notes"]) == (1, 0, [])
    assert set(found["rows"][0]) == {"row", *schema["gives"]}


DATES = pd.date_range("2024-05-01", periods=40, freq="D")


@pytest.mark.parametrize(
    "dates",
    [
        DATES,
        DATES.tz_localize("Europe/Oslo"),
        DATES.strftime("%Y%m%d").astype(int),
        DATES.strftime("%d/%m/%Y %H:%M"),
        DATES.astype("datetime64[s]").astype("int64").astype(float),
    ],
    ids=["dates", "with a zone", "as digits", "as words", "seconds"],
)
def test_its_example_is_scored_however_dates_were_written(dates, start, tmp_path):
    frame = pd.DataFrame({"seen": dates, "zip": [f"0{place % 3}50" for place in range(40)]})
    frame["serial"] = [2**62 + place for place in range(40)]
    kinds = {"seen": "date"} if dates.dtype.kind in "if" else None  # said, where it could be numbers
    model = askew.Prepared(askew.KDE(bandwidth=1.0), kinds=kinds).fit(frame)
    model.save(tmp_path / "model.askew")
    client = start(tmp_path / "model.askew")
    example = client.get("/schema").json()["example"]
    found = client.post("/score", json=example)
    assert found.status_code == 200, (example, found.json())
    assert found.json()["notes"] == []


def test_numbers_by_name_and_by_place(start, tmp_path):
    frame = orders()[["amount"]].fillna(1.0).assign(other=5.0)
    askew.KDE(bandwidth=1.0).fit(frame).save(tmp_path / "named.askew")
    askew.KDE(bandwidth=1.0).fit(frame.to_numpy()).save(tmp_path / "unnamed.askew")
    for name, names in (("named", ["amount", "other"]), ("unnamed", ["x0", "x1"])):
        client = start(tmp_path / f"{name}.askew")
        schema = client.get("/schema").json()
        assert list(schema["example"][0]) == names and schema["example"][0][names[1]] == 5.0
        assert client.post("/score", json=schema["example"]).status_code == 200


def test_the_page_shows_all_of_it_and_nothing_in_a_name_is_markup(start, tmp_path):
    frame = orders().rename(columns={"amount": "<script>alert(1)</script>"})
    askew.Prepared(askew.KDE(bandwidth=1.0)).fit(frame).save(tmp_path / "model.askew")
    found = start(tmp_path / "model.askew").get("/")
    assert "default-src 'none'" in found.headers["Content-Security-Policy"]
    assert "<script" not in found.text and "&lt;script&gt;alert(1)" in found.text
    for text in ("country", "Norway", "/score", "100,000 rows"):
        assert text in found.text
