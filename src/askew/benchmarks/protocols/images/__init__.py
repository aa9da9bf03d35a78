"""The image protocols of the papers: grids as data, their runs, tables and pictures.

>>> from askew.benchmarks.protocols.images.protocol import plan
>>> len(plan("known_classes", "paper", methods=["deep_sad"], datasets=["mnist"]).runs)  # 5 k, 10 classes, 10 seeds
500

Everything is loaded on first use, so importing this package imports neither torch nor Pillow.
"""
