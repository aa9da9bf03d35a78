"""The three files: whole, self-contained, the same twice, and refused in one line when runs are not whole."""

import csv
import html.parser
import re
import subprocess
import sys

import pytest
from report_records import grid, messy, record, store

from askew.benchmarks.report import write_report
from askew.benchmarks.report.phrases import markdown_table
from askew.benchmarks.result_tables.intervals import mean_interval
from askew.benchmarks.result_tables.layout import Grid, Line, Sentences, as_terminal
from askew.cli.console import print_table
from askew.cli.main import main
from askew.errors import InvalidInputError
from askew.plain_text import visible

VOID = {"meta", "br", "link", "img", "input", "hr"}


class Checker(html.parser.HTMLParser):
    """Collects text, and complains about tags that are not closed in order."""

    def __init__(self):
        super().__init__()
        self.open, self.words, self.tags = [], [], []

    def handle_starttag(self, name, attributes):
        self.tags.append((name, dict(attributes)))
        if name not in VOID:
            self.open.append(name)

    def handle_endtag(self, name):
        assert self.open.pop() == name

    def handle_data(self, data):
        self.words.append(data)


def read(text):
    checker = Checker()
    checker.feed(text)
    checker.close()
    assert checker.open == []
    return checker


@pytest.fixture
def folder(tmp_path):
    return store(tmp_path / "trial", messy())


def test_files_of_a_folder(folder):
    made = write_report(folder)
    assert [made.page, made.markdown, made.table] == [
        folder / "report.html",
        folder / "report.md",
        folder / "report.csv",
    ]
    assert [len(section.records) for section in made.sections] == [102, 36]
    assert len(made.summary) == 2 and made.summary[1].startswith("classic, leaky split")


def test_files_elsewhere_are_beside_the_page(folder, tmp_path):
    before = sorted(folder.rglob("*"))
    made = write_report(folder, tmp_path / "mine.html")
    assert (made.markdown, made.table) == (tmp_path / "mine.md", tmp_path / "mine.csv")
    assert made.page.is_file() and sorted(folder.rglob("*")) == before


def test_the_page_is_well_formed_and_says_everything(folder):
    found = read(write_report(folder).page.read_text())
    text = " ".join(" ".join(found.words).split())
    for part in (
        "trial",
        "102 of 240 runs are done",
        "leaky split",
        "dp_vae",
        "99.1 ± 0.4",
        "▼ −1.5",
        "not run",
        "4 failed, 4/6 runs",
        "Average ranks",
        "Cost against quality",
        "Against vae",
        "Best against second",
        "a <b>bad</b> | loss",
        "codes < collapsed",
        "2.13.0",
        "training rows",
    ):
        assert part in text, part
    identifiers = [attributes["id"] for _, attributes in found.tags if "id" in attributes]
    links = [attributes["href"] for name, attributes in found.tags if name == "a"]
    assert links == [f"#{one}" for one in identifiers]


def test_the_page_needs_nothing_else(folder):
    text = write_report(folder).page.read_text()
    assert not re.search(r"https?:|//[a-z]|@import|url\(|<script|<link|<iframe|<img|\ssrc=|\son\w+=", text)
    assert str(folder.parent) not in text


@pytest.mark.parametrize(
    "bad",
    [
        *(
            "<script>x</script>",
            "'\"><img src=x onerror=y>",
            "{{ 7*7 }}",
            "[/]",
            "[red]x",
            "[a](javascript:x)",
            "a|b",
        ),
        *("\x1b[2J\x9b", "two\nlines", "\u202eback"),
    ],
)
def test_names_and_reasons_are_escaped_everywhere(tmp_path, bad, capsys):
    records = [record(bad, bad, seed, None if seed else 0.9, {bad: bad}, error=bad) for seed in (0, 1)]
    home = store(tmp_path / "r", [*records, record(bad, "vae", 0, 0.8)])
    assert main(["report", str(home)]) == 0
    page, card = ((home / name).read_text() for name in ("report.html", "report.md"))
    printed = "".join(capsys.readouterr())
    for text in (page, card, printed):
        assert all(character.isprintable() for character in text.replace("\n", ""))
        assert "49" not in re.findall(r"[{}] ?49|49 ?[{}]", text)
    assert not re.search(r"<script|<img", page + card) and "](javascript" not in card
    assert visible(bad).replace("\\n", " ").strip() in printed.replace("\\n", " ")
    read(page)  # its tags are whole
    for block in re.findall(r"(?:^\|.*\n)+", card, flags=re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}) == 1


