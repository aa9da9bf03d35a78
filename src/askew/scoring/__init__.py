"""A fitted model over table files, folders of images and batches in memory: one way for every program that scores.

:func:`score_file` reads and writes whole files, :func:`score_folder` each file of a folder by itself, here or on a
cluster; :func:`score_batches` takes and gives Arrow batches.
"""

from askew.scoring.explain_file import Reasons, explain_file
from askew.scoring.image_source import OneImage
from askew.scoring.labelled_folder import label_counts
from askew.scoring.labelled_rows import (
    LabelledRows,
    Labelling,
    calibrate_file,
    read_labelled_images,
    read_labelled_table,
)
from askew.scoring.listener import SILENCE, Listener, Silence
from askew.scoring.reason_columns import usual_rows
from askew.scoring.reasons import cell_text, table_reasons
from askew.scoring.request_rows import RequestRows, read_request, score_together
from askew.scoring.row_files import check_output, open_writer
from askew.scoring.row_source import ReadOptions, RowBatch, RowSource
from askew.scoring.score_file import Scoring, Summary, score_file
from askew.scoring.score_folder import FolderSummary, score_folder
from askew.scoring.scored_rows import score_batches, score_schema
from askew.scoring.source_opening import holds_images, load_model, open_source, refuse_onnx

__all__ = [
    "SILENCE",
    "FolderSummary",
    "LabelledRows",
    "Labelling",
    "Listener",
    "OneImage",
    "ReadOptions",
    "Reasons",
    "RequestRows",
    "RowBatch",
    "RowSource",
    "Scoring",
    "Silence",
    "Summary",
    "calibrate_file",
    "cell_text",
    "check_output",
    "explain_file",
    "holds_images",
    "label_counts",
    "load_model",
    "open_source",
    "open_writer",
    "read_labelled_images",
    "read_labelled_table",
    "read_request",
    "refuse_onnx",
    "score_batches",
    "score_file",
    "score_folder",
    "score_schema",
    "score_together",
    "table_reasons",
    "usual_rows",
]
