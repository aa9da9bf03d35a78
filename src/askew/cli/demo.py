"""``askew demo``: what a few labels are worth, on a real table that comes with the package."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from askew.cli import options
from askew.cli.console import note, print_json, print_table, say

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from rich.table import Table as RichTable

    from askew.base import Detector
    from askew.benchmarks.runs.metrics import Metrics
    from askew.datasets import Split, Table

DATASET = "thyroid"
SEED = 0
"""The first one. It was not chosen by its result, and this is one split: `askew bench classic` runs ten."""

METHODS = {
    "dp_vae": "DP-VAE, with the labels",
    "vae": "VAE, without labels",
    "isolation_forest": "isolation forest, without labels",
}
_TOP = 5


class Entrant(NamedTuple):
    """One fitted method: its scores of the test rows (higher = more normal) and how good they are."""

    title: str
    detector: Detector
    scores: NDArray[Any]
    metrics: Metrics
    published: float | None
    """The papers' AUROC, a mean over ten splits; None where they print none."""
    seconds: float


def demo(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder for the picture, the scores and the model.")
    ] = Path("demo"),
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Passes over the training rows; by default the paper's 150.")
    ] = None,
    json: options.JsonOption = False,
) -> None:
    """See what 22 labels are worth on a real table: train, compare, draw a picture, in half a minute."""
    start = time.perf_counter()
    _make_folder(output)
    from askew.datasets import load
    from askew.datasets.splits import classic_split

    table = load(DATASET)
    split = classic_split(table, SEED)
    _introduce(table, split)
    entrants = {name: _enter(name, table, split, epochs) for name in METHODS}
    files = _write(output, table, split, entrants)
    seconds = time.perf_counter() - start
    if json:
        about = {"files": {kind: str(path) for kind, path in files.items()}, "seconds": round(seconds, 3)}
        print_json(_summary(table, split, entrants) | about)
        return
    _print_results(entrants)
    _print_top(table, split, entrants["dp_vae"])
    _print_farewell(files, seconds)


def _make_folder(path: Path) -> None:
    from askew.errors import InvalidInputError

    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InvalidInputError(
            f"--output must be a folder that can be written to; got {str(path)!r} ({reason}). Choose another."
        ) from error


def _introduce(table: Table, split: Split) -> None:
    note(
        f"The table: {table.name}, {len(table.X):,} patients, {table.X.shape[1]} measurements, "
        f"{int(table.anomaly.sum())} of them with an overactive gland (the anomalies)."
    )
    note(
        f"To learn from: {split.n_train:,} rows, of which {split.n_labelled} are labelled as anomalies and "
        f"{int((split.y_train == 0).sum()):,} are unlabelled."
    )
    note(
        f"To be judged on: {split.n_test:,} other rows, {split.n_test_anomalies} of them anomalies "
        f"(clean 60:40 split, seed {SEED})."
    )


def _enter(name: str, table: Table, split: Split, epochs: int | None) -> Entrant:
    """Fit one method with the benchmark's settings for this table, and score the test rows."""
    import pandas as pd

    from askew import index
    from askew.benchmarks.protocols.classic.method_settings import params
    from askew.benchmarks.result_tables.published import published
    from askew.benchmarks.runs.metrics import metrics
    from askew.training.epoch_events import terminal_bar

    parameters = params(name, DATASET)
    if epochs is not None and "training__epochs" in parameters:
        parameters["training__epochs"] = epochs
    detector = index.detector_class(name)()
    detector.set_params(random_state=SEED, **detector.published_parameters(), **parameters)
    names = list(table.feature_names)  # the model keeps them, so it can score a file with these columns
    start = time.perf_counter()
    with terminal_bar(f"training {name}"):
        detector.fit(pd.DataFrame(split.X_train, columns=names), split.y_train)
    seconds = time.perf_counter() - start
    note(f"Trained {_in_words(name, parameters)} in {seconds:.1f} s.")
    scores = detector.score_samples(pd.DataFrame(split.X_test, columns=names))
    cell = published("classic").get((DATASET, name))
    quality = metrics(scores, split.anomaly_test)
    return Entrant(METHODS[name], detector, scores, quality, None if cell is None else cell.mean, seconds)


