"""What every case needs is imported, and done once, before the processes of the cases are forked."""

import contextlib
import functools
import gc
import io

import onnxruntime  # noqa: F401
import openpyxl  # noqa: F401
import PIL.Image
import sklearn.svm  # noqa: F401
import typer.main

import askew.benchmarks.report
import askew.export
import askew.fitting
import askew.model_card
import askew.review  # noqa: F401
from askew.cli.main import main

PIL.Image.init()
typer.main.get_command = functools.cache(typer.main.get_command)  # half of a refusal's time
with contextlib.redirect_stderr(io.StringIO()):
    main(["score", "none.askew", "none.csv"])
gc.freeze()  # what is there is not looked at again, so its memory stays shared
