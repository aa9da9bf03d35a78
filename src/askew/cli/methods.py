"""``askew methods``: the detectors there are, and the parameters of one."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from askew.cli import options
from askew.cli.console import print_json, print_table


def methods(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Show the parameters of this method.")
    ] = None,
    json: options.JsonOption = False,
) -> None:
    """List the detectors, or the parameters of one for `askew fit --set`."""
    if name is None:
        _list(json)
    else:
        _show(name, json)


def _list(json: bool) -> None:
    from askew import index

    found = index.entries().values()
    if json:
        rows = [
            {
                "name": each.name,
                "class": each.class_name,
                "input": each.takes,
                "summary": each.summary,
            }
            for each in found
        ]
        print_json({"methods": rows})
        return
    from rich.table import Table

    table = Table("method", "class", "takes", "what it is", box=None)
    for each in found:
        table.add_row(each.name, each.class_name, each.takes, each.summary)
    print_table(table)


def _show(name: str, json: bool) -> None:
    from askew import index
    from askew.fitting import detector_class, detector_defaults

    parameters: dict[str, Any] = detector_defaults(detector_class(name))
    entry = index.entries()[name]
    if json:
        about = {"name": name, "class": entry.class_name, "summary": entry.summary, "parameters": parameters}
        print_json(about)
        return
    from rich.table import Table

    print(f"{entry.class_name}: {entry.summary}")
    table = Table("parameter", "default", box=None)
    for parameter, value in parameters.items():
        table.add_row(parameter, repr(value))
    print_table(table)
