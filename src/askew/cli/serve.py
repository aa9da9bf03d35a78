"""``askew serve``: a model file behind HTTP."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from askew.cli import options
from askew.cli.console import note, print_json


def serve(
    model: options.ModelArgument,
    host: Annotated[
        str, typer.Option(help="Address to listen on. Any but this machine's own asks for a token.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes one that is free.")] = 8000,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; one per core without it.")] = None,
    background: Annotated[
        str | None,
        typer.Option(
            metavar="DATA", help="Table of mostly normal rows, such as the training table, for reasons."
        ),
    ] = None,
    allow_host: Annotated[
        list[str] | None, typer.Option(help="Further name by which the service is called. Repeatable.")
    ] = None,
    max_bytes: Annotated[int, typer.Option(min=1, help="Bytes of a request, at most.")] = 32 << 20,
    max_rows: Annotated[int, typer.Option(min=1, help="Rows of a request, at most.")] = 100_000,
    queue: Annotated[
        int, typer.Option(min=1, help="Requests of a process that wait or are under way, at most.")
    ] = 64,
    watch: Annotated[
        bool, typer.Option("--watch/--no-watch", help="Read the model anew when its file changes.")
    ] = True,
    json: options.JsonOption = False,
) -> None:
    """Serve a model over HTTP: POST rows to /score and /explain; / says what the model takes.

    Rows are JSON, an array of objects, or Arrow; messages about bad rows are those of askew score. A queue that is
    full answers 503. /health and /metrics tell how the service is.

    SIGHUP, or a change of the file, replaces the model while requests go on; a file that cannot be used leaves the
    old model in place. SIGTERM and Ctrl-C answer what is under way, then stop.

    The token, for --host elsewhere or by choice, is the environment variable ASKEW_SERVE_TOKEN.
    """
    from askew.serving import Settings, serve
    from askew.serving.log import log_to_stderr
    from askew.serving.settings import TOKEN_VARIABLE, cores

    settings = Settings(
        model=model,
        host=host,
        port=port,
        workers=workers or cores(),
        background=None if background is None else options.data_of(background, None, None),
        token=os.environ.get(TOKEN_VARIABLE, ""),
        hosts=tuple(allow_host or ()),
        max_bytes=max_bytes,
        max_rows=max_rows,
        queue=queue,
        watch=watch,
    )

    def ready(address: str) -> None:
        processes = "1 process" if settings.workers == 1 else f"{settings.workers} processes"
        note(f"{model} is served at {address} ({processes}). Ctrl-C stops it.")
        if json:
            print_json({"address": address, "model": str(model), "workers": settings.workers})

    log_to_stderr(everything=bool(os.environ.get("ASKEW_DEBUG")))
    serve(settings, ready)
