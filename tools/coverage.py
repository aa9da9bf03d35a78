"""Bring docs/coverage.md up to date with results/ and the papers' numbers: python tools/coverage.py.

Every table and figure of the three papers: its command, how much of it was run, and each printed cell of which
there is a run, in units of the published standard deviation. What explains a difference is kept here.
"""

from __future__ import annotations

import json
import math
import re
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq

from askew.benchmarks.protocols.images.published_numbers import CIFAR_CLASSES, DOUBTS
from askew.benchmarks.result_tables.published import Cell, all_cells, cells
from askew.benchmarks.runs.label_use import RUN_WITHOUT_LABELS, WITHOUT_LABELS

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "coverage.md"

SAD, DUAL, AMA = "deepsad2020", "dpvae2021", "ama2021"
PAPERS = {
    SAD: "Deep SAD (Ruff et al. 2020)",
    DUAL: "The dual-prior paper (Daniel, Kurutach, Tamar 2021)",
    AMA: "The AMA paper (Somepalli et al. 2021)",
}


class Place(NamedTuple):
    """Tables or figures that one command makes; `numbers` are the tables of the published numbers."""

    paper: str
    name: str
    what: str
    command: str = ""
    protocol: str = ""
    numbers: tuple[str, ...] = ()
    why: str = ""


