"""The web page of a session: one row or picture at a time, lists, findings and models, in a browser.

:func:`application` makes it, :func:`serve` serves it, and :class:`Access` says to whom. Needs the extra
``askew[review]``.
"""

from askew.review.page.application import application
from askew.review.page.guard import Access
from askew.review.page.server import listen, serve

__all__ = ["Access", "application", "listen", "serve"]
