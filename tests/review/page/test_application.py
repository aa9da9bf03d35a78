"""The page as a whole: token form, static files, nothing from elsewhere, unexpected errors, no data in logs."""

import re

import pytest
from page_browser import Browser

from askew.review.page import Access, application
from askew.review.page.application import _VIEWS


def test_who_has_no_token_may_give_it(of_table):
    access = Access("0.0.0.0")
    browser = Browser(application(of_table.session, access))
    asked = browser.get("/")
    assert asked.status_code == 401 and 'action="/token"' in asked.text and "r-0" not in asked.text
    assert browser.post("/token", {"token": "wrong"}).status_code == 401
    assert browser.post("/token", {"token": access.token}).status_code == 200
    assert "order r-" in browser.get("/").text
    assert Browser(application(of_table.session, access)).get("/static/review.css").status_code == 200


def test_nothing_is_fetched_from_elsewhere_and_nothing_is_inline(of_table):
    for path in [
        each.replace("{row}", "1") for each in _VIEWS if "{row}.png" not in each and "export" not in each
    ]:
        html = of_table.browser.get(path).text
        assert not re.findall(r'(?:src|href|action)="(?!/|#)', html), path
        assert not re.findall(r"<script(?! src=)|<style|\sstyle=|\son\w+=", html), path
    styles = of_table.browser.get("/static/review.css").text
    assert "url(" not in styles and "--accent" in styles


@pytest.mark.parametrize("debug", [False, True])
def test_an_unexpected_error_is_told_without_data(of_table, monkeypatch, capfd, debug):
    def fail(*_):
        raise KeyError("secret cell")

    monkeypatch.setattr(of_table.session, "alike", fail)
    monkeypatch.setenv("ASKEW_DEBUG", "1" if debug else "")
    answer = of_table.browser.get("/row/1")
    assert answer.status_code == 500 and "KeyError" in answer.text and "secret" not in answer.text
    out, err = capfd.readouterr()
    assert (out, "Traceback" in err, "secret" in err) == (
        "",
        debug,
        debug,
    )  # on the terminal if it is asked for
