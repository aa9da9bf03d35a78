"""The report's part on an image protocol: from its runs to what the page and the Markdown show."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from askew.benchmarks.protocols.images.coordinates import at, cell_key
from askew.benchmarks.protocols.images.grid import PAIRS, WITHOUT_LABELS, Protocol
from askew.benchmarks.protocols.images.grid_runs import STRIDE, next_class, plan, usual_members
from askew.benchmarks.protocols.images.grids import PROTOCOLS
from askew.benchmarks.protocols.images.pictures import kept_pictures
from askew.benchmarks.protocols.images.result import ImageResult
from askew.benchmarks.protocols.images.settings import VAES
from askew.benchmarks.protocols.images.tsne import FILE
from askew.benchmarks.report import image_figures, pictures, words
from askew.benchmarks.runs.plan import Plan, Run
from askew.benchmarks.runs.store import Record
from askew.benchmarks.tables.cell_text import PAGE
from askew.benchmarks.tables.paired_tests import Comparison
from askew.errors import InvalidInputError

CSV_COLUMNS = (
    *("preset", "variant", "n_known_classes", "eta", "n_normal_classes", "auprc_std", "fpr80_std"),
    *("auprc_normal_mean", "auprc_normal_std"),
    *("published_runs", "published_auprc", "published_fpr80", "doubtful"),
)
"""What a row of an image protocol has that others have not."""

_CROWD = 4
"""Rivals of one reference that are no longer said one by one."""


@dataclass(frozen=True)
class ImageSection:
    """The runs of one image protocol and preset in a folder, and the result they make.

    ``other`` counts runs that are not in the protocol's grid: other settings or unknown names; ``codes`` is what
    ``--picture-codes`` left in the folder, if anything, and ``pictures`` what ``--pictures`` left.
    """

    result: ImageResult
    records: tuple[Record, ...]
    other: int
    codes: dict[str, Any] | None
    pictures: tuple[dict[str, Any], ...] = ()

    @property
    def failures(self) -> tuple[Record, ...]:
        """The runs that failed."""
        return tuple(record for record in self.records if record.status != "ok")

    @property
    def summary(self) -> list[str]:
        """What there is, and what the paired tests with one reference say."""
        return [f"{self.result.title}.", *words.outside(self.other), *test_words(self.result)]


def test_words(result: ImageResult) -> list[str]:
    """Return what the families of paired tests with a reference say, and where both corrected tests agree.

    One sentence per family; where a reference has many rivals in one column each, one for all of them.
    """
    families: dict[str, list[Comparison]] = {}
    for row in result.comparisons:
        if row.difference is not None and row.family != "best against second":
            families.setdefault(row.family, []).append(row)
    crowds: dict[str, list[Comparison]] = {}
    for rows in families.values():
        if len(rows) == 1:
            crowds.setdefault(rows[0].second, []).append(rows[0])
    lines = [
        _family_words(family, rows)
        for family, rows in families.items()
        if len(crowds.get(rows[0].second, ())) < _CROWD or len(rows) > 1
    ]
    return lines + [_crowd_words(name, rows) for name, rows in crowds.items() if len(rows) >= _CROWD]


def _family_words(family: str, rows: Sequence[Comparison]) -> str:
    above = sum((row.difference or 0.0) > 0 for row in rows)
    shown = [words.direction(row) for row in rows]
    return (
        f"{family}: above on average in {above} of {len(rows)} columns; shown by both paired tests in "
        f"{shown.count('above')}, the opposite in {shown.count('below')}."
    )


def _crowd_words(reference: str, rows: Sequence[Comparison]) -> str:
    def named(chosen: Iterable[Comparison]) -> str:
        return ", ".join(row.first for row in chosen) or "none"

    above = named(row for row in rows if (row.difference or 0.0) > 0)
    below = named(row for row in rows if (row.difference or 0.0) <= 0)
    shown = named(row for row in rows if words.direction(row) != "within")
    return (
        f"On average above {reference}: {above}. Not above it: {below}. Shown by both paired tests: {shown}."
    )


def collect_images(records: Iterable[Record], folder: Path) -> tuple[ImageSection, ...]:
    """Return a section per image protocol and preset of a folder's runs.

    The plan of a section is the protocol's grid with the methods, data sets, classes, columns and seeds that the
    folder has, less the cells of the table that no run has begun.
    """
    found: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        found.setdefault((record.run.protocol, record.preset), []).append(record)
    order = sorted(found, key=lambda key: (list(PROTOCOLS).index(key[0]), key[1]))
    return tuple(made for key in order if (made := _section(*key, found[key], folder)) is not None)


def _section(name: str, preset: str, records: Sequence[Record], folder: Path) -> ImageSection | None:
    by_key = {record.run.key: record for record in records}
    runs = [record.run for record in records]
    kinds = (
        [run for run in runs if run.normal_class is None],
        [run for run in runs if _has_classes(run)],
        [run for run in runs if run.dataset in PAIRS],
    )
    try:
        tables_and_images = [_planned(PROTOCOLS[name], preset, same) for same in kinds if same]
    except InvalidInputError:  # runs of names that are not in the protocol's grid
        return None
    whole = replace(
        tables_and_images[0],
        runs=tuple(run for one in tables_and_images for run in one.runs),
        notes=tuple(dict.fromkeys(note for one in tables_and_images for note in one.notes)),
    )
    ordered = tuple(by_key[run.key] for run in whole.runs if run.key in by_key)
    if not ordered:
        return None
    begun = {cell_key(record.run) for record in ordered}
    part = replace(whole, runs=tuple(run for run in whole.runs if cell_key(run) in begun))
    return ImageSection(
        ImageResult.of(part, by_key),
        ordered,
        len(records) - len(ordered),
        _codes(folder, name, preset),
        tuple(kept_pictures(folder, name, preset, {record.run.key for record in ordered})),
    )


def _planned(protocol: Protocol, preset: str, runs: Sequence[Run]) -> Plan:
    """Return the grid's part with the names, classes, columns and seeds of ``runs``, all tables or all images."""
    return plan(
        protocol.name,
        preset,
        methods=_methods(runs, protocol),
        datasets=[of for of in protocol.datasets if of in {run.dataset for run in runs}],
        normal_classes=sorted({int(run.normal_class or 0) for run in runs if _has_classes(run)}) or None,
        known_classes=None if protocol.drawn else _known(runs, preset),
        at=sorted({at(run) for run in runs}),
        seeds=sorted({_repetition(run, protocol) for run in runs}),
        members=None if protocol.compares_sizes else _members(runs, protocol, preset),
    )