_KERNELS = "OC-SVM and SSAD: the public loader's leak and tuning on test rows give the printed numbers. "
_SHORT = "Short trainings of few images. "
PLACES = (
    Place(SAD, "Figure 1", "Illustration"),
    Place(SAD, "Table 1", "The data sets", "askew datasets"),
    Place(
        SAD,
        "Tables 2, 6",
        "Six ODDS tables",
        "askew bench classic --preset paper",
        "classic",
        ("Table 2", "Table 6"),
        f"{_KERNELS}Deep SVDD is printed as the best of three variants, ours is one-class alone. The supervised "
        "network is far from converged at the paper's rate.",
    ),
    Place(
        SAD,
        "Table 3, Figures 2, 6",
        "Scenario (i): more labels",
        "askew bench labelled-ratio --preset paper",
        "labelled_ratio",
        ("Table 3",),
        f"{_SHORT}Deep SAD at full length, nine of the 90 runs of a cell, is above print by less than a deviation.",
    ),
    Place(
        SAD,
        "Table 4, Figures 3, 7",
        "Scenario (ii): pollution",
        "askew bench pollution --preset paper",
        "pollution",
        ("Table 4",),
        f"{_SHORT}Every method loses less to hidden anomalies than in print.",
    ),
    Place(
        SAD,
        "Table 5, Figures 4, 8",
        "Scenario (iii): more known classes",
        "askew bench known-classes --preset paper",
        "known_classes",
        ("Table 5",),
        f"{_SHORT}All are above the printed means.",
    ),
    Place(
        SAD,
        "Figure 5",
        "The weight η",
        "askew bench eta --preset paper",
        "eta",
        (),
        "No numbers are printed.",
    ),
    Place(
        DUAL,
        "Figure 1",
        "t-SNE of codes, thyroid",
        "askew bench labelled-ratio --picture-codes; askew report",
        why="Drawn for image sets alone.",
    ),
    Place(DUAL, "Figure 2", "CUBO of one Gaussian"),
    Place(DUAL, "Table 1", "The tasks", "askew bench"),
    Place(
        DUAL,
        "Tables 2, 7",
        "Scenario (i): more labels",
        "askew bench labelled-ratio --preset paper",
        "labelled_ratio",
        ("Table 2", "Table 7"),
        f"{_SHORT}On CIFAR-10 one run each: DP-VAE 66.6, Deep SAD 78.7, the printed order reversed.",
    ),
    Place(
        DUAL,
        "Table 3",
        "Cats and dogs",
        "askew bench cats-vs-dogs --preset paper",
        "cats_vs_dogs",
        ("Table 3",),
        "200 images and two known anomalies: at chance. ADGAN and GEOM take a GPU. No deviation is printed.",
    ),
    Place(
        DUAL,
        "Tables 4, 8",
        "Six ODDS tables",
        "askew bench classic --preset paper",
        "classic",
        ("Table 4", "Table 8"),
        f"{_KERNELS}VAEs on satellite: columns from 0 to 1, a sigmoid and cross-entropy give DP-VAE 90.9, MML-VAE "
        "92.3; the plain VAE's 77.7 is the standardised columns', whose code does not collapse. Arrhythmia: half of "
        "the gap is the leak.",
    ),
    Place(
        DUAL,
        "Tables 5, 10",
        "Ablation of DP-VAE",
        "askew bench ablation --preset paper",
        "ablation",
        ("Table 5", "Table 10"),
        "A separate encoder costs as printed; that a frozen decoder helps does not show.",
    ),
    Place(
        DUAL,
        "Table 6",
        "Size of the ensemble",
        "askew bench ensemble-size --preset paper",
        "ensemble_size",
        ("Table 6",),
        f"{_SHORT}One normal class.",
    ),
    Place(
        DUAL,
        "Table 9",
        "Pollution",
        "askew bench pollution --preset paper",
        "pollution",
        ("Table 9",),
        f"{_SHORT}MML-VAE bears hidden anomalies best, as in print.",
    ),
    Place(DUAL, "Tables 11, 12", "Settings", why="`askew.benchmarks.protocols` has them as data."),
    Place(
        DUAL,
        "Table 13",
        "Ill-trained autoencoder",
        "askew bench ill-trained-autoencoder --preset paper",
        "ill_trained_autoencoder",
        ("Table 13",),
        "At 500 images labels gain nothing either, so their loss cannot show.",
    ),
    Place(
        DUAL,
        "Table 14",
        "Film reviews",
        "askew bench sentiment",
        "sentiment",
        ("Table 14",),
        "The ELBO of a small network is at chance; the KL term alone gains 5.6 points. [Sentences](sentiment.md).",
    ),
    Place(
        DUAL,
        "Figure 3",
        "Motion planning",
        "askew bench planning --preset paper",
        "planning",
        (),
        "Collisions fall if samples are screened by the model's own loss. [Motion planning](motion-planning.md).",
    ),
    Place(AMA, "Figures 1, 2", "Illustrations"),
    Place(
        AMA,
        "Table 1",
        "One class against the rest",
        "askew bench one-vs-rest --preset paper",
        "one_vs_rest",
        ("Table 1",),
        "`ama` is AMA (contrast), 500 steps. No deviation is printed.",
    ),
    Place(
        AMA,
        "Table 2",
        "One image set against another",
        "askew bench ood --preset paper",
        "ood",
        ("Table 2",),
        "`ama` is AMA (contrast). Small PixelCNNs, 10 epochs, for the likelihood ratio.",
    ),
    Place(
        AMA,
        "Text: .961, .935, .927",
        "CIFAR-10 against LSUN, iSUN, ImageNet",
        "askew bench ood --datasets cifar10_vs_lsun,cifar10_vs_isun,cifar10_vs_imagenet",
        why="Declared; not run, for want of the images. Nor was CIFAR-10 against SVHN.",
    ),
    Place(AMA, "Tables 3, 4", "Networks", why='`network="ama_cifar10"` and `"ama_mnist"`.'),
    Place(
        AMA,
        "Table 5",
        "Ways to sample negatives",
        "askew bench negative-sampling --preset paper",
        "negative_sampling",
        ("Table 5",),
    ),
    Place(
        AMA,
        "Table 6",
        "Known anomalies",
        "askew bench semi-supervised-ama --preset paper",
        "semi_supervised_ama",
        ("Table 6",),
        "`ama` is AMA (contrast); 12,000 images seen instead of 500,000, and the small networks for grey images.",
    ),
    Place(
        AMA,
        "Figures 3 to 5, 10 to 14",
        "Samples, histograms, reconstructions, interpolations",
        "askew bench ood --pictures ama; askew report",
        why="Drawn on request of the first run; not run at length.",
    ),
    Place(
        AMA,
        "Figures 6, 9",
        "Interpolation and negatives",
        "askew bench components --preset paper",
        "components",
        (),
        "Neither is worst, as in print; interpolation alone is 0.3 points above both.",
    ),
    Place(AMA, "Figure 7", "Simplex or MixUp", "askew bench mixup --preset paper", "mixup"),
    Place(AMA, "Figure 8", "Corruption", "askew bench corruption --preset paper", "corruption"),
)

