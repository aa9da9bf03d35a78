"""The report as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from askew.benchmarks.report import words
from askew.benchmarks.report.collect import Section
from askew.benchmarks.report.few_labels import FewLabelsSection
from askew.benchmarks.report.few_labels import markdown as few_markdown
from askew.benchmarks.report.images import ImageSection
from askew.benchmarks.report.images import markdown as image_markdown
from askew.benchmarks.tables.cell_text import p_text, percent
from askew.benchmarks.tables.paired_tests import Comparison


def markdown(sections: Sequence[Section | FewLabelsSection | ImageSection], name: str) -> str:
    """Return the text that the page shows, without its pictures."""
    records = [record for section in sections for record in section.records]
    blocks = [f"# askew report: {_safe(name)}"]
    for section in sections:
        if isinstance(section, Section):
            blocks += _section(section)
        elif isinstance(section, FewLabelsSection):
            blocks.append(few_markdown(section))
        else:
            blocks.append(image_markdown(section))
    blocks += ["## Versions", table(("what", "version"), words.versions(records))]
    return "\n\n".join(blocks) + "\n"


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    r"""Return a Markdown table; a ``|`` in a cell is escaped.

    >>> print(table(("a", "b"), [("1", "x|y")]))
    | a | b |
    | --- | --- |
    | 1 | x\|y |
    """
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(map(_safe, line))} |" for line in lines)


def _safe(text: str) -> str:
    return " ".join(text.replace("|", r"\|").replace("<", "&lt;").split())


def _section(section: Section) -> Iterator[str]:
    yield f"## {_safe(words.setting(section))}"
    yield _safe(" ".join(words.summary(section)))
    yield "### AUROC, ours and published"
    yield (
        "Percent, mean ± standard deviation over seeds; in brackets what the papers print, then the difference "
        "in points: ▲ above by more than one published standard deviation, ≈ within one, ▼ below by more."
    )
    yield table(("method", *section.datasets, "mean", "rank"), list(_grid(section)))
    yield "### Average ranks"
    yield "\n".join(f"- {_safe(line)}" for line in words.rank_words(section.ranks)) or "Nothing to rank."
    if section.against_reference or section.best_two:
        yield "### Paired tests"
        yield words.test_words(section) + (
            " The best two are chosen from the numbers they are tested on, so their p-values flatter."
        )
        yield table(_TEST_HEADINGS, [_test(row) for row in (*section.best_two, *section.against_reference)])
    yield "### Failures"
    failures = words.troubles(section, "error")
    rows = [(one.method, one.dataset, one.seeds, one.text) for one in failures]
    yield table(("method", "data set", "seeds", "reason"), rows) if rows else "None."
    yield "### Settings"
    yield table(("method", "parameter", "value"), list(_settings(section)))


_TEST_HEADINGS = (
    "data set",
    "first",
    "second",
    "pairs",
    "difference",
    "Wilcoxon",
    "Holm",
    "t-test",
    "Holm",
)


def _test(row: Comparison) -> tuple[str, ...]:
    p_values = (row.wilcoxon_p, row.wilcoxon_holm, row.t_p, row.t_holm)
    difference = words.signed(row.difference, 2)
    return (row.dataset, row.first, row.second, str(row.n_pairs), difference, *map(p_text, p_values))


def _grid(section: Section) -> Iterator[tuple[str, ...]]:
    for method in section.methods:
        cells = [_cell(section, dataset, method) for dataset in section.datasets]
        ours, theirs = section.overall(method)
        mean = percent(ours) + ("" if theirs is None else f" ({percent(theirs)})")
        rank = section.ranks.rank(method)
        yield (method, *cells, mean, "–" if rank is None else f"{rank:.2f}")


def _cell(section: Section, dataset: str, method: str) -> str:
    cell = section.cells.get((dataset, method))
    if cell is None:
        return "not run"
    row = cell.row
    ours = words.spread(row.auroc_mean, row.auroc_std)
    if row.auroc_mean is not None and row.auroc_mean == section.best(dataset):
        ours = f"**{ours}**"
    if row.published_mean is not None:
        ours += f" ({words.spread(row.published_mean, row.published_std)})"
    if cell.verdict:
        ours += f" {words.SYMBOLS[cell.verdict]} {words.signed(row.difference)}"
    return ours + (f" *{words.remark(cell)}*" if words.remark(cell) else "")


def _settings(section: Section) -> Iterator[tuple[str, str, str]]:
    for row in words.settings(section):
        several = zip(section.datasets, row.values, strict=False)
        value = row.values[0] if len(row.values) == 1 else ", ".join(f"{of}: {v}" for of, v in several)
        yield row.method, row.name, value
