"""Who may open the page: loopback names, the page's own origin, the token, short bodies, headers of every answer."""

import pytest
from page_browser import ORIGIN, Browser
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse

from askew.review.page.guard import HEADERS, MOST_BYTES, Access, Guard, welcome


def client(access, cookie=True):
    async def app(scope, receive, send):
        size = 0
        while scope["method"] == "POST":
            message = await receive()
            size += len(message["body"])
            if not message.get("more_body"):
                break
        await PlainTextResponse(f"in {size}")(scope, receive, send)

    guarded = Guard(app, access, lambda: PlainTextResponse("token?", 401))
    return Browser(guarded, access if cookie else None)


def test_the_address_brings_the_token_which_becomes_a_cookie():
    access = Access()
    browser = client(access, cookie=False)
    assert browser.get("/list").status_code == 401
    assert browser.get("/?token=wrong").status_code == 401
    entered = browser.get(access.address.replace(access.origin, ORIGIN))
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    assert "HttpOnly" in entered.headers["set-cookie"] and "SameSite=lax" in entered.headers["set-cookie"]
    assert browser.get("/list").text == "in 0"
    assert Access().token != access.token


def test_elsewhere_the_page_always_asks_for_the_token():
    access = Access("0.0.0.0", 8765)
    assert access.token not in access.address
    browser = client(access, cookie=False)
    assert browser.get("/", params={"token": access.token}).status_code == 401
    assert browser.post("/token").text == "in 0"  # the form's answer is the app's
    assert welcome(access).status_code == 303


PORT = ":8765"


@pytest.mark.parametrize(
    ("host", "local", "open_to_all"),
    [
        ("localhost:9000", True, True),
        (f"127.0.0.1{PORT}", True, True),
        ("[::1]:8765", True, True),
        ("evil.example:8765", False, False),
        ("localhost.evil.example", False, False),
        (f"192.0.2.7{PORT}", False, True),
        ("lab.example", False, True),
        ("", False, False),
        ("[::1", False, False),
    ],
)
def test_names_that_are_not_known_are_refused(host, local, open_to_all):
    assert Access().knows(host) is local
    assert Access("0.0.0.0", names=["lab.example"]).knows(host) is open_to_all
    answer = client(Access()).get("/", headers={"Host": host})
    assert answer.status_code == (200 if local else 403)


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("GET", {}, 200),
        ("POST", {"Origin": ORIGIN}, 200),
        ("POST", {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}, 200),
        ("POST", {}, 403),
        ("POST", {"Origin": "http://evil.example"}, 403),
        ("POST", {"Origin": "null"}, 403),
        ("POST", {"Origin": "http://localhost:9999"}, 403),
        ("GET", {"Origin": "http://evil.example"}, 403),
        ("GET", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "image"}, 403),
        ("GET", {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Dest": "iframe"}, 403),
        ("GET", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document"}, 200),
        ("POST", {"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document"}, 403),
    ],
)
def test_what_other_pages_send_is_refused(method, headers, status):
    assert client(Access()).request(method, "/answer", headers=headers).status_code == status


def test_bodies_are_short_whether_or_not_they_say_how_long_they_are():
    browser = client(Access())
    assert browser.post("/answer", content=b"x" * MOST_BYTES).text == f"in {MOST_BYTES}"
    assert browser.post("/answer", content=b"x" * (MOST_BYTES + 1)).status_code == 413

    async def parts():
        yield b"x" * MOST_BYTES
        yield b"x"

    with pytest.raises(HTTPException, match="413"):  # the app, which has begun to read, answers it
        browser.post("/answer", content=parts())


def test_every_answer_keeps_the_browser_from_loading_framing_and_keeping():
    known, unknown = client(Access()), client(Access(), cookie=False)
    for answer in (known.get("/"), unknown.get("/"), known.get("/", headers={"Host": "evil.example"})):
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
        assert "'unsafe" not in answer.headers["content-security-policy"]
