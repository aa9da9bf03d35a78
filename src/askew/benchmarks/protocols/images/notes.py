"""What a reader of an image protocol's table must know of its plan, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from askew.benchmarks.protocols.images.ama_settings import PEERS
from askew.benchmarks.protocols.images.design import PAIRS, normal_set
from askew.benchmarks.protocols.images.settings import params
from askew.benchmarks.runs.label_use import VAES, WITHOUT_LABELS
from askew.benchmarks.runs.method import Method, reasons_left_out

if TYPE_CHECKING:
    from askew.benchmarks.protocols.images.budgets import Budget
    from askew.benchmarks.protocols.images.design_runs import DesignPart


def notes(part: DesignPart) -> Iterator[str]:
    """Yield what quick runs are cut to, what is run in place of something else, and what is left out."""
    design = part.design
    cuts = {name: cut for name in part.datasets if (cut := design.budget(part.preset, name))}
    yield from _cuts(part, cuts)
    if cuts and not design.drawn and not part.known_classes:
        yield "Quick knows one anomaly class per normal class: the next one, normal + 1, after the last the first."
    if part.members is not None:
        size = "single models" if part.members == 1 else f"ensembles of {part.members}"
        yield f"VAEs are {size} here (in the papers ensembles of five)."
    free = {point.labelled_ratio for point in design.points if design.value(point) in part.at} | (
        {0.0} if design.labelled is not None else set()
    )
    stand_ins = {name for name in part.methods if WITHOUT_LABELS.get(name, name) != name}
    if 0.0 in free and stand_ins:
        yield "Without labels DP-VAE and MML-VAE are vae, Deep SAD is deep_svdd, SSAD is OC-SVM; so they are run."
    if "ama" in part.methods:
        yield (
            "AMA keeps its last epoch. The paper chose the epoch on a validation set with known anomalies, which no "
            "other method is given."
        )
        if part.is_quick and not any("variant" in dict(variant.params) for variant in design.variants):
            yield "AMA's variant is contrast, ours; the paper preset has the paper's."
    used = {Method.of(name).inner for name in part.methods}
    if used & {"oc_svm", "kernel_ssad", "kde"}:
        yield "Kernel methods: a sub-sample of at most 3,000 training images, known anomalies among them."
    yield from reasons_left_out(part.methods)


def _cuts(part: DesignPart, cuts: Mapping[str, Budget]) -> Iterator[str]:
    """Yield what the runs of each image set are cut to."""
    design = part.design
    for name, cut in cuts.items():
        tests = f"{design.quick.max_tests:,} test images" if design.quick.max_tests else "the whole test set"
        words = [f"at most {cut.max_normals:,} normal training images of a run ({tests})"]
        usual = [method for method in part.methods if method not in PEERS]
        if any(method in VAES for method in usual):
            words.append(
                f"VAEs {cut.vae_epochs} epochs with {cut.warmup_epochs} of warm-up (200 with 50 in the papers)"
            )
            if part.members is None and not design.compares_sizes:
                size = "one model each" if cut.members == 1 else f"ensembles of {cut.members}"
                words.append(f"{size} (five in the papers)")
        if any(method not in VAES for method in usual):
            varied = any("training__pretrain_epochs" in dict(variant.params) for variant in design.variants)
            cut_to, papers = f"{cut.deep_epochs}", "150"
            if not varied:
                cut_to, papers = f"{cut_to} after {cut.pretrain_epochs} of pre-training", "150 after 150"
            words.append(f"other networks {cut_to} ({papers})")
        if usual:
            words.append(f"batches of {cut.batch_size} (128)")
        yield f"Quick on {name}: {', '.join(words)}."
        for method in part.methods:
            if method in PEERS:
                given = params(method, normal_set(name), budget=cut)
                shown = ", ".join(f"{key.removeprefix('training__')} {value}" for key, value in given.items())
                yield f"Quick {method} on {name}: {shown}; everything else by its defaults."
        if name in PAIRS and design.quick.max_tests:
            yield f"Of {name}'s test images ten are normal for one that is not, as in the paper."
