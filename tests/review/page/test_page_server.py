"""The server's socket: a free port, and a refusal that names what is taken."""

import socket

import pytest

from askew.errors import InvalidInputError
from askew.review.page.server import FIRST_PORT, listen


def test_the_first_free_port_or_the_one_asked_for():
    with listen("127.0.0.1", None) as first, listen("127.0.0.1", None) as second:
        one, two = first.getsockname()[1], second.getsockname()[1]
        assert FIRST_PORT <= one < two
        with pytest.raises(InvalidInputError, match=rf"must be an address of this machine.*{one}.*port"):
            listen("127.0.0.1", one)
    with listen("localhost", 0) as any_port:
        assert any_port.getsockname()[1] > 0 and any_port.family in (socket.AF_INET, socket.AF_INET6)


@pytest.mark.parametrize("host", ["192.0.2.1", "nowhere.invalid", "a" * 70])
def test_an_address_of_another_machine_is_refused(host):
    with pytest.raises(InvalidInputError, match="--host and --port must be"):
        listen(host, 0)