_VARIED = (
    *("separate_encoder", "freeze_decoder", "n_members", "training__pretrain_epochs", "eta"),
    *("variant", "negatives", "interpolation", "score_by"),
)
_MEASURES = {"auroc": "auroc", "auprc": "auprc_normal", "fpr80": "fpr80"}
_ROUNDING = 0.0005  # the papers print tenths of a percent


@cache
def runs() -> tuple[dict[str, Any], ...]:
    """Return the stored runs, the last of those that are one cell and seed."""
    latest: dict[tuple[Any, ...], dict[str, Any]] = {}
    for path in sorted(ROOT.glob("results/*/runs.parquet")):
        table = pq.read_table(path)
        if "protocol" not in table.column_names:
            continue
        for run in table.to_pylist():
            if run["split"] == "leaky":
                continue
            run["params"] = json.loads(run["params"])
            place = [run[name] for name in ("protocol", "preset", "dataset", "method", "normal_class")]
            place += [run[name] for name in ("known_classes", "labelled_ratio", "pollution_ratio", "seed")]
            key = (*place, *(run["params"].get(name) for name in _VARIED))
            if key not in latest or latest[key]["started"] < run["started"]:
                latest[key] = run
    return tuple(latest.values())


def fits(cell: Cell, run: dict[str, Any]) -> bool:
    """Return whether a run is one of those that a printed cell is the mean of."""
    params, method = run["params"], cell.method
    if cell.experiment != run["protocol"]:
        return False
    if cell.experiment == "sentiment":
        method = "sentence_vae" if params.get("score_by", "elbo") == "elbo" else ""
    elif not cell.ratio_labelled or cell.n_known_classes == "0":
        method = WITHOUT_LABELS.get(method, method)
    labels = run["method"] in RUN_WITHOUT_LABELS or cell.ratio_labelled == run["labelled_ratio"]
    same = (method, cell.dataset.removesuffix("-test")) == (
        run["method"],
        run["dataset"].removesuffix("-test"),
    )
    if not (same and labels and cell.ratio_pollution in (None, run["pollution_ratio"])):
        return False
    if not _same_class(cell, run):
        return False
    if cell.experiment == "known_classes":
        return int(cell.n_known_classes or 0) == len(json.loads(run["known_classes"] or "[]"))
    if cell.experiment == "ill_trained_autoencoder":
        return bool(params.get("training__pretrain_epochs") == 10)
    if cell.experiment in ("ablation", "ensemble_size") and cell.ensemble_size != params["n_members"]:
        return False
    if cell.experiment == "ablation":
        parts = (params["separate_encoder"], params["freeze_decoder"])
        return parts == (cell.encoder == "separate", cell.decoder == "freeze")
    return True


def _same_class(cell: Cell, run: dict[str, Any]) -> bool:
    """Whether the normal class is the cell's; a mean over all classes has runs only where each is printed by none."""
    if cell.normal_class is None:
        return True
    if cell.normal_class == "average":
        return cell.experiment not in ("one_vs_rest", "semi_supervised_ama", "sentiment")
    normal = run["normal_class"]
    named = CIFAR_CLASSES[int(normal)] if cell.dataset == "cifar10" and normal is not None else normal
    return bool(cell.normal_class == named)


