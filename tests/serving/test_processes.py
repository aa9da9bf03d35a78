"""Before anything is served: an address that is taken, a model that cannot be, and packages that are not there."""

import socket
import sys

import pytest

from askew.errors import InvalidInputError, MissingDependencyError
from askew.serving import Settings, serve


def never(address):
    raise AssertionError("it serves")


def test_an_address_that_is_taken_or_not_ours_is_refused(model_file):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(
            InvalidInputError, match=r"a port that is free; got '127.0.0.1:\d+'. \(Address already"
        ):
            serve(Settings(model_file, port=taken.getsockname()[1]), never)
    with pytest.raises(
        InvalidInputError, match=r"an address of this machine .* got 'no.such.host.invalid:0'"
    ):
        serve(Settings(model_file, host="no.such.host.invalid", port=0, token="x" * 16), never)


def test_packages_that_are_not_installed_are_named_with_the_command(model_file, monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(MissingDependencyError, match=r"needs uvicorn.* pip install 'askew\[serve\]'"):
        serve(Settings(model_file, port=0), never)