def test_tables_on_a_terminal_show_names_as_they_are(capsys):
    rows = [["[/]\x1b[2J", "[bold green]97.3[/bold green]"], ["[red]a|b", "1.0"]]
    print_table(
        as_terminal([Line("[title]\x07"), Grid(["[/]", ":smile:"], rows), Sentences(["[/red] \u202e"])])
    )
    out = capsys.readouterr().out
    for text in (r"[title]\x07", "[/] ", ":smile:", r"[/]\x1b[2J", "[red]a|b", "97.3", r"[/red] \u202e"):
        assert text in out
    assert "bold green" not in out


def test_the_same_twice_whatever_the_order_of_the_runs(folder, tmp_path):
    first = write_report(folder)
    again = write_report(store(tmp_path / "other" / "trial", reversed(messy())))
    for name in ("page", "markdown", "table"):
        assert getattr(first, name).read_bytes() == getattr(again, name).read_bytes()


def test_markdown_tables_are_whole(folder):
    text = write_report(folder).markdown.read_text()
    assert "**99.0 ± 0.4** (99.1 ± 0.4) ≈ −0.1" in text
    for block in re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}) == 1
    assert markdown_table(["a"], [["1\n2"]]).splitlines()[-1] == "| 1 2 |"


def test_csv_has_a_line_per_cell(folder):
    lines = list(csv.DictReader(write_report(folder).table.read_text().splitlines()))
    assert len(lines) == 20 + 12
    by_cell = {(line["split"], line["dataset"], line["method"]): line for line in lines}
    found = by_cell["clean", "cardio", "dp_vae"]
    aurocs = [
        one.auroc for one in grid(split="clean") if (one.run.dataset, one.run.method) == ("cardio", "dp_vae")
    ]
    assert len(aurocs) == 6
    assert float(found["auroc_low"]) == pytest.approx(mean_interval(aurocs).low)
    assert (found["published_mean"], found["fit_seconds"], found["protocol"]) == ("0.991", "10.0", "classic")
    assert by_cell["clean", "cardio", "mml_vae (beta_kl=default)"]["n_failed"] == "4"


@pytest.mark.parametrize("auroc", [None, 0.5])
def test_a_single_run(tmp_path, auroc):
    made = write_report(store(tmp_path / "r", [record("x", "vae", 0, auroc, protocol="other")]))
    found = " ".join(read(made.page.read_text()).words)
    assert ("50.0" in found) == (auroc is not None)
    assert "Paired tests" not in found


def refusal(*words):
    with pytest.raises(InvalidInputError) as caught:
        write_report(*words)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_refuses_what_is_no_results_folder(tmp_path):
    assert "there is none at" in refusal(tmp_path / "absent")
    assert not (tmp_path / "absent").exists()
    assert "has no folder runs" in refusal(tmp_path)
    (tmp_path / "runs").mkdir()
    assert "has none" in refusal(tmp_path)
    assert [path.name for path in tmp_path.rglob("*")] == ["runs"]


def test_refuses_damaged_runs_and_writes_nothing(folder):
    first, second, *_ = sorted((folder / "runs").iterdir())
    first.write_text(first.read_text().replace('"seed": ', '"seed": 1'))
    assert f"{first.name}: its content does not match its checksum. Delete it" in refusal(folder)
    second.write_text("{")
    assert "(and 1 more)" in refusal(folder)
    assert not (folder / "report.html").exists()


def test_refuses_an_output_that_cannot_be(folder, tmp_path):
    assert "must be a page, NAME.html" in refusal(folder, tmp_path / "report.md")
    assert "there is no folder" in refusal(folder, tmp_path / "absent" / "report.html")
    if sys.platform == "linux":  # even root cannot write to /proc
        assert "must be in a folder that can be written to" in refusal(folder, "/proc/report.html")


def test_nothing_is_written_when_one_file_cannot_be(folder):
    (folder / "report.csv").mkdir()
    assert "must be a file; got a folder" in refusal(folder)
    assert not (folder / "report.html").exists()


def test_torch_is_not_imported(tmp_path):
    store(tmp_path / "r", grid(3))
    program = (
        "import sys; from askew.benchmarks.report import write_report; write_report(sys.argv[1]); "
        "print(*[name for name in ('torch', 'sklearn', 'pandas', 'matplotlib') if name in sys.modules])"
    )
    words = [sys.executable, "-c", program, str(tmp_path / "r")]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == ""
