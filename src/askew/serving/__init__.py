"""The service: a model file behind HTTP, for programs that score rows as they come.

:func:`serve` runs as many processes as are asked for; :class:`~askew.serving.service.Service` is what each does.
"""

from askew.serving.processes import serve
from askew.serving.settings import Settings

__all__ = ["Settings", "serve"]
