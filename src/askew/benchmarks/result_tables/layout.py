"""Documents: headings, sentences and grids of text, each as Markdown and for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from askew.benchmarks.result_tables.cell_text import p_text
from askew.plain_text import as_markdown as escaped
from askew.plain_text import visible

if TYPE_CHECKING:
    from rich.console import RenderableType

    from askew.benchmarks.result_tables.paired_tests import Comparison


class Line(NamedTuple):
    """A heading of a level (1 is the document's title), or a paragraph (level 0).

    ``look`` is rich's style; None leaves colours to rich. No text is an empty line of a terminal.
    """

    text: str = ""
    level: int = 2
    look: str | None = "bold"

    def markdown(self) -> str:
        """Return it as Markdown."""
        return f"{'#' * self.level} {escaped(self.text)}".strip()

    def terminal(self) -> list[RenderableType]:
        """Return what rich prints."""
        from rich.text import Text

        return [self.text if self.look is None else Text(visible(self.text), style=self.look)]


class Sentences(NamedTuple):
    """The points of a list, a sentence or a few each; ``look`` is rich's style."""

    lines: Sequence[str]
    look: str = ""
    indent: int = 2

    def markdown(self) -> str:
        """Return them as Markdown; empty for none."""
        return "\n".join(f"- {escaped(line)}" for line in self.lines)

    def terminal(self) -> list[RenderableType]:
        """Return what rich prints."""
        from rich.padding import Padding
        from rich.text import Text

        texts = [Text(visible(line), style=self.look) for line in self.lines]
        return [Padding(text, (0, self.indent)) if self.indent else text for text in texts]


@dataclass(frozen=True)
class Grid:
    """A table of text.

    The leading ``n_words`` columns (by default None: all) hold words, on the left, which a terminal may break if the
    grid ``wraps``; the others hold numbers, on the right and on one line. A terminal draws ``lines_above`` some rows.
    ``look`` are settings of rich's table (without padding on the left, six data sets fit in 100 columns), ``rule`` is
    what Markdown has under each heading.
    """

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    n_words: int | None = 1
    wraps: bool = False
    lines_above: Collection[int] = ()
    look: Mapping[str, Any] = field(default_factory=lambda: {"padding": (0, 1, 0, 0)})
    rule: str = " --- "

    @property
    def parts(self) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
        """Headings and rows."""
        return self.headings, self.rows

    def markdown(self) -> str:
        """Return it as Markdown."""
        head, *body = [f"| {' | '.join(map(escaped, row))} |" for row in (self.headings, *self.rows)]
        return "\n".join([head, f"|{'|'.join([self.rule] * len(self.headings))}|", *body])

    def terminal(self) -> list[RenderableType]:
        """Return what rich prints."""
        from rich import box
        from rich.table import Table
        from rich.text import Text

        table = Table(**({"box": box.SIMPLE} | dict(self.look)))
        for number, heading in enumerate(self.headings):
            is_word = self.n_words is None or number < self.n_words
            justify, no_wrap = "left" if is_word else "right", not (is_word and self.wraps)
            table.add_column(visible(heading), justify=justify, no_wrap=no_wrap)  # type: ignore[arg-type]
        for number, row in enumerate(self.rows):
            if number in self.lines_above:
                table.add_section()
            words = (
                len(row) if self.n_words is None else self.n_words
            )  # numbers alone have marks of their own
            cells = [visible(c) if n < words else Text.from_markup(c, emoji=False) for n, c in enumerate(row)]
            table.add_row(*cells)
        return [table]


class Column(NamedTuple):
    """A column of a grid: its heading, and the text that it has for a line."""

    heading: str
    text: Callable[[Any], str]


def grid(lines: Iterable[Any], columns: Sequence[Column], **settings: Any) -> Grid:
    """Return the grid with a row for each of ``lines``: rows of a table, methods, paired tests."""
    rows = [[column.text(line) for column in columns] for line in lines]
    return Grid([column.heading for column in columns], rows, **settings)


def comparison_columns(
    where: str, difference: Callable[[Comparison], str], with_pairs: bool = False, of_splits: bool = False
) -> list[Column]:
    """Return the columns of a grid of paired tests; ``where`` heads what was compared on.

    Comparisons ``of_splits`` have the corrected resampled t-test beside the others.
    """
    resampled = [
        Column("corrected t", lambda row: p_text(row.resampled_p)),
        Column("Holm", lambda row: p_text(row.resampled_holm)),
    ]
    pairs = [Column("pairs", lambda row: str(row.n_pairs))] if with_pairs else []
    return [
        Column(where, lambda row: row.dataset),
        Column("first", lambda row: row.first),
        Column("second", lambda row: row.second),
        *pairs,
        Column("difference", difference),
        Column("Wilcoxon", lambda row: p_text(row.wilcoxon_p)),
        Column("Holm", lambda row: p_text(row.wilcoxon_holm)),
        Column("t-test", lambda row: p_text(row.t_p)),
        Column("Holm", lambda row: p_text(row.t_holm)),
        *(resampled if of_splits else []),
    ]


Block: TypeAlias = Line | Sentences | Grid


def as_markdown(blocks: Iterable[Block]) -> str:
    """Return a document as Markdown."""
    return "\n\n".join(text for block in blocks if (text := block.markdown())) + "\n"


def as_terminal(blocks: Iterable[Block]) -> RenderableType:
    """Return a document for a terminal, to print with rich."""
    from rich.console import Group

    return Group(*(part for block in blocks for part in block.terminal()))
