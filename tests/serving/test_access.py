"""Who may ask: names of this machine, no foreign page, and whoever has the token."""

import pytest

from askew.errors import InvalidInputError
from askew.serving import Settings

TOKEN = "a-long-enough-token"
PORT = ":8000"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST:8000", 200),
        (f"127.0.0.1{PORT}", 200),
        ("[::1]:8000", 200),
        ("scores.example.org", 200),
        ("example.org", 403),
        ("localhost.example.org", 403),
        ("192.168.0.7", 403),
        ("[::1", 403),
        ("", 403),
    ],
)
def test_the_host_must_be_a_name_of_this_machine(host, status, start):
    client = start(hosts=("scores.example.org",))
    assert client.get("/health", headers={"Host": host}).status_code == status


@pytest.mark.parametrize(
    ("origin", "status"),
    [("http://localhost", 200), ("http://localhost:1", 403), ("https://example.org", 403), ("null", 403)],
)
def test_a_page_of_another_origin_is_refused(origin, status, start):
    found = start().get("/schema", headers={"Origin": origin})
    assert found.status_code == status
    assert status == 200 or "Call it from a program" in found.json()["error"]


def test_a_token_is_asked_for_by_all_but_health(start):
    client = start(host="0.0.0.0", token=TOKEN)
    right, wrong = ({"Authorization": f"Bearer {word}"} for word in (TOKEN, TOKEN[:-1]))
    for path in ("/", "/schema", "/metrics"):
        assert client.get(path).status_code == client.get(path, headers=wrong).status_code == 401
        assert client.get(path, headers=right).status_code == 200
    refused = client.post("/score", json=[], headers={"Authorization": f"Basic {TOKEN}"})
    assert refused.status_code == 401 and refused.headers["WWW-Authenticate"] == "Bearer"
    assert client.get("/health").status_code == 200
    assert client.get("/health", headers={"Host": "192.168.0.7"}).status_code == 200  # by its number
    assert client.get("/health", headers={"Host": "example.org"}).status_code == 403


def test_an_address_for_all_without_a_token_and_a_short_token_are_refused(model_file):
    with pytest.raises(InvalidInputError, match=r"ASKEW_SERVE_TOKEN .*; got '--host 0.0.0.0'"):
        Settings(model_file, host="0.0.0.0").check()
    with pytest.raises(InvalidInputError, match="at least 16 ASCII characters"):
        Settings(model_file, token="short").check()
    Settings(model_file, host="0.0.0.0", token=TOKEN).check()