def _in_words(name: str, parameters: dict[str, Any]) -> str:
    title = METHODS[name].partition(",")[0]
    if "n_members" not in parameters:
        return f"{title} ({parameters['n_estimators']} trees)"
    return f"{title} ({parameters['n_members']} members, {parameters['training__epochs']} epochs)"


def _write(output: Path, table: Table, split: Split, entrants: dict[str, Entrant]) -> dict[str, Path]:
    """Write the picture, the scores and the model; return their paths."""
    from askew.cli.demo_picture import save_picture
    from askew.inputs import atomic_path

    best = entrants["dp_vae"]
    names = {"picture": "thyroid.png", "scores": "scores.csv", "model": "model.askew"}
    files = {kind: output / name for kind, name in names.items()}
    with atomic_path(files["picture"]) as path:
        scores = {each.title: each.scores for each in entrants.values()}
        save_picture(path, split.anomaly_test, scores, -best.detector.offset_, table.name)
    with atomic_path(files["scores"]) as path:
        _scores(split, best).to_csv(path, index=False)
    best.detector.save(files["model"])
    return files


def _scores(split: Split, entrant: Entrant) -> Any:
    """Return the test rows as a frame, like the output of `askew score`, with the truth beside."""
    import numpy as np
    import pandas as pd

    flagged = np.where(entrant.scores - entrant.detector.offset_ >= 0, 1, -1)
    frame = pd.DataFrame({"row": split.test_rows, "score": entrant.scores, "anomaly_score": -entrant.scores})
    return frame.assign(prediction=flagged, truth=np.where(split.anomaly_test, "anomaly", "normal"))


def _summary(table: Table, split: Split, entrants: dict[str, Entrant]) -> dict[str, Any]:
    rows = [
        {
            "method": name,
            "auroc": each.metrics.auroc,
            "average_precision": each.metrics.auprc,
            "published_auroc": each.published,
            "seconds": round(each.seconds, 3),
        }
        for name, each in entrants.items()
    ]
    counts = {name: getattr(split, name) for name in ("n_train", "n_labelled", "n_test", "n_test_anomalies")}
    top = _scores(split, entrants["dp_vae"]).nsmallest(_TOP, "score").to_dict("records")
    return {"dataset": table.name, "split": "clean", "seed": SEED, **counts, "rows": rows, "top": top}


def _print_results(entrants: dict[str, Entrant]) -> None:
    results = _table("How well the test rows are ranked, in percent")
    results.add_column("method", no_wrap=True)
    for heading in ("AUROC", "average precision", "AUROC, published"):
        results.add_column(heading, justify="right", no_wrap=True)
    for each in entrants.values():
        numbers = (each.metrics.auroc, each.metrics.auprc, each.published)
        cells = ["–" if number is None else f"{100 * number:.1f}" for number in numbers]
        results.add_row(each.title, *cells, style="bold" if each is entrants["dp_vae"] else None)
    print_table(results)
    say("Ours is one split; the published numbers are means of ten. `askew bench classic` runs ten.")


def _print_top(table: Table, split: Split, entrant: Entrant) -> None:
    rows = _table("The test rows to look at first (row: place in the table, from 0)")
    for heading in ("row", "anomaly score", *table.feature_names):
        rows.add_column(heading, justify="right")
    rows.add_column("in truth")
    for place in entrant.scores.argsort()[:_TOP]:
        values = [f"{value:.3f}" for value in split.X_test[place]]
        truth = "anomaly" if split.anomaly_test[place] else "normal"
        rows.add_row(str(split.test_rows[place]), f"{-entrant.scores[place]:.1f}", *values, truth)
    say()
    print_table(rows)


def _table(title: str) -> RichTable:
    from rich import box
    from rich.table import Table as RichTable

    return RichTable(title=title, title_justify="left", box=box.SIMPLE)


def _print_farewell(files: dict[str, Path], seconds: float) -> None:
    say("With your own table (a label column with -1 for anomalies you know, 0 or empty for the rest):")
    say("  askew fit your_table.csv --label-column label -o model.askew")
    say("  askew score model.askew new_rows.csv --top 20")
    say("  askew fit --help    # other words for labels, Parquet, other methods")
    note(f"Wrote {', '.join(str(path) for path in files.values())} ({seconds:.0f} s in all).")
