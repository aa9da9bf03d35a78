"""Counts for Prometheus; of several processes, their sum."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal

from askew.drift import DriftFigures
from askew.serving.answers import Answer
from askew.serving.served_model import ServedModel
from askew.serving.settings import FOLDER_VARIABLE

if TYPE_CHECKING:
    from askew.serving.work_queue import WorkQueue

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """The counts of this process, and a page of those of all processes that share a folder."""

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            "askew_requests", "Requests answered.", ["endpoint", "status"], registry=registry
        )
        self._seconds = Histogram(
            "askew_request_seconds",
            "Seconds from a request's first byte to its answer.",
            ["endpoint"],
            registry=registry,
            buckets=_SECONDS,
        )
        self._rows = Counter("askew_rows", "Rows scored.", registry=registry)
        self._flagged = Counter("askew_rows_flagged", "Rows flagged as anomalies.", registry=registry)
        self._loads = Counter(
            "askew_model_loads", "Model files read, by outcome.", ["outcome"], registry=registry
        )

        def gauge(
            name: str, meaning: str, mode: Literal["livesum", "livemin", "livemax"], *labels: str
        ) -> Gauge:
            """Return a gauge; `mode` says what of the living processes' values it shows."""
            return Gauge(name, meaning, labels, registry=registry, multiprocess_mode=mode)

        self._queued = gauge("askew_queue", "Requests that wait or are under way.", "livesum", "queue")
        self._room = gauge(
            "askew_queue_limit",
            "Requests that may wait or be under way; more are refused.",
            "livesum",
            "queue",
        )
        self._loaded = gauge(
            "askew_model_loaded_timestamp_seconds",
            "When the model that is served was loaded; of several processes, the first.",
            "livemin",
        )
        self._stale = gauge(
            "askew_model_refused",
            "1 if the newest model file is not used, because it is bad; else 0.",
            "livemax",
        )
        self._drift_rows = gauge(
            "askew_drift_rows",
            "Rows compared with what the model learned; 0 if it keeps nothing of that.",
            "livesum",
        )
        self._drift_distance = gauge(
            "askew_drift_distance",
            "Share of the latest rows that would have to be others for a column, or the scores, to be as in training.",
            "livemax",
            "column",
        )
        self._drift_scores = gauge(
            "askew_drift_scores_distance", "The same of the scores, beside those of held-out rows.", "livemax"
        )
        self._drift_evidence = gauge(
            "askew_drift_evidence",
            "Evidence that the scores have drifted: about the number of rows, or less, without drift.",
            "livemax",
        )
        self._drift_alarm = gauge(
            "askew_drift_alarm",
            "1 once the evidence was a million, which it is at most once in a million rows without drift; else 0.",
            "livemax",
        )
        self._queues: dict[str, WorkQueue[Any, Any]] = {}

    def watch(self, name: str, queue: WorkQueue[Any, Any]) -> None:
        """Show how full a queue is."""
        self._queues[name] = queue
        self._room.labels(name).set(queue.limit)
        self._queued.labels(name).set(0)

    def entered(self, name: str) -> None:
        """Take how full a queue is now."""
        self._queued.labels(name).set(self._queues[name].n_inside)

    def answered(self, endpoint: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(endpoint, str(status)).inc()
        self._seconds.labels(endpoint).observe(seconds)

    def scored(self, answer: Answer) -> None:
        """Count the rows of an answer."""
        self._rows.inc(answer.n_rows)
        self._flagged.inc(answer.n_flagged)

    def drifted(self, found: DriftFigures) -> None:
        """Show how far the latest rows are from what the model learned."""
        self._drift_rows.set(found.n_rows)
        for name, distance in found.columns.items():
            self._drift_distance.labels(name).set(distance)
        if found.scores is not None and found.evidence is not None:
            self._drift_scores.set(found.scores)
            self._drift_evidence.set(found.evidence)
            self._drift_alarm.set(1 if found.alarm else 0)

    def loaded(self, model: ServedModel, problem: str, *, first: bool = False) -> None:
        """Count a reading of the model file; a `problem` says that it was refused."""
        if not first:
            self._loads.labels("refused" if problem else "used").inc()
        self._loaded.set(model.loaded)
        self._stale.set(1 if problem else 0)

    def page(self) -> tuple[bytes, str]:
        """Return all counts as Prometheus reads them, and their Content-Type."""
        from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
        from prometheus_client.multiprocess import MultiProcessCollector

        if FOLDER_VARIABLE not in os.environ:
            return generate_latest(self._registry), CONTENT_TYPE_LATEST
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry), CONTENT_TYPE_LATEST
