"""Tables that come with the package, image sets that are fetched, and the splits that the benchmarks make.

>>> from askew import datasets
>>> table = datasets.load("cardio")
>>> table.X.shape, int(table.anomaly.sum())
((1831, 21), 176)
>>> split = datasets.splits.classic_split(table, seed=0)
>>> split.n_train, split.n_labelled, split.n_test
(1003, 10, 733)
"""

from askew.datasets import splits
from askew.datasets.image_sets import ImageInfo, ImageSet, image_info, image_names, load_images
from askew.datasets.sentences import Sentences, sentiment, sentiment_split
from askew.datasets.splits import Split
from askew.datasets.tables import Table, TableInfo, info, load, names

__all__ = [
    "ImageInfo",
    "ImageSet",
    "Sentences",
    "Split",
    "Table",
    "TableInfo",
    "image_info",
    "image_names",
    "info",
    "load",
    "load_images",
    "names",
    "sentiment",
    "sentiment_split",
    "splits",
]
