"""What a reader of an image protocol's table must know of its plan, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from askew.benchmarks.protocols.images.budgets import PEERS, Budget
from askew.benchmarks.protocols.images.design import PAIRS, normal_set
from askew.benchmarks.protocols.images.settings import params
from askew.benchmarks.runs.label_use import VAES, WITHOUT_LABELS
from askew.benchmarks.runs.method import Method, reasons_left_out
from askew.benchmarks.tables.table import sentences

if TYPE_CHECKING:
    from askew.benchmarks.protocols.images.design_runs import DesignPart


def notes(part: DesignPart) -> list[str]:
    """Return what quick runs are cut to, what is run in place of something else, and what is left out."""

    def settings(method: str, dataset: str, cut: Budget) -> dict[str, Any]:
        return params(method, normal_set(dataset), budget=cut)

    design = part.design
    ratios = {point.labelled_ratio for point in design.points if design.value(point) in part.at}
    has_label_free_cells = 0.0 in ratios or design.labelled is not None
    stand_ins = [name for name in part.methods if WITHOUT_LABELS.get(name, name) != name]
    lines = sentences(
        "protocols/images/plan_notes.j2",
        part=part,
        design=design,
        cuts={name: cut for name in part.datasets if (cut := design.budget(part.preset, name))},
        varied={name for variant in design.variants for name, _ in variant.params},
        has_stand_ins=has_label_free_cells and stand_ins,
        kernel_methods={Method.of(name).inner for name in part.methods} & {"oc_svm", "kernel_ssad", "kde"},
        peers=PEERS,
        vaes=VAES,
        pairs=PAIRS,
        settings=settings,
    )
    return [*lines, *reasons_left_out(part.methods)]
