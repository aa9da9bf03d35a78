"""What the pages say agrees with the code: methods, defaults, links; and nothing is left to fill in."""

import ast
import re

import pytest
from markdown_blocks import PAGES, ROOT

import askew
from askew import index


def text(page):
    return (ROOT / page).read_text(encoding="utf-8")


def method_sections():
    """Return the sections of docs/methods.md by the short name in their first line."""
    parts = re.split(r"^## .*\n", text("docs/methods.md"), flags=re.MULTILINE)[1:]
    return {re.search(r"`(\w+)`", part).group(1): part for part in parts}


def test_readme_table_has_every_method_once():
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \|", text("README.md"), flags=re.MULTILINE)
    assert sorted(rows) == sorted((entry.name, entry.class_name) for entry in index.entries().values())


def test_methods_page_has_a_section_per_method():
    sections = method_sections()
    assert sorted(sections) == sorted(index.entries())
    for name, entry in index.entries().items():
        assert f"`{name}`, `askew.{entry.class_name}`" in sections[name]


@pytest.mark.parametrize("name", index.entries())
def test_methods_page_states_all_defaults(name):
    kind = index.detector_class(name)
    section = method_sections()[name]
    stated = section[section.index("**Defaults:**") :]
    found = {key: ast.literal_eval(value) for key, value in re.findall(r"`(\w+)=([^`]+)`", stated)}
    common = {"contamination", "network", "scale", "training", "random_state", "device"}
    own = {key: value for key, value in kind().get_params(deep=False).items() if key not in common}
    assert found == own | getattr(kind, "default_training", {})


def test_contamination_and_scale_are_the_same_everywhere():
    for kind in askew.all_detectors().values():
        assert kind().contamination == 0.05
        assert getattr(kind(), "scale", "standard") == "standard"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
        if not target.startswith("https://"):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_lines_are_short(page):
    lines = enumerate(page.read_text(encoding="utf-8").splitlines(), 1)
    assert [number for number, line in lines if len(line) > 110 and not line.startswith("|")] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_figure_is_left_to_fill_in(page):
    assert "<<FIGURE" not in page.read_text(encoding="utf-8")
