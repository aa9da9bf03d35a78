"""Where the sentences of reports and model cards are: templates. Python computes numbers, templates say them.

Pages (``*.html.j2``) escape what they are given, and so does Markdown (``*.md.j2``) but for what is marked as Markdown;
sentences (``*.txt.j2``) are plain text. In both, what controls a terminal or cannot be seen is written out.
They have an environment each, and a page gets sentences as strings, never as macros: jinja2 takes what an
imported macro returns for safe in the page that calls it, whoever wrote it.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from askew.benchmarks.report import phrases
from askew.benchmarks.result_tables import cell_text
from askew.plain_text import Markdown, as_markdown, said_of, visible

if TYPE_CHECKING:
    import jinja2

_FILTERS = {
    **{
        name: getattr(phrases, name)
        for name in ("counted", "direction", "one_line", "p_pair", "seconds", "signed")
    },
    **{name: getattr(cell_text, name) for name in ("p_text", "percent", "spread")},
    "thousands": "{:,}".format,
    "markdown": Markdown,
    "quoted": shlex.quote,
    "said_of": lambda text, unit: said_of(unit, text),
}
_NEW_LINE = "\x1f"
"""Stands for a new line inside a name, while new lines part sentences."""


class Templates:
    """The templates of some packages, with ``sentences`` as the name of the one whose macros are sentences.

    ``filters`` are those that only these templates use.
    """

    def __init__(
        self, sentences: str, *packages: str, filters: Mapping[str, Callable[..., Any]] | None = None
    ) -> None:
        self._sentences = sentences
        self._packages = packages
        self._filters = dict(filters or {})

    def page(self, template: str, /, **context: Any) -> str:
        """Return a page; what it is given is escaped."""
        return self._pages.get_template(template).render(**context)

    def text(self, template: str, /, **context: Any) -> str:
        """Return a plain text, such as Markdown."""
        return self._texts.get_template(template).render(**context)

    def say(self, macro: str, *subjects: Any) -> list[str]:
        """Return what a macro of the sentences says of its subjects: a sentence per line."""
        module = self._says.get_template(self._sentences).module
        lines = str(getattr(module, macro)(*subjects)).split("\n")
        return [line.replace(_NEW_LINE, "\n") for line in lines if line]

    @cached_property
    def _pages(self) -> jinja2.Environment:
        return self._environment(autoescape=True, finalize=_shown)

    @cached_property
    def _texts(self) -> jinja2.Environment:
        return self._environment(autoescape=False, finalize=_in_markdown)

    @cached_property
    def _says(self) -> jinja2.Environment:
        return self._environment(autoescape=False, finalize=_keep_new_lines)

    def _environment(self, **options: Any) -> jinja2.Environment:
        import jinja2

        environment = jinja2.Environment(
            loader=jinja2.ChoiceLoader([jinja2.PackageLoader(name, "templates") for name in self._packages]),
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=jinja2.StrictUndefined,
            **options,
        )
        symbols = {"above": "▲", "within": "≈", "below": "▼"}
        environment.filters |= _FILTERS | self._filters
        environment.globals |= {"level": phrases.LEVEL, "say": self.say, "symbols": symbols}
        environment.globals["table"] = phrases.markdown_table
        return environment


def _shown(value: Any) -> Any:
    return visible(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _in_markdown(value: Any) -> Any:
    return as_markdown(value) if isinstance(value, str) else value


def _keep_new_lines(value: Any) -> Any:
    return value.replace("\n", _NEW_LINE) if isinstance(value, str) else value


REPORT = Templates("sentences.txt.j2", "askew.benchmarks.report")
