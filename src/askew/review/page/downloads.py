"""What the page gives to take along: images as PNG, files of answers, the current model."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import Response

from askew.review.page import drawings
from askew.review.page.views import Visit
from askew.review.session import ReviewSession

FILES: dict[str, Callable[[ReviewSession, Path], object]] = {
    "answers.csv": lambda session, path: session.export(path),
    "labelled.csv": lambda session, path: session.export(path, data=True),
    "label-studio.json": lambda session, path: session.export_label_studio(path),
    "model.askew": lambda session, path: session.save_model(path),
}
"""Files to take along, by their names."""


def picture(visit: Visit) -> Response:
    """Give an image as the model sees it."""
    _only_of_images(visit)
    pixels = visit.session.picture(visit.session.id_of(visit.row()))
    return _png(drawings.picture(pixels, "small" in visit.request.query_params))


def expected(visit: Visit) -> Response:
    """Give the image that was to be expected."""
    _only_of_images(visit)
    pixels = visit.session.expected_picture(visit.session.id_of(visit.row()))
    if pixels is None:
        raise HTTPException(404, "This model makes no image that was to be expected.")
    return _png(drawings.picture(pixels, False))


def export(visit: Visit) -> Response:
    """Give a file of answers, or the model."""
    name = visit.request.path_params["name"]
    if name not in FILES:
        raise HTTPException(404, f"There are files {', '.join(FILES)}.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        FILES[name](visit.session, path)
        content = path.read_bytes()
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="application/octet-stream", headers=headers)


def _only_of_images(visit: Visit) -> None:
    if not visit.session.of_images:
        raise HTTPException(404, "These rows have no images.")


def _png(content: bytes) -> Response:
    return Response(content, media_type="image/png")
