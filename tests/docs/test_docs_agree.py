"""What the pages say agrees with the code: methods, defaults, links; and nothing is left to fill in."""

import importlib.util
import re
import tomllib

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


@pytest.fixture(scope="module")
def method_pages():
    spec = importlib.util.spec_from_file_location("method_pages", ROOT / "tools" / "method_pages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_rows_and_defaults_are_the_classes(method_pages):
    """If this fails, run ``python tools/method_pages.py``."""
    assert method_pages.readme(text("README.md")) == text("README.md")
    assert method_pages.methods(text("docs/methods.md")) == text("docs/methods.md")
    assert method_pages.thresholds(text("docs/thresholds.md")) == text("docs/thresholds.md")


def test_a_new_method_gets_a_row_and_a_section_and_a_new_default_is_written(method_pages):
    without = text("README.md").replace(method_pages.row(askew.VAE) + "\n", "")
    assert method_pages.readme(without).count(method_pages.row(askew.VAE)) == 1
    page, own = text("docs/methods.md"), method_sections()["vae"]
    other = method_pages.methods(page.replace(own, "\n`vae`, `askew.VAE`.\n\n**Defaults:** `n=1`.\n\n"))
    stated = '**Defaults:** `beta_kl=0.05`, `likelihood="gaussian"`, `n_members=5`, `reduction="auto"`; `epochs=150`,'
    stated += "\n`lr=1e-3`, `batch_size=128`."
    assert f"`askew.VAE`.\n\n{stated}\n\n##" in other
    added = method_pages.methods(page.replace("## VAE\n" + own, ""))
    assert (
        "## VAE\n\n`vae`, `askew.VAE`. Known anomalies: leaves them out. Kingma and Welling (2014), Auto-Encoding"
        in added
    )
    assert ":math:" not in added and f"\n\n{stated}\n" in added


def test_every_threshold_rule_gets_a_row(method_pages):
    page = text("docs/thresholds.md")
    for rule in index.threshold_rules().values():
        found = rf'^\| "\w.*" \| `{rule.constants["example"]}` \| `{rule.class_name}` \| \w.*\n'
        without, rows = re.subn(found, "", page, flags=re.MULTILINE)
        assert rows == 1 and method_pages.thresholds(without) == page


def test_contamination_and_scale_are_the_same_everywhere():
    for kind in askew.all_detectors().values():
        assert kind().contamination == 0.05
        assert getattr(kind(), "scale", "robust") == "robust"


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


def test_every_dependency_has_its_licence_on_the_page():
    """If this fails, run ``python tools/dependencies.py`` with all extras installed."""
    project = tomllib.loads(text("pyproject.toml"))["project"]
    extras = {
        name: lines for name, lines in project["optional-dependencies"].items() if name not in ("dev", "docs")
    }
    lines = [*project["dependencies"], *(line for asked in extras.values() for line in asked)]
    asked = {re.match(r"[\w-]+", line).group() for line in lines} - {"askew"}
    rows = re.findall(
        r"^\| ([\w-]+) \| \d\S* \| \w.* \| (.+) \|$", text("docs/dependencies.md"), re.MULTILINE
    )
    assert asked <= {name for name, _ in rows}
    bringing = {origin for _, origins in rows for origin in origins.split(", ")}
    assert bringing == {"askew", *(f"[{name}]" for name in extras if name != "all")}
    whole = re.search(r"askew\[(.*)\]", extras["all"][0]).group(1)
    assert sorted(whole.split(",")) == sorted(set(extras) - {"all"})


def test_tests_that_the_page_on_testing_names_are_there():
    named = set(re.findall(r"`(test_\w+)`", text("docs/testing.md")))
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert named and named <= set(re.findall(r"^ *def (test_\w+)", source, flags=re.MULTILINE))