def _members(runs: Sequence[Run], protocol: Protocol, preset: str) -> int | None:
    """Return the one size of ensembles of VAEs, None for each set's usual one: whichever fits more of the runs."""
    vaes = [run for run in runs if run.method in VAES]
    sizes = Counter(run.params.get("n_members") for run in vaes)
    usual = sum(run.params.get("n_members") == usual_members(protocol, preset, run.dataset) for run in vaes)
    return next((size for size, fitting in sizes.most_common(1) if fitting > usual), None)


def _has_classes(run: Run) -> bool:
    """Return whether one class of an image set is normal: not so for tables and for pairs of image sets."""
    return run.normal_class is not None and run.dataset not in PAIRS


def _methods(runs: Sequence[Run], protocol: Protocol) -> list[str]:
    """Return the methods to plan; where a protocol takes its own alone, those whose label-free form was run."""
    present = {run.method for run in runs}
    if len(protocol.variants) > 1:
        return [name for name in protocol.methods if {name, WITHOUT_LABELS.get(name)} & present]
    return [*(name for name in protocol.methods if name in present), *sorted(present - set(protocol.methods))]


def _known(runs: Sequence[Run], preset: str) -> list[int] | None:
    """Return the classes that are known in some run, or whose partner without labels was run; None for tables.

    None also for runs that all know the class that the quick preset takes.
    """
    found = {
        (run.dataset, int(run.normal_class or 0), run.seed % STRIDE) for run in runs if _has_classes(run)
    }
    usual = all(known == next_class(dataset, normal) for dataset, normal, known in found)
    return sorted({known for _, _, known in found}) if found and not (preset == "quick" and usual) else None


def _repetition(run: Run, protocol: Protocol) -> int:
    return run.seed if protocol.drawn or run.normal_class is None else run.seed // STRIDE


def _codes(folder: Path, name: str, preset: str) -> dict[str, Any] | None:
    path = folder / FILE
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if (found["protocol"], found["preset"]) == (name, preset) else None


def view(section: ImageSection, number: int) -> dict[str, Any]:
    """Return what the template shows of a section."""
    result = section.result
    return {
        "id": f"i{number}",
        "title": f"{result.protocol}: {result.design.title}",
        "summary": section.summary,
        "heading": result.introduction()[1:],
        "tiles": [
            (f"{len(section.records):,}", "runs done"),
            (f"{len(section.failures):,}", "of them failed"),
            (f"{result.grid:,}", "runs in the full grid"),
            (str(len({row.line for row in result.rows})), "methods"),
        ],
        "tables": [*_tables(result)],
        "curves": [
            (of, drawn) for of in result.datasets if (drawn := image_figures.curves(result, of)) is not None
        ],
        "scatters": image_figures.scatters(result),
        "tests": result.comparison_grid().parts,
        "codes": _drawn_codes(section.codes),
        "pictures": [pictures.view(one) for one in section.pictures],
        "notes": result.notes(),
        "failures": sorted({(r.run.method, r.run.dataset, r.error or "") for r in section.failures}),
    }


def _tables(result: ImageResult) -> Iterator[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
    for of in result.datasets:
        yield f"{of}: {result.coverage(of)}", *result.dataset_grid(of, PAGE).parts
        if (classes := result.class_grid(of)) is not None:
            yield f"{of} by normal class", *classes.parts


def _drawn_codes(codes: dict[str, Any] | None) -> dict[str, Any] | None:
    if codes is None:
        return None
    drawn = [(model["method"], image_figures.codes(model, codes["kinds"])) for model in codes["models"]]
    return {"words": codes["words"], "pictures": drawn, "kinds": image_figures.KINDS}


def markdown(section: ImageSection) -> str:
    """Return the section as Markdown, its headings one level lower than those of a table of its own."""
    text = section.result.markdown().rstrip()
    return "\n".join(f"#{line}" if line.startswith("#") else line for line in text.splitlines())


def lines(section: ImageSection) -> list[dict[str, Any]]:
    """Return the section's cells for the report's CSV."""
    shared = {"protocol": section.result.protocol, "preset": section.result.preset}
    return [asdict(row) | shared for row in section.result.rows]
