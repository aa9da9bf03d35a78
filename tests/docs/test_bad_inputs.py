"""Bad inputs get the error and the message that docs/bad-inputs.md states; both come from tools/bad_inputs.py."""

import importlib.util

import pytest
from markdown_blocks import ROOT

from askew.errors import AskewError

SPEC = importlib.util.spec_from_file_location("bad_inputs", ROOT / "tools" / "bad_inputs.py")
bad_inputs = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(bad_inputs)
ALL = [case for cases in bad_inputs.CASES.values() for case in cases]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bad")
    bad_inputs.write_files(folder)
    return folder


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.given[:70])
def test_the_message_names_what_is_wrong_and_the_remedy(case, folder):
    before = contents(folder)
    error = bad_inputs.provoke(case, folder)
    assert isinstance(error, case.error)
    assert isinstance(error, AskewError) and isinstance(error, ValueError)
    text = str(error)
    assert case.wrong in text
    assert case.remedy in text[text.index(case.wrong) :]  # first what is wrong, then what to do
    assert contents(folder) == before


def test_there_are_thirty_kinds_at_least_and_all_rooms_of_input():
    assert len({(case.wrong, case.remedy) for case in ALL}) >= 30
    assert list(bad_inputs.CASES) == ["Files", "Columns", "Labels", "Parameters", "Model files"]


def test_the_page_is_what_the_cases_give(folder):
    found = bad_inputs.PAGE.read_text(encoding="utf-8")
    assert found == bad_inputs.page(folder), "run: python tools/bad_inputs.py"
