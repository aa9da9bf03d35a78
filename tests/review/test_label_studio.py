"""Label Studio's JSON: what is exported comes back, and so does what its annotators say."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from review_cases import N, session

import askew
from askew.errors import DataFileError, InvalidInputError
from askew.inputs import Meaning
from askew.review import ReviewSession
from askew.review.rows import rows_in_memory


def choice(word, **more):
    result = {"from_name": "label", "to_name": "row", "type": "choices", "value": {"choices": [word]}}
    return {"result": [result], **more}


def write(path, tasks):
    path.write_text(json.dumps(tasks))
    return path


def test_what_is_exported_comes_back(tmp_path):
    ann = session(reviewer="ann")
    ann.answer([0, 1, 2], ["anomaly", "normal", "unsure"], "far out")
    ann.as_reviewer("ben").answer(0, "normal")
    assert ann.export_label_studio(tmp_path / "a.json") == 3
    tasks = json.loads((tmp_path / "a.json").read_text())
    data = tasks[0]["data"]
    assert data == {"askew_id": data["askew_id"], "cells": ann.question(data["askew_id"]).cells}
    assert set(tasks[0]) == {"id", "data", "annotations", "predictions"}
    other = session(reviewer="cy")
    assert other.import_label_studio(tmp_path / "a.json") == 4
    assert other.import_label_studio(tmp_path / "a.json") == 0  # all is known
    assert ann.import_label_studio(tmp_path / "a.json") == 0
    assert [(each.name, each.n_answers) for each in other.reviewers()] == [("ann", 3), ("ben", 1)]
    assert {said.reason for said in other.conflicts()[0].said} == {"far out", ""}
    assert other.history()[0].kind == "import" and other.history()[0].more["by"] == "cy"
    other.undo(other.history()[0].number)
    assert other.export_label_studio(tmp_path / "b.json", "open") == N - 3
    assert other.export_label_studio(tmp_path / "b.json", "all") == N


@pytest.mark.parametrize(
    ("task", "reviewer", "answer"),
    [
        (
            {"id": 1, "data": {"askew_id": 5}, "annotations": [choice("Anomaly", completed_by=3)]},
            "annotator 3",
            "anomaly",
        ),
        (
            {"data": {"index": "5"}, "annotations": [choice("normal", completed_by={"email": "a@b.c"})]},
            "a@b.c",
            "normal",
        ),
        ({"data": {"index": 5}, "annotations": [choice("fraud")]}, "Label Studio", "anomaly"),
        ({"id": 1, "index": 5, "label": "ok", "annotator": 2, "reason": "looked"}, "annotator 2", "normal"),
        ({"id": 1, "index": 5, "label": {"choices": ["unsure"]}}, "Label Studio", "unsure"),
    ],
)
def test_annotations_of_tasks_and_of_the_short_form(tmp_path, task, reviewer, answer):
    reviewed = session()
    path = write(tmp_path / "a.json", [task])
    assert reviewed.import_label_studio(path, Meaning(anomaly=("fraud",), normal=("ok",))) == 1
    (said,) = reviewed.question(5).others
    assert (said.reviewer, said.answer) == (reviewer, answer)


def test_what_was_skipped_or_not_annotated_is_left_out(tmp_path):
    tasks = [
        {"data": {"index": 5}, "annotations": []},
        {"data": {"index": 6}, "annotations": [choice("anomaly", was_cancelled=True)]},
        {"data": {"index": 7}, "annotations": [{"result": []}]},
        {"index": 8, "label": None},
    ]
    assert session().import_label_studio(write(tmp_path / "a.json", tasks)) == 0


@pytest.mark.parametrize(
    "name", ["folder/a.png", "/data/upload/3/1a2b3c4d-a.png", "/data/local-files/?d=folder/a.png"]
)
def test_images_are_found_by_their_names(tmp_path, name):
    images = np.random.default_rng(0).integers(0, 99, (12, 1, 8, 8)).astype(np.uint8)
    rows = rows_in_memory(images, ids=["folder/a.png", *(f"folder/{i}.png" for i in range(11))])
    rows = replace(rows, files=[Path("/pictures") / str(id) for id in rows.ids])
    reviewed = ReviewSession(askew.KDE(bandwidth=3.0), rows)
    path = write(tmp_path / "a.json", [{"data": {"image": name}, "annotations": [choice("anomaly")]}])
    assert reviewed.import_label_studio(path) == 1
    assert reviewed.progress().n_anomalies == 1
    assert reviewed.export_label_studio(tmp_path / "b.json") == 1
    assert json.loads((tmp_path / "b.json").read_text())[0]["data"]["image"] == "/pictures/folder/a.png"


@pytest.mark.parametrize(
    ("content", "match"),
    [
        ("[1, 2", "must be JSON"),
        ('{"a": 1}', "must be a list of tasks"),
        (
            json.dumps([{"id": 4, "data": {"index": 999}, "annotations": [choice("anomaly")]}]),
            r"task 4 of .* must be about a row",
        ),
        (
            json.dumps([{"data": {"index": 5}, "annotations": [choice("odd")]}]),
            r"choice of task 1 .* got 'odd'\. Say what",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_and_nothing_is_added(tmp_path, content, match):
    (tmp_path / "a.json").write_text(content)
    reviewed = session()
    with pytest.raises(DataFileError, match=match):
        reviewed.import_label_studio(tmp_path / "a.json")
    assert reviewed.progress().n_answered == 0
    with pytest.raises(DataFileError, match="does not exist"):
        reviewed.import_label_studio(tmp_path / "none.json")
    for path, only, match in (("a.txt", "all", r"must end in \.json"), ("a.json", "some", "got 'some'")):
        with pytest.raises(InvalidInputError, match=match):
            reviewed.export_label_studio(tmp_path / path, only)
