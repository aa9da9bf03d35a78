"""``askew datasets``: the tables that come with the package, and the image sets that it fetches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from askew.cli import options
from askew.cli.console import note, print_json, print_rows, say

if TYPE_CHECKING:
    from askew.datasets import ImageInfo, TableInfo

app = typer.Typer(help="The data sets that askew knows.")


@app.callback(invoke_without_command=True)
def _default(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        list_datasets()


@app.command("list")
def list_datasets(json: options.JsonOption = False) -> None:
    """List the tables that come with askew, and the image sets that `askew datasets fetch` gets.

    An image set is found in the folder that the environment variable ASKEW_DATA names, else in the cache.
    """
    from askew import datasets

    tables, images = datasets.info(), datasets.image_info()
    if json:
        print_json(
            {"datasets": [_table(each) for each in tables], "images": [_images(each) for each in images]}
        )
        return
    rows: list[tuple[str, ...]] = []
    for table in tables:
        share = f"{table.anomalies / table.rows:.1%}"
        rows.append((table.name, *(f"{n:,}" for n in (table.rows, table.columns, table.anomalies)), share))
    print_rows(("table", "rows", "columns", "anomalies", "share"), rows, numbers=True)
    say()
    rows = []
    for each in images:
        channels, height, width = each.shape
        kind = f"{height}x{width} {'grey' if channels == 1 else 'colour'}"
        counts = (f"{n:,}" for n in (len(each.class_names), each.n_train, each.n_test))
        rows.append((each.name, kind, *counts, each.found or "not fetched"))
    print_rows(("images", "size", "classes", "training", "test", "found in"), rows, numbers=True)


@app.command("fetch")
def fetch(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Image sets, as listed.")],
    json: options.JsonOption = False,
) -> None:
    """Download image sets into the cache, unless they are there or in the folder ASKEW_DATA, and check them."""
    from askew import datasets

    unknown = [name for name in names if name not in datasets.image_names()]
    if unknown:
        from askew.errors import InvalidInputError
        from askew.inputs.column_names import suggestion

        known = datasets.image_names()
        hint = suggestion(unknown[0], known) or f"Choose from: {', '.join(known)}."
        raise InvalidInputError(f"name must be of an image set that is fetched; got {unknown[0]!r}. {hint}")
    fetched = []
    for name in names:
        images = datasets.load_images(name)
        n_train, n_test = len(images.x_train), len(images.x_test)
        note(f"{name}: {n_train:,} training and {n_test:,} test images, from {images.source}.")
        fetched.append({"name": name, "n_train": n_train, "n_test": n_test, "source": images.source})
    if json:
        print_json({"fetched": fetched})


def _table(info: TableInfo) -> dict[str, Any]:
    keys = ("name", "rows", "columns", "anomalies", "source", "licence", "sha256")
    return {key: getattr(info, key) for key in keys}


def _images(info: ImageInfo) -> dict[str, Any]:
    keys = ("name", "shape", "n_train", "n_test", "class_names", "source", "licence", "found")
    files = [{"url": each.url, "sha256": each.sha256, "size": each.size} for each in info.published]
    return {key: getattr(info, key) for key in keys} | {"files": files}
