"""Text from data: what would be obeyed or not be seen is written out, and nothing else is changed."""

import json

import pytest

from askew.plain_text import Markdown, as_markdown, quoted_cell, visible, visible_json

UNSEEN = (
    "\x00\x07\x08\r\n\t\x1b\x7f\x85\x9b"
    "\u061c\u200b\u200e\u202a\u202e\u2028\u2066\u2069\u2060\ufeff\ud800\U000e0041"
)


@pytest.mark.parametrize("character", UNSEEN)
def test_unseen_characters_are_written_out(character):
    shown = visible(f"a{character}b")
    assert shown.isprintable() and shown.isascii()
    assert shown.encode().decode("unicode_escape") == f"a{character}b"


def test_all_other_text_stays():
    text = "naïve Ω 漢字 عربي שלום 👩‍👧 क्‍ष soft\xadhyphen C:\\new [red]x[/red] <b> 5 €"
    assert visible(text) == text


def test_json_means_the_same():
    data = {f"a{UNSEEN}": ["\\x41\\u202e", UNSEEN], "é": 1}
    text = visible_json(json.dumps(data, ensure_ascii=False, indent=1))
    assert json.loads(text) == data
    assert all(character.isprintable() or character == "\n" for character in text)
    assert "é" in text


def test_markdown_has_no_tags_links_cells_or_lines_of_names():
    name = "a|b\n# c <img src=x> [d](javascript:x) </p> \x1b"
    assert as_markdown(name) == r"a\|b # c &lt;img src=x> [d]\(javascript:x) &lt;/p> \x1b"
    assert as_markdown("p <.001, a < b, 2<3") == "p <.001, a < b, 2<3"
    assert as_markdown(Markdown("| a |\n")) == "| a |\n"


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\tx", "\r=1", " =1", "＝1", "-", "=HYPERLINK(x)"]
)
def test_formulas_are_quoted(text):
    assert quoted_cell(text) == f"'{text}"


@pytest.mark.parametrize("cell", ["-1.5", "+2e-3", "-12%", "a=b", "", "x-1", None, -1.5, 3])
def test_numbers_and_words_stay(cell):
    assert quoted_cell(cell) == cell
