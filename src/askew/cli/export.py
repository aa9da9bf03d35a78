"""``askew export``: a model file -> an ONNX file that other programs can score with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from askew.cli import options
from askew.cli.console import note, print_json


def export(
    model: options.ModelArgument,
    output: Annotated[Path, typer.Option("--output", "-o", help="ONNX file to write, such as model.onnx.")],
    json: options.JsonOption = False,
) -> None:
    """Write a model with its preparation and threshold as one ONNX file, and check that it scores alike.

    `askew score model.onnx DATA` reads it, and so does any program with an ONNX runtime.
    """
    from askew.errors import InvalidInputError
    from askew.inputs import check_writable
    from askew.scoring import load_model, refuse_onnx

    refuse_onnx(model, "export")
    if output.suffix.lower() != ".onnx":
        raise InvalidInputError(
            f"output file must end in .onnx; got {str(output)!r}. `askew score` tells files apart by it."
        )
    check_writable(output, sources=[model])
    from askew.export import to_onnx

    parity = to_onnx(load_model(model), output)
    size = output.stat().st_size
    note(
        f"Wrote {output} ({size / 1e6:.2f} MB). Its scores of {parity.n_rows} made-up rows are the model's, "
        f"within {parity.largest:.1e} of their scale."
    )
    if json:
        about = {"model": str(model), "output": str(output), "bytes": size}
        print_json(about | {"checked_rows": parity.n_rows, "largest_difference": parity.largest})
