"""The part of a report on an image protocol: tables, curves, scatter plots, codes and pictures of single runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Self

from askew.benchmarks.protocols.images.design import PAIRS, Design
from askew.benchmarks.protocols.images.design_runs import STRIDE, next_class, usual_members
from askew.benchmarks.protocols.images.designs import DESIGNS
from askew.benchmarks.protocols.images.pictures import CODES_FILE, kept_pictures
from askew.benchmarks.protocols.images.protocol import plan
from askew.benchmarks.protocols.images.result import ImageResult
from askew.benchmarks.protocols.images.row import at, cell_key
from askew.benchmarks.report import svg
from askew.benchmarks.report.figures import images
from askew.benchmarks.report.figures.curves import image_curves
from askew.benchmarks.report.phrases import direction
from askew.benchmarks.report.section import TableSection
from askew.benchmarks.report.templating import REPORT
from askew.benchmarks.result_tables.cell_text import PAGE
from askew.benchmarks.result_tables.paired_tests import Comparison
from askew.benchmarks.runs.label_use import VAES, WITHOUT_LABELS
from askew.benchmarks.runs.plan import Plan, Run
from askew.benchmarks.runs.store import Record, read_json
from askew.errors import InvalidInputError

_CROWD = 4
"""Rivals of one reference that are no longer said one by one."""


@dataclass(frozen=True, kw_only=True)
class ImageSection(TableSection):
    """The runs of one image protocol and preset in a folder, and the result they make.

    ``codes`` is what ``--picture-codes`` left in the folder, if anything, and ``kept`` what ``--pictures`` left.
    """

    protocols = DESIGNS
    template = "images.html.j2"
    letter = "i"
    csv_columns = (
        *("preset", "variant", "n_known_classes", "eta", "n_normal_classes", "auprc_std", "fpr80_std"),
        *("auprc_normal_mean", "auprc_normal_std"),
        *("published_runs", "published_auprc", "published_fpr80", "doubtful"),
    )

    result: ImageResult
    codes: dict[str, Any] | None = None
    kept: tuple[dict[str, Any], ...] = ()

    @classmethod
    def collect(
        cls, records: Sequence[Record], reference: str | None = None, folder: Path | None = None
    ) -> tuple[Self, ...]:
        """Return a section per protocol and preset; its plan is the grid's part that the folder has begun."""
        found: dict[tuple[str, str], list[Record]] = {}
        for record in records:
            found.setdefault((record.run.protocol, record.preset), []).append(record)
        order = sorted(found, key=lambda key: (list(DESIGNS).index(key[0]), key[1]))
        sections = (cls._made(*key, found[key], folder) for key in order)
        return tuple(section for section in sections if section is not None)

    @classmethod
    def _made(cls, name: str, preset: str, records: Sequence[Record], folder: Path | None) -> Self | None:
        """Return the section; None where no run is of the protocol's grid."""
        by_key = {record.run.key: record for record in records}
        whole = _planned(name, preset, [record.run for record in records])
        ordered = tuple(by_key[run.key] for run in whole.runs if run.key in by_key) if whole else ()
        if whole is None or not ordered:
            return None
        begun = {cell_key(record.run) for record in ordered}
        part = replace(whole, runs=tuple(run for run in whole.runs if cell_key(run) in begun))
        keys = {record.run.key for record in ordered}
        return cls(
            result=ImageResult.of(part, by_key),
            records=ordered,
            other=len(records) - len(ordered),
            codes=_codes(folder, name, preset) if folder else None,
            kept=tuple(kept_pictures(folder, name, preset, keys)) if folder else (),
        )

    @property
    def title(self) -> str:
        """The protocol, and what it asks."""
        return f"{self.result.protocol}: {self.result.design.title}"

    @property
    def summary(self) -> list[str]:
        """What there is, and what the paired tests with one reference say."""
        return [f"{self.result.title}.", *REPORT.say("outside", self.other), *_tests(self.result)]

    def parts(self) -> dict[str, Any]:
        """Return tables, pictures and paired tests."""
        result = self.result
        curves = [(of, image_curves(result, of)) for of in result.datasets]
        return {
            "heading": result.introduction()[1:],
            "tables": list(self._tables()),
            "curves": [(of, drawn) for of, drawn in curves if drawn is not None],
            "scatters": images.best_against_second(result),
            "tests": result.comparison_grid().parts,
            "codes": self.codes and self._drawn(self.codes),
            "runs": [_run_pictures(one) for one in self.kept],
            "notes": result.notes(),
        }

    def _tables(self) -> Iterator[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
        for of in self.result.datasets:
            yield f"{of}: {self.result.coverage(of)}", *self.result.dataset_grid(of, PAGE).parts
            if (classes := self.result.class_grid(of)) is not None:
                yield f"{of} by normal class", *classes.parts

    @staticmethod
    def _drawn(codes: Mapping[str, Any]) -> dict[str, Any]:
        drawn = [(model["method"], images.codes_picture(model, codes["kinds"])) for model in codes["models"]]
        return {"words": codes["words"], "drawn": drawn, "kinds": images.CODE_KINDS}


def _tests(result: ImageResult) -> list[str]:
    """Return a sentence per family of paired tests, one for all where many have one reference in a column each."""
    families: dict[str, list[Comparison]] = {}
    for row in result.comparisons:
        if row.difference is not None and row.family != "best against second":
            families.setdefault(row.family, []).append(row)
    rivals: dict[str, list[Comparison]] = {}
    for rows in families.values():
        if len(rows) == 1:
            rivals.setdefault(rows[0].second, []).append(rows[0])
    crowds = {reference: rows for reference, rows in rivals.items() if len(rows) >= _CROWD}
    lines = []
    for family, rows in families.items():
        if len(rows) > 1 or rows[0].second not in crowds:
            lines += REPORT.say("family", family, rows, [direction(row) for row in rows])
    for reference, rows in crowds.items():
        shown = [row for row in rows if direction(row) != "within"]
        lines += REPORT.say("crowd", reference, rows, shown)
    return lines


def _codes(folder: Path, name: str, preset: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = read_json(folder / CODES_FILE)
    except (OSError, ValueError):
        return None
    return found if (found["protocol"], found["preset"]) == (name, preset) else None


def _run_pictures(kept: Mapping[str, Any]) -> dict[str, Any]:
    counts = kept["histograms"][0]["n"]
    return {
        **kept,
        "legend": [(key, counts[key], name) for key, name in images.GROUPS.items()],
        "histograms": [
            (one["name"], svg.both_widths(partial(images.score_histogram, one))) for one in kept["histograms"]
        ],
    }


def _planned(name: str, preset: str, runs: Sequence[Run]) -> Plan | None:
    """Return the plan of ``runs``: tables, image sets and pairs have a part each; None for names not in the grid."""
    kinds = (
        [run for run in runs if run.normal_class is None],
        [run for run in runs if _has_classes(run)],
        [run for run in runs if run.dataset in PAIRS],
    )
    try:
        parts = [_part(DESIGNS[name], preset, same) for same in kinds if same]
    except InvalidInputError:
        return None
    return replace(
        parts[0],
        runs=tuple(run for one in parts for run in one.runs),
        notes=tuple(dict.fromkeys(note for one in parts for note in one.notes)),
    )


def _part(design: Design, preset: str, runs: Sequence[Run]) -> Plan:
    return plan(
        design.name,
        preset,
        methods=_methods(runs, design),
        datasets=[of for of in design.datasets if of in {run.dataset for run in runs}],
        normal_classes=sorted({int(run.normal_class or 0) for run in runs if _has_classes(run)}) or None,
        known_classes=None if design.drawn else _known(runs, preset),
        at=sorted({at(run) for run in runs}),
        seeds=sorted({_repetition(run, design) for run in runs}),
        members=None if design.compares_sizes else _members(runs, design, preset),
    )


def _has_classes(run: Run) -> bool:
    """Return whether one class of an image set is normal: not so for tables and for pairs of image sets."""
    return run.normal_class is not None and run.dataset not in PAIRS


def _methods(runs: Sequence[Run], design: Design) -> list[str]:
    """Return the methods to plan; where a protocol takes its own alone, those whose label-free form was run."""
    present = {run.method for run in runs}
    if len(design.variants) > 1:
        return [name for name in design.methods if {name, WITHOUT_LABELS.get(name)} & present]
    return [*(name for name in design.methods if name in present), *sorted(present - set(design.methods))]


def _known(runs: Sequence[Run], preset: str) -> list[int] | None:
    """Return the classes known in some run or its partner; None for tables, and where they are the quick preset's."""
    found = {
        (run.dataset, int(run.normal_class or 0), run.seed % STRIDE) for run in runs if _has_classes(run)
    }
    usual = all(known == next_class(dataset, normal) for dataset, normal, known in found)
    return sorted({known for _, _, known in found}) if found and not (preset == "quick" and usual) else None


def _repetition(run: Run, design: Design) -> int:
    return run.seed if design.drawn or run.normal_class is None else run.seed // STRIDE


def _members(runs: Sequence[Run], design: Design, preset: str) -> int | None:
    """Return the one size of ensembles of VAEs, None for each set's usual one: whichever fits more of the runs."""
    vaes = [run for run in runs if run.method in VAES]
    sizes = Counter(run.params.get("n_members") for run in vaes)
    usual = sum(run.params.get("n_members") == usual_members(design, preset, run.dataset) for run in vaes)
    return next((size for size, fitting in sizes.most_common(1) if fitting > usual), None)
