"""The label convention, converters into it, and the refusal of label vectors that could mean two things.

======  ===============  ==============================================
label   meaning          what a detector does with the row
======  ===============  ==============================================
``+1``  known normal     learns that such rows are normal
``0``   unlabelled       treats the row as normal, most of them are
``-1``  known anomaly    learns that such rows are not normal
======  ===============  ==============================================

Other libraries use the same numbers for other things: PyOD's 1 is an anomaly, scikit-learn's -1 is an
unlabelled row. A vector that fits two conventions is therefore refused until one of the converters here has
declared what it means; they all return :class:`Labels`, which detectors take at its word.
"""

from askew.labels.checking import check
from askew.labels.converters import from_binary, from_pyod, from_sklearn, ours
from askew.labels.values import Labels

__all__ = ["Labels", "check", "from_binary", "from_pyod", "from_sklearn", "ours"]
