"""What a request asks: rows in one of the forms that are taken, and how they are to be answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from askew.errors import must
from askew.inputs import TableFile
from askew.inputs.arrow_file import ArrowFile
from askew.inputs.column_names import suggestion
from askew.inputs.json_lines import JsonRows
from askew.serving.arrow_bodies import refuse_compression
from askew.serving.refusals import Refusal

ARROW_STREAM = "application/vnd.apache.arrow.stream"
TABLES = {
    "application/json": "json",
    "application/x-ndjson": "lines",
    "application/jsonl": "lines",
    ARROW_STREAM: "arrow",
    "application/vnd.apache.arrow.file": "arrow",
}
"""What a body of rows may be: a Content-Type, and what is behind it."""

IMAGES = {"image/png": ".png", "image/jpeg": ".jpg", "image/tiff": ".tif", "image/bmp": ".bmp"}
"""What a body with an image may be: a Content-Type, and the ending of such a file."""

_FORMS = TABLES | IMAGES

NAME = "request"
"""What messages call the rows of a body."""

_MOST = 1_000


class Question(NamedTuple):
    """A body, its form, and what is asked of its rows; `arrow` says in which form they are answered."""

    body: bytes
    form: str
    arrow: bool = False
    id_column: str | None = None
    ignore_extra: bool = False
    reasons: int = 0
    top: int = 20
    features: int = 5

    def table(self) -> TableFile:
        """Return the rows, ready to be read; errors are those of files."""
        if self.form == "arrow":
            return ArrowFile(refuse_compression(self.body), NAME)
        return JsonRows(self.body, NAME, lines=self.form == "lines")


def form_of(content_type: str) -> str:
    """Return the form of a body, or refuse one that is not taken."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in _FORMS:
        rule = f"one of {', '.join(_FORMS)}"
        remedy = "Set the header to what the body is (curl: -H 'Content-Type: application/json')."
        raise Refusal(415, must("Content-Type", "a request", rule, kind, remedy))
    return _FORMS[kind]


def wants_arrow(accept: str, form: str) -> bool:
    """Return whether the answer is an Arrow stream: where it is asked for, or else where the rows are."""
    if ARROW_STREAM in accept:
        return True
    return form == "arrow" and "application/json" not in accept


def options_of(query: Mapping[str, str], allowed: tuple[str, ...]) -> dict[str, object]:
    """Return the options of a query string, the `allowed` ones by their names."""
    found: dict[str, object] = {}
    for name, text in query.items():
        if name not in allowed:
            hint = suggestion(name, allowed) or "Leave it out."
            raise Refusal(400, must("option", "a request", f"one of {', '.join(allowed)}", name, hint))
        found[name] = _READ[name](name, text)
    return found


def _text(name: str, text: str) -> str:
    return text


def _flag(name: str, text: str) -> bool:
    if text.lower() not in ("true", "false", "1", "0"):
        raise Refusal(400, must(name, "a request", "true or false", text, f"Write {name}=true."))
    return text.lower() in ("true", "1")


def _count(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= _MOST):
        rule = f"a whole number from 1 to {_MOST:,}"
        raise Refusal(400, must(name, "a request", rule, text, f"Write {name}=3."))
    return int(text)


_READ = {
    "id_column": _text,
    "ignore_extra": _flag,
    "reasons": _count,
    "top": _count,
    "features": _count,
}
