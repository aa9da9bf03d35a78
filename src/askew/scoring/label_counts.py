"""How many rows have which label, in numbers and in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from askew.labels import Labels


def label_counts(y: Labels | None) -> dict[str, int] | None:
    """Return how many rows have each label; None without labels."""
    if y is None:
        return None
    return {
        name: int((y == label).sum()) for name, label in (("normal", 1), ("unlabelled", 0), ("anomaly", -1))
    }


def counts_in_words(y: Labels | None, without: str, unlabelled: str) -> str:
    """Return the counts in words, `without` labels, or as `unlabelled` says if no row has one."""
    counts = label_counts(y)
    if counts is None:
        return without
    if not counts["normal"] and not counts["anomaly"]:
        return unlabelled
    anomalies = "known anomaly" if counts["anomaly"] == 1 else "known anomalies"
    names = (("anomaly", anomalies), ("normal", "known normal"), ("unlabelled", "unlabelled"))
    return ", ".join(f"{counts[key]:,} {words}" for key, words in names)