class Found(NamedTuple):
    """A printed cell and what was run of it under one preset, as fractions."""

    cell: Cell
    preset: str
    n_runs: int
    mean: float
    std: float | None

    @property
    def verdict(self) -> str:
        """Within one published deviation, above or below by more, or "" where none is printed."""
        if self.cell.std is None:
            return ""
        difference = self.mean - self.cell.mean
        if abs(difference) <= self.cell.std + _ROUNDING:
            return "within"
        return "above" if difference > 0 else "below"

    @property
    def doubtful(self) -> bool:
        """Whether the printed number contradicts another one."""
        measures, _ = DOUBTS.get((self.cell.experiment, self.cell.dataset, self.cell.method), ((), ""))
        return _MEASURES[self.cell.metric] in measures

    def row(self) -> str:
        """Return its line of a table."""
        cell = self.cell
        setting = [f"γ_l = {cell.ratio_labelled:g}" if cell.ratio_labelled else ""]
        setting += [f"γ_p = {cell.ratio_pollution:g}" if cell.ratio_pollution else ""]
        setting += [f"k = {cell.n_known_classes}" if cell.experiment == "known_classes" else ""]
        setting += [f"normal: {cell.normal_class}" if cell.normal_class not in (None, "average") else ""]
        setting += [f"{cell.encoder} encoder, decoder {cell.decoder}" if cell.encoder else ""]
        setting += [f"K = {cell.ensemble_size}" if cell.experiment in ("ablation", "ensemble_size") else ""]
        setting += ["AUPRC" if cell.metric == "auprc" else "FPR80" if cell.metric == "fpr80" else ""]
        difference = 100 * (self.mean - cell.mean)
        deviations = f" ({difference / 100 / cell.std:+.1f})" if cell.std else ""
        doubt = "?" if self.doubtful else ""
        words = (cell.dataset, cell.method, ", ".join(filter(None, setting)), f"{self.preset}, {self.n_runs}")
        numbers = (_spread(self.mean, self.std), _spread(cell.mean, cell.std) + doubt)
        return f"| {' | '.join((*words, *numbers, f'{difference:+.1f}{deviations}'))} |"


def _spread(mean: float, std: float | None) -> str:
    return f"{100 * mean:.1f}" + ("" if std is None else f" ± {100 * std:.1f}")


@cache
def found(cell: Cell) -> tuple[Found, ...]:
    """Return what was run of a printed cell, by preset."""
    by_preset: dict[str, list[float]] = {}
    for run in runs():
        value = run.get(_MEASURES[cell.metric])
        if value is not None and fits(cell, run):
            by_preset.setdefault(run["preset"], []).append(value)
    return tuple(
        Found(
            cell,
            preset,
            len(values),
            math.fsum(values) / len(values),
            statistics.stdev(values) if len(values) > 1 else None,
        )
        for preset, values in sorted(by_preset.items())
    )


def best_of_three(cell: Cell) -> Found | None:
    """Return Deep SVDD as its row is printed on tables: the best of three variants, chosen on test rows."""
    if (cell.experiment, cell.method) != ("classic", "deep_svdd"):
        return None
    names = ("deep_svdd", "deep_svdd_soft_1", "deep_svdd_soft_10")
    three = [one for name in names for one in found(replace(cell, method=name))]
    if len(three) < len(names):
        return None
    best = max(three, key=lambda one: one.mean)
    return best._replace(cell=replace(cell, method="deep_svdd, best of three on test rows"))


def printed(place: Place) -> list[Cell]:
    """Return the cells that the tables of a place print, each configuration once."""
    own = [one for one in all_cells() if one.paper == place.paper and one.table in place.numbers]
    return list({one.configuration: one for one in own}.values())


def coverage(place: Place) -> str:
    """Return how many runs of the full grid there are, by preset, with seeds; the titles of stored tables say it."""
    said = []
    for path in sorted(ROOT.glob("results/*/table.md")):
        title = path.read_text(encoding="utf-8").partition("\n")[0]
        name, preset, done, planned, grid = _TITLE.match(title).groups()  # type: ignore[union-attr]
        if name == place.protocol:
            whole = f" of a grid of {grid}" if grid and grid != planned else ""
            said.append(f"{preset}: {done} of {planned}{whole}, {_seeds(place.protocol, preset)}")
    return "; ".join(said) or ("not run" if place.protocol else "–")


