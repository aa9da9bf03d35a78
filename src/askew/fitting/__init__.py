"""Files with a few labels -> fitted models: what ``askew fit`` does, for every program that fits.

:class:`FileFit` checks a table file or a folder of images with all options at once, then reads and fits.
"""

from askew.fitting.detector_choice import build_detector, detector_class, detector_defaults, parse_settings
from askew.fitting.fit_file import DetectorChoice, FileFit, FittedFile, ThresholdChoice
from askew.fitting.refit import can_warm_start, refit
from askew.fitting.refit_file import FileRefit, RefitOptions, RefittedFile
from askew.fitting.training_options import TrainingOptions
from askew.fitting.training_rows import TrainingRows, open_training_rows, preparation_lines

__all__ = [
    "DetectorChoice",
    "FileFit",
    "FileRefit",
    "FittedFile",
    "RefitOptions",
    "RefittedFile",
    "ThresholdChoice",
    "TrainingOptions",
    "TrainingRows",
    "build_detector",
    "can_warm_start",
    "detector_class",
    "detector_defaults",
    "open_training_rows",
    "parse_settings",
    "preparation_lines",
    "refit",
]
