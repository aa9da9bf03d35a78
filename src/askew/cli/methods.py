"""``askew methods``: the detectors there are, and the parameters of one."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from askew.cli import options
from askew.cli.console import print_json, print_rows, say


def methods(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Show the parameters of this method.")
    ] = None,
    json: options.JsonOption = False,
) -> None:
    """List the detectors, or the parameters of one for `askew fit --set`."""
    from askew import index

    if name is not None:
        _show(name, json)
        return
    rows = [(each.name, each.class_name, each.takes, each.summary) for each in index.entries().values()]
    if json:
        keys = ("name", "class", "input", "summary")
        print_json({"methods": [dict(zip(keys, row, strict=True)) for row in rows]})
    else:
        print_rows(("method", "class", "takes", "what it is"), rows)


def _show(name: str, json: bool) -> None:
    from askew import index
    from askew.fitting import detector_class, detector_defaults

    parameters: dict[str, Any] = detector_defaults(detector_class(name))
    entry = index.entries()[name]
    if json:
        about = {"name": name, "class": entry.class_name, "summary": entry.summary, "parameters": parameters}
        print_json(about)
        return
    say(f"{entry.class_name}: {entry.summary}")
    print_rows(("parameter", "default"), [(key, repr(value)) for key, value in parameters.items()])