_TITLE = re.compile(r"# (\w+), preset (\w+).*: ([\d,]+) of ([\d,]+) runs(?: \(the full grid has ([\d,]+)\))?")


def _seeds(protocol: str, preset: str) -> str:
    cells: dict[tuple[Any, ...], int] = {}
    for run in runs():
        if (run["protocol"], run["preset"]) == (protocol, preset):
            names = ("dataset", "method", "labelled_ratio", "pollution_ratio")
            key = (*(run[name] for name in names), *(run["params"].get(name) for name in _VARIED))
            cells[key] = cells.get(key, 0) + 1
    if not cells:
        return "ten seeds"
    least, most = min(cells.values()), max(cells.values())
    return (
        f"{least} to {most} runs a cell"
        if least < most
        else f"{most} runs a cell"
        if most > 1
        else "one run a cell"
    )


def counts(every: Sequence[Found]) -> str:
    """Return how many are within one deviation, above and below by more, of those in no doubt."""
    verdicts = [one.verdict for one in every if not one.doubtful]
    without = verdicts.count("")
    said = " / ".join(str(verdicts.count(word)) for word in ("within", "above", "below"))
    return said + (f", {without} without a deviation" if without else "") if verdicts else "–"


def lines() -> Iterator[str]:
    """Yield the page."""
    classic = [one for cell in cells("classic") for one in found(cell)]
    yield "# Coverage"
    yield ""
    yield "Every table and figure of the three papers, the command that makes it, and how much of it has been run."
    yield "`python tools/coverage.py` writes this page from `results/` and the published numbers. A cell is *within*"
    yield "if our mean is no further from the printed one than the printed standard deviation, else *above* or *below*:"
    yield "both are mismatches. Means over images are over the runs that there are, printed ones over all classes."
    yield ""
    yield "Without their repetitions in other tables, of the cells that are printed for the six ODDS tables"
    yield f"{len(classic)} were run: {counts(classic)} (within / above / below)."
    yield ""
    yield "What was not chosen on training data: the VAEs' exponential CUBO and mean reduction on tables (test AUROC"
    yield "of four ODDS tables), and the quick budgets of AMA, AnoGAN and ADGAN (test AUROC of MNIST);"
    yield "see the [notes](reproduction-notes.md#choices-where-the-papers-are-silent)."
    for paper, title in PAPERS.items():
        yield from ("", f"## {title}", "")
        yield "| where | what | command | runs | printed cells with runs | within / above / below | what explains it |"
        yield "| --- | --- | --- | --- | --- | --- | --- |"
        for place in (one for one in PLACES if one.paper == paper):
            own = printed(place)
            done = [one for cell in own for one in found(cell)]
            share = f"{len({one.cell for one in done})} of {len(own)}" if own else "–"
            command = f"`{place.command}`" if place.command else "–"
            said = (place.name, place.what, command, coverage(place), share, counts(done), place.why or "–")
            yield f"| {' | '.join(said)} |"
    yield from ("", "## Cell by cell", "")
    yield "AUROC in percent unless stated, mean ± standard deviation over runs; the difference in points, and in"
    yield "brackets in published standard deviations. A number marked `?` contradicts another that is printed."
    for place in PLACES:
        done = [one for cell in printed(place) for one in found(cell)]
        if done:
            yield from ("", f"### {PAPERS[place.paper].partition(' (')[0]}, {place.name}", "")
            yield "| data set | method | setting | preset, runs | ours | published | difference |"
            yield "| --- | --- | --- | --- | --- | --- | --- |"
            yield from (one.row() for one in done)
            tuned = (best_of_three(cell) for cell in printed(place))
            yield from (one.row() for one in tuned if one is not None)


def page() -> str:
    """Return docs/coverage.md."""
    return "\n".join(lines()) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
