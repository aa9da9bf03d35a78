"""The part of the report on label_loop: on the page, in Markdown and CSV, alone and beside another protocol."""

import csv
import re
from dataclasses import replace

import pytest
from label_loop_records import runs, store
from test_report import read

from askew.benchmarks.report import write_report
from askew.errors import InvalidInputError


def test_alone(tmp_path):
    bad = "a <b>bad</b> loss"
    some = runs(n_seeds=4)
    some[0] = replace(some[0], status="failed", error=bad, found=[])
    made = write_report(store(tmp_path / "r", some))
    (section,) = made.sections
    assert (len(section.records), len(section.failures), section.other) == (24, 1, 0)
    text = made.page.read_text()
    said = " ".join(" ".join(read(text).words).split())
    for part in ("24 of 24 runs", "Our loop (anomalous) finds", "All tables (2)", "no part in settling", bad):
        assert part in said, part
    assert text.count("<polyline") == 3 * (2 + 2)
    assert not re.search(r"https?:|<script|<img|\ssrc=", text)
    assert "## label_loop, preset paper" in made.markdown.read_text()
    rows = list(csv.DictReader(made.table.read_text().splitlines()))
    assert len(rows) == 6 and rows[0]["found_50"] and rows[0]["protocol"] == "label_loop"


def test_beside_another_protocol_and_what_is_refused(tmp_path):
    from report_records import grid
    from report_records import store as classic_store

    folder = store(classic_store(tmp_path, grid()), runs())
    made = write_report(folder)
    assert [type(section).__name__ for section in made.sections] == ["MethodSection", "LabelLoopSection"]
    alone = store(tmp_path / "alone", runs())
    with pytest.raises(InvalidInputError, match="reference of report must be left out for runs of"):
        write_report(alone, reference="static")
    path = next((alone / "runs").iterdir())
    path.write_text(path.read_text().replace('"found": [', '"found": [7, '))
    with pytest.raises(InvalidInputError, match=r"runs of report must be whole.*checksum"):
        write_report(alone)
