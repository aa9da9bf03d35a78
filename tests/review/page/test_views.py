"""What is shown: the row with its reasons and known cases, lists, rows alike, findings, models, people."""

import re

import pytest


def test_the_row_with_its_reasons_the_raw_cells_and_the_known_cases(of_table):
    session, browser = of_table.session, of_table.browser
    session.answer(["r-0", "r-9"], ["anomaly", "normal"], "stuck valve")
    html = browser.get("/").text
    question = session.ask()[0]
    assert f'hx-get="/reasons/{question.row}"' in html and "Being worked out" in html
    html = browser.get("/").text  # they are worked out now
    assert "hx-get" not in html and f"order {question.id}" in html and question.why_in_words in html
    assert all(each.column in html for each in question.drivers if each.column != "<b>load</b>")
    assert "&lt;b&gt;load&lt;/b&gt;" in html and "<b>load" not in html  # a column's name is no markup
    assert "Known anomaly" in html and "Known normal" in html and 'href="/row/0"' in html
    assert '<option value="stuck valve">' in html  # a reason given before may be chosen again
    assert "2 answered" in html and 'href="/row/9" data-key="b"' in html


def test_the_list_by_parts_and_the_row_by_its_id(of_table):
    session, browser = of_table.session, of_table.browser
    session.answer("r-5", "unsure")
    assert browser.get("/list").text.count("data-open-line") == 50
    assert browser.get("/list?start=50").text.count("data-open-line") == 10
    assert re.findall(r"data-open-line>(r-\d+)", browser.get("/list?only=unsure").text) == ["r-5"]
    assert browser.get("/find?id=r-5").headers["location"] == "/row/5"
    assert browser.get("/find?id=nobody").status_code == 404


def test_rows_alike_are_offered_together(of_table):
    session, browser = of_table.session, of_table.browser
    alike = [each.row for each in session.alike("r-20", 50)]
    html = browser.get("/alike/20").text
    assert [int(row) for row in re.findall(r'name="row" value="(\d+)" checked', html)] == [20, *alike]


def test_findings_say_who_answered_where_they_differ_and_how_far_they_agree(of_table):
    session, browser = of_table.session, of_table.browser
    rows = [f"r-{place}" for place in range(6)]
    session.answer(rows, ["anomaly"] * 3 + ["normal"] * 3)
    session.as_reviewer("Grace", blind=True).answer(rows, ["anomaly"] * 2 + ["normal"] * 4)
    html = browser.get("/findings").text
    assert "Ada and Grace answered 6 rows both and agree on 5: Cohen's kappa 0.67" in html
    assert "Ada: anomaly" in html and "Grace: normal" in html and "Anomaly holds" in html
    assert session.advice().sentence() in html and session.estimates().sentences[1] in html


def test_models_say_what_a_refit_changed_and_offer_the_way_back(of_table):
    session, browser = of_table.session, of_table.browser
    session.answer([f"r-{place}" for place in range(6)], ["anomaly"] * 3 + ["normal"] * 3)
    change = session.refit()
    html = browser.get("/models").text
    assert all(sentence in html for sentence in change.sentences())
    assert "Use model 1 again" in html and "Use model 2 again" not in html
    assert 'id="status"' in browser.get("/status").text and "hx-get" not in browser.get("/status").text


def test_images_with_squares_what_was_expected_and_known_cases(of_images):
    session, browser = of_images.session, of_images.browser
    session.answer(0, "anomaly")
    assert 'class="frame"' not in browser.get("/row/1").text  # what takes time comes after the image
    html = browser.get("/reasons/1").text
    assert html.count('class="frame"') == len(session.question(1).drivers)
    assert '<img src="/picture/0.png"' in html and "crisp" in html
    assert browser.get("/list").text.count("/picture/") == 24


def test_a_blind_person_does_not_see_what_others_said(of_table):
    session, browser = of_table.session, of_table.browser
    session.answer(["r-0", "r-1"], ["anomaly", "normal"], "secret reason")
    browser.post("/person", {"reviewer": "Grace", "blind": "yes"})
    for path in ("/", "/row/0", "/row/1", "/list", "/findings"):
        html = browser.get(path).text
        assert "Grace (blind)" in html and "secret" not in html and "Ada:" not in html
    assert browser.get("/").text.count("another person has answered it") <= 1


@pytest.mark.parametrize("path", ["/row/60", "/row/-1", "/row/x", "/alike/99999999999999999999", "/nowhere"])
def test_what_is_not_there_is_told(of_table, path):
    assert of_table.browser.get(path).status_code == 404


def test_the_end_is_told(of_table):
    session, browser = of_table.session, of_table.browser
    session.answer([f"r-{place}" for place in range(60)], "normal")
    assert "No question is left" in browser.get("/").text
