"""Which options go with a table, and which with a folder of images."""

from __future__ import annotations

from pathlib import Path

from askew.errors import InvalidInputError


def refuse_table_options(**options: object) -> None:
    """Refuse options of tables, by their spelling, that were given with a folder of images."""
    for option, value in options.items():
        if value:
            raise InvalidInputError(f"{option} must be left out for a folder of images: it is about columns.")


def refuse_image_options(data: Path, **options: object) -> None:
    """Refuse options of images, by their spelling, that were given with a table."""
    for option, value in options.items():
        if value:
            raise InvalidInputError(
                f"{option} must be left out unless DATA is a folder of images; got {str(data)!r}. "
                "Name the folder, or leave the option out."
            )
