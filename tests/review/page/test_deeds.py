"""What a person does: each deed is in the log before the browser goes on, and every one can be undone."""

import re

import pytest


def test_an_answer_keeps_the_reason_and_what_was_seen_and_is_undone(of_table):
    session, browser = of_table.session, of_table.browser
    browser.get("/")
    question = session.ask()[0]
    sent = {"row": question.row, "model": 1, "answer": "anomaly", "reason": "  far too hot "}
    html = browser.post("/answer", sent).text
    assert f"Stored. {question.id}: anomaly." in html
    entry = session.history()[0]
    assert (entry.ids, entry.answer, entry.reason, entry.reviewer) == (
        (question.id,),
        "anomaly",
        "far too hot",
        "Ada",
    )
    assert entry.seen[0]["score"] == question.score
    html = browser.post("/undo").text
    assert f"Taken back. {question.id}: anomaly." in html and f"order {question.id}" in html
    assert session.progress().n_answered == 0
    assert "nothing to take back" in browser.post("/undo").text


def test_what_was_seen_is_what_the_model_of_the_page_said(of_table):
    """Not what a model says that came while the person was looking."""
    session, browser = of_table.session, of_table.browser
    browser.get("/row/30")
    seen = session.question("r-30")
    session.answer([f"r-{place}" for place in range(6)], ["anomaly"] * 3 + ["normal"] * 3)
    session.refit()
    browser.post("/answer", {"row": 30, "model": 1, "answer": "normal"})
    entry = session.history()[0]
    assert (entry.model, entry.seen[0]["score"]) == (1, seen.score)
    assert session.question("r-30").score != seen.score


def test_an_answer_in_the_list_gives_the_line_as_it_is_now(of_table, of_images):
    for found in (of_table, of_images):
        html = found.browser.post("/answer-line/7", {"given": "normal"}).text
        assert "data-line" in html and '<span class="chip normal"' in html and "<html" not in html
        assert found.session.progress().n_normal == 1


def test_many_rows_are_answered_once_it_is_confirmed(of_table):
    session, browser = of_table.session, of_table.browser
    sent = {"row": ["4", "5", "6"], "answer": "normal", "back": "/list?only=open&start=0"}
    html = browser.post("/answer-many", sent).text
    assert "3 rows: normal?" in html and session.progress().n_answered == 0
    stored = browser.post("/answer-many", sent | {"confirmed": "yes", "reason": "same batch"}, follow=False)
    assert stored.headers["location"] == "/list?only=open&start=0"
    assert session.history()[0].ids == ("r-4", "r-5", "r-6")
    browser.post("/undo")
    assert session.progress().n_answered == 0
    assert "No row is marked" in browser.post("/answer-many", {"answer": "normal"}).text


def test_people_settle_what_they_differ_on(of_table):
    session, browser = of_table.session, of_table.browser
    session.answer("r-3", "anomaly")
    session.as_reviewer("Grace").answer("r-3", "normal")
    assert session.labels()[3] == 0
    assert "Settled. r-3: anomaly." in browser.post("/settle", {"row": 3, "answer": "anomaly"}).text
    assert session.labels()[3] == -1


def test_a_refit_a_model_of_before_and_other_settings(of_table):
    session, browser = of_table.session, of_table.browser
    session.answer([f"r-{place}" for place in range(6)], ["anomaly"] * 3 + ["normal"] * 3)
    browser.post("/refit")
    assert session.wait().state == "idle" and session.question("r-0").model == 2
    browser.post("/use-model", {"number": 1})
    assert session.question("r-0").model == 1
    chosen = {"order": "informative", "random_share": "20", "refit_every": "5", "budget": "40"}
    html = browser.post("/settings", chosen).text
    assert "of 40" in html and (session.settings.order, session.settings.random_share) == ("informative", 0.2)
    browser.post("/settings", chosen | {"budget": ""})
    assert session.settings.budget is None


def test_another_person_goes_on(of_table):
    session, browser = of_table.session, of_table.browser
    assert ">Zoë" in browser.post("/person", {"reviewer": " Zoë  "}).text
    browser.post("/answer", {"row": 2, "answer": "normal"})
    assert session.history()[0].reviewer == "Zoë"


@pytest.mark.parametrize(
    ("path", "sent", "status"),
    [
        ("/answer", {"row": 1, "answer": "maybe"}, 400),
        ("/answer", {"row": "x", "answer": "normal"}, 404),
        ("/answer", {}, 404),
        ("/answer-many", {"row": ["1", "999"], "answer": "normal"}, 404),
        ("/person", {"reviewer": " "}, 400),
        ("/person", {"reviewer": "x" * 81}, 400),
        ("/use-model", {"number": "-1"}, 404),
        ("/settings", {"order": "anomalous", "random_share": "many"}, 400),
    ],
)
def test_what_cannot_be_done_is_told_and_nothing_is_stored(of_table, path, sent, status):
    before = len(of_table.session.history())
    assert of_table.browser.post(path, sent).status_code == status
    assert len(of_table.session.history()) == before


def test_a_refusal_of_the_session_is_told_where_the_person_was(of_table):
    html = of_table.browser.post("/undo", {"number": "77", "back": "/findings"}).text
    assert re.search(r'class="told wrong" data-said="number of ReviewSession.undo must be', html)
    assert "<title>Findings" in html


def test_the_page_goes_back_to_its_own_addresses_only(of_table):
    for elsewhere in ("//evil.example", "https://evil.example", "/\\evil.example"):
        sent = {"row": "1", "answer": "normal", "confirmed": "yes", "back": elsewhere}
        assert of_table.browser.post("/answer-many", sent, follow=False).headers["location"] == "/list"
