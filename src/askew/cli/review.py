"""``askew review``: a model file and rows or images -> a page on which a person answers what the model asks."""

from __future__ import annotations

import getpass
import sys
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from askew.cli import console, options
from askew.cli.console import note, print_json
from askew.errors import MissingDependencyError

if TYPE_CHECKING:
    from askew.review import ReviewSession


def review(
    model: options.ModelArgument,
    data: Annotated[str, typer.Argument(metavar="DATA", help=options.DATA_HELP)],
    folder: Annotated[
        Path | None,
        typer.Option(
            help="Folder that the answers and the models are kept in; by default MODEL-DATA.review beside the model."
        ),
    ] = None,
    reviewer: Annotated[
        str | None, typer.Option(help="Name of who answers; by default that of the account.")
    ] = None,
    blind: Annotated[
        bool,
        typer.Option("--blind", help="Ask what others answered, without showing it, to measure agreement."),
    ] = False,
    order: Annotated[
        str | None,
        typer.Option(help="What comes next: anomalous (the default), informative or random."),
    ] = None,
    random_share: Annotated[
        float | None,
        typer.Option(
            help="Share of the questions drawn at random, from which the true share of anomalies is estimated; 0.1 "
            "without it."
        ),
    ] = None,
    refit_every: Annotated[
        int | None,
        typer.Option(help="Answers after which the model is fitted again; 10 without it, 0 never."),
    ] = None,
    budget: Annotated[int | None, typer.Option(min=1, help="Answers a day that you aim at.")] = None,
    training: Annotated[
        str | None,
        typer.Option(
            metavar="DATA", help="What the model was fitted on, if not DATA: refits learn from both."
        ),
    ] = None,
    label_column: options.LabelColumnOption = None,
    anomaly: options.AnomalyOption = None,
    normal: options.NormalOption = None,
    unlabelled: options.UnlabelledOption = None,
    any_spelling: options.AnySpellingOption = False,
    id_column: options.IdColumnOption = None,
    ignore_extra: options.IgnoreExtraOption = False,
    skip_corrupt: options.SkipCorruptOption = False,
    export: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write the answers so far to a .csv or .parquet file, or a .json one for Label Studio, and end.",
        ),
    ] = None,
    import_: Annotated[
        Path | None,
        typer.Option("--import", metavar="FILE", help="Add the annotations of a Label Studio export, .json."),
    ] = None,
    quote_formulas: options.QuoteFormulasOption = False,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Port of the page; by default the first free from 8765."),
    ] = None,
    host: Annotated[
        str,
        typer.Option(
            help="Address to listen at. Any other than this machine's own opens the page to the network; it then "
            "always asks for the token."
        ),
    ] = "127.0.0.1",
    allow_host: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Another name that browsers may call this machine by. Repeatable."),
    ] = None,
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open a browser.")] = False,
    sheet: options.SheetOption = None,
    query: options.QueryOption = None,
    decimal: options.DecimalOption = None,
    thousands: options.ThousandsOption = None,
    na: options.NaOption = None,
    encoding: options.EncodingOption = None,
    separator: options.SeparatorOption = None,
    json: options.JsonOption = False,
) -> None:
    """Open a page in the browser on which you answer what the model asks about, row by row or image by image.

    Every answer is stored at once in the folder and survives whatever ends the program: the same command goes on
    where it stopped. The model is fitted again as answers come in; earlier models are kept. How it asks is kept in
    the folder too; an option changes it.

    The page is for this machine alone, and for who has the token in the address that is printed. It fetches nothing
    from elsewhere. Ctrl-C ends it.
    """
    options.refuse_quoting(quote_formulas, "" if export is None else export.suffix)
    if export is None:
        _need_the_extra()
    note(f"Opening {data} with {model}: all of it is scored.")
    from askew.review import open_review
    from askew.scoring import Labelling, ReadOptions

    rows = options.data_of(data, sheet, query)
    written = options.text_format_of(decimal, thousands, na, encoding, separator)
    session = open_review(
        model,
        rows,
        folder,
        ReadOptions(id_column, ignore_extra, skip_corrupt, written),
        Labelling(label_column, options.meaning_of(anomaly, normal, unlabelled, any_spelling)),
        console,
        None if training is None else options.data_of(training, None, None),
        reviewer=reviewer or _account(),
        blind=blind,
    )
    with session:
        chosen = {"order": order, "random_share": random_share, "refit_every": refit_every, "budget": budget}
        given = {name: value for name, value in chosen.items() if value is not None}
        if given:
            session.choose(**given)
        about: dict[str, Any] = {"model": str(model), "data": str(rows), "folder": str(session.folder)}
        if import_ is not None:
            about["imported"] = session.import_label_studio(import_)
            note(f"{import_}: {about['imported']:,} new answers.")
        if export is not None:
            about |= {"exported": _export(session, export, quote_formulas), "output": str(export)}
            note(f"Wrote {export}: {about['exported']:,} rows.")
            if json:
                print_json(about)
            return
        source = f"{model.name} · {Path(str(data)).name}"
        _serve(session, source, (host, port, tuple(allow_host or ())), about, json, not no_open)
        note(f"Stopped. {_so_far(session)} The same command goes on with them.")


def _serve(
    session: ReviewSession,
    source: str,
    at: tuple[str, int | None, tuple[str, ...]],
    about: dict[str, Any],
    json: bool,
    opens: bool,
) -> None:
    """Serve the page until Ctrl-C."""
    from askew.review.page import Access, application, listen, serve

    host, port, names = at
    listening = listen(host, port)
    access = Access(host, listening.getsockname()[1], names)

    def ready() -> None:
        note(f"{_so_far(session)} They are kept in {session.folder}.")
        if json:
            print_json(about | {"address": access.address, "token": access.token})
            sys.stdout.flush()
        else:
            note(f"Open {access.address}")
        if not access.is_local:
            note(
                f"The page is open to the network, without encryption. It asks for the token: {access.token}"
            )
        note("Ctrl-C ends it.")
        if opens and access.is_local and sys.stdout.isatty():
            webbrowser.open(access.address)

    try:
        serve(application(session, access, source), listening, ready)
    except KeyboardInterrupt:
        pass


def _so_far(session: ReviewSession) -> str:
    progress = session.progress()
    unit = "images" if session.of_images else "rows"
    answered = f"{progress.n_answered:,} of {progress.n_rows:,} {unit} have an answer"
    return f"{answered}, {progress.n_anomalies:,} of them are anomalies."


def _export(session: ReviewSession, path: Path, quote_formulas: bool) -> int:
    if path.suffix.lower() == ".json":
        return session.export_label_studio(path)
    return session.export(path, quote_formulas=quote_formulas)


def _account() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no account of that number
        return "me"


def _need_the_extra() -> None:
    from importlib.util import find_spec

    missing = [name for name in ("starlette", "uvicorn", "python_multipart") if find_spec(name) is None]
    if missing:
        raise MissingDependencyError(
            f"askew review needs {', '.join(missing)}. Install: pip install 'askew[review]'"
        )
