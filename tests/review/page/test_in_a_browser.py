"""The page in a real browser: keyboard alone, kill -9, refit, images, narrow screens, names of all that is there."""

import http.server
import json
import os
import shutil
import signal
import threading
from contextlib import contextmanager

import pytest
from page_cases import images, table

import askew
from askew.review import ReviewSession, ReviewSettings
from askew.review.page import Access, application, listen
from askew.review.page.server import server_of

sync_api = pytest.importorskip(
    "playwright.sync_api", reason="playwright is not installed: pip install playwright"
)
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="chromium is not installed: apt-get install chromium"
)
expect = sync_api.expect
REVIEW = "import sys\nfrom askew.cli.main import main\nsys.exit(main(sys.argv[1:]))"


@pytest.fixture(scope="module")
def chromium():
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def tab(chromium):
    """A tab in which nothing may fail: no error of a script, nothing that the page's policy forbids."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(f"{message.text} {message.location['url']}"))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    yield page
    context.close()
    assert page.complaints == []


@contextmanager
def served(session):
    """Serve a session's page in a thread and give the address that opens it."""
    with listen("127.0.0.1", 0) as listening:
        access, ready = Access(port=listening.getsockname()[1]), threading.Event()
        server = server_of(application(session, access, "m.askew · d.csv"), ready.set)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        assert ready.wait(20)
        try:
            yield access.address
        finally:
            server.should_exit = True
            thread.join()


def answered(tab, key):
    """Press the key of an answer and return what was answered, once the next question is there."""
    name = tab.locator("#title").inner_text()
    tab.keyboard.press(key)
    expect(tab.locator("#title")).not_to_have_text(name)
    expect(tab.locator("#title")).to_be_focused()  # the page is ready for keys
    return name


@contextmanager
def review(forks, folder):
    """Start ``askew review`` in a process of its own; give it and what it prints."""
    words = ("m.askew", "d.csv", "--id-column", "order", "--reviewer", "Ada", "--refit-every", "0")
    child = forks.start(REVIEW, "review", *words, "--port", "0", "--no-open", "--json", folder=folder)
    lines = iter(child.stdout.readline, "}\n")
    try:
        yield child, json.loads("".join(lines) + "}")
    finally:
        if not child.stdout.closed:
            os.kill(child.pid, signal.SIGKILL)
            child.wait()


def test_twenty_rows_by_keyboard_undo_and_kill(tab, forks, tmp_path):
    table().to_csv(tmp_path / "d.csv")
    askew.IsolationForest(n_estimators=10, random_state=0).fit(table()).save(tmp_path / "m.askew")
    given = {}
    with review(forks, tmp_path) as (server, about):
        tab.goto(about["address"])
        assert "token" not in tab.url
        tab.keyboard.press("r")
        tab.keyboard.type("a n d: no keys in here")
        tab.keyboard.press("Enter")
        for number in range(20):
            key = "aandns"[number % 6]
            given[answered(tab, key)] = key
        last = list(given)[-1]
        tab.keyboard.press("z")
        expect(tab.locator("#title")).to_have_text(last)
        expect(tab.locator("#title")).to_be_focused()
        os.kill(server.pid, signal.SIGKILL)
        assert server.wait().returncode == -signal.SIGKILL
        tab.keyboard.press("a")
        expect(tab.get_by_role("alert")).to_contain_text("The server does not answer")
        tab.complaints.clear()  # the browser's own, about the connection

    with review(forks, tmp_path) as (server, about):
        tab.goto(about["address"])
        expect(tab.locator("#title")).to_have_text(last)  # the answer that was taken back is asked again
        tab.keyboard.press("f")
        expect(tab.get_by_text("a n d: no keys in here")).to_have_count(1)
        lines = tab.locator("table.log tbody tr:not(.undone)").all_inner_texts()
        words = {"a": "anomaly", "n": "normal", "d": "don't know", "s": "skipped"}
        for name, key in list(given.items())[:-1]:
            assert any(name.removeprefix("order ") in line and words[key] in line for line in lines)
        os.kill(server.pid, signal.SIGINT)
        ended = server.wait()
    assert (ended.returncode, "Ctrl-C ends it" in ended.stderr, "r-" in ended.stderr) == (0, True, False)


def test_a_refit_in_the_background_and_the_way_back(tab, fitted):
    settings = ReviewSettings(refit_every=6, random_share=0.0, budget=8)
    with ReviewSession(fitted, table(), settings=settings) as session, served(session) as address:
        tab.goto(address)
        for _ in range(6):
            answered(tab, "n")
        expect(tab.locator("#status")).to_contain_text("Model 2 learned from 6 answers")
        expect(tab.get_by_text("6 of 8 today")).to_be_visible()
        tab.keyboard.press("o")
        tab.get_by_role("button", name="Use model 1 again").click()
        expect(tab.get_by_role("button", name="Use model 2 again")).to_be_visible()
        assert session.question("r-0").model == 1


def test_the_list_and_rows_alike_by_keyboard(tab, fitted):
    session = ReviewSession(fitted, table(), settings=ReviewSettings(refit_every=0))
    with served(session) as address:
        tab.goto(address)
        tab.keyboard.press("l")
        expect(tab.locator("[data-line]")).to_have_count(50)
        expect(tab.locator("#title")).to_be_focused()
        first = tab.locator("[data-open-line]").nth(1).inner_text()
        for key in "jja":
            tab.keyboard.press(key)
        expect(tab.locator("[data-line]").nth(1).locator(".chip.anomaly")).to_have_count(1)
        tab.keyboard.press("j")  # the line that came back has the focus
        expect(tab.locator("[data-open-line]").nth(2)).to_be_focused()
        assert session.page(only="anomaly").lines[0].id == first
        row = next(
            n for n in range(60) if not session.progress().n_normal and len(session.alike(f"r-{n}", 50)) > 1
        )
        tab.goto(f"{address.partition('?')[0]}row/{row}")
        many = 1 + len(session.alike(f"r-{row}", 50))
        for key, title in (("m", f"{many} rows alike"), ("n", f"{many} rows: normal?")):
            tab.keyboard.press(key)
            expect(tab.locator("#title")).to_have_text(title)
            expect(tab.locator("#title")).to_be_focused()
        assert session.progress().n_normal == 0
        tab.keyboard.press("y")
        expect(tab.locator("#said")).to_have_text(f"Stored. {many} rows: normal.")
        expect(tab.locator("#title")).to_be_focused()
        assert session.progress().n_normal == many
        tab.keyboard.press("z")
        expect(tab.locator("#said")).to_contain_text("Taken back.")
        assert session.progress().n_normal == 0


def test_images_by_keyboard(tab, fitted_on_images):
    session = ReviewSession(fitted_on_images, images(), settings=ReviewSettings(refit_every=0))
    with served(session) as address:
        tab.goto(address)
        picture = tab.locator(".picture img").first
        assert picture.evaluate("image => image.naturalWidth") == 16
        for shown in (False, True):
            tab.keyboard.press("x")
            expect(tab.locator(".marks")).to_be_visible(visible=shown)
        answered(tab, "a")
        tab.keyboard.press("b")
        expect(tab.locator(".chips .chip", has_text="you: anomaly")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_narrow_screen_shows_all_without_scrolling_sideways(tab, fitted, fitted_on_images, scheme):
    tab.emulate_media(color_scheme=scheme)
    tab.set_viewport_size({"width": 390, "height": 844})
    for model, rows in ((fitted, table()), (fitted_on_images, images())):
        session = ReviewSession(model, rows, reviewer="A. N. Other-Name", settings=ReviewSettings(budget=40))
        session.answer([session.id_of(3), session.id_of(4)], ["anomaly", "normal"], "long reason " * 8)
        with served(session) as address:
            tab.goto(address)
            for path in ("", "row/3", "list", "alike/9", "findings", "models", "person"):
                tab.goto(address.partition("?")[0] + path)
                assert tab.evaluate("document.documentElement.scrollWidth") == 390, path
            tab.goto(address.partition("?")[0])
            for button in tab.locator(".answers button.choice").all():
                assert button.bounding_box()["height"] >= 44


def test_what_a_screen_reader_is_told(tab, fitted):
    """All that can be pressed or written in has a name; the new row has the focus, and what was stored is said."""
    session = ReviewSession(fitted, table(), settings=ReviewSettings(refit_every=0))
    with served(session) as address:
        tab.goto(address)
        name = answered(tab, "n").removeprefix("order ")
        expect(tab.locator("#title")).to_be_focused()
        expect(tab.get_by_role("status")).to_have_text(f"Stored. {name}: normal.")
        tree = tab.context.new_cdp_session(tab)
        for path in ("", "list", "alike/9", "findings", "models", "person"):
            tab.goto(address.partition("?")[0] + path)
            nodes = tree.send("Accessibility.getFullAXTree")["nodes"]
            roles = (
                "button",
                "link",
                "textbox",
                "searchbox",
                "checkbox",
                "radio",
                "spinbutton",
                "combobox",
                "image",
            )
            shown = [
                each for each in nodes if each.get("role", {}).get("value") in roles and not each["ignored"]
            ]
            assert len(shown) > 5
            assert [each for each in shown if not each["name"]["value"].strip()] == [], path
        tab.keyboard.press("?")
        expect(tab.get_by_role("dialog")).to_be_visible()
        tab.get_by_label("Single keys act on the page").uncheck()
        tab.keyboard.press("Escape")
        tab.keyboard.press("l")
        expect(tab).not_to_have_url(f"{address.partition('?')[0]}list")


def test_a_foreign_page_is_refused(tab, fitted):
    """It is served by this machine too, at another port: a form of it, and its scripts, reach nothing."""
    session = ReviewSession(fitted, table())
    with served(session) as address:
        origin = address.partition("/?")[0]
        html = f"""<link rel="icon" href="data:,">
        <form method="post" action="{origin}/answer"><input name="row" value="1">
        <button name="answer" value="normal">send</button></form>
        <img src="{origin}/row/1"><iframe src="{origin}/"></iframe>"""

        class Foreign(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(html.encode())

            def log_message(self, *_):
                pass

        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Foreign) as foreign:
            threading.Thread(target=foreign.serve_forever).start()
            tab.goto(address)  # the browser has the cookie
            tab.goto(f"http://127.0.0.1:{foreign.server_port}/")
            fetched = "fetch(%r, {credentials: 'include'}).then(() => 'read', () => 'refused')"
            assert tab.evaluate(fetched % f"{origin}/list") == "refused"
            tab.get_by_role("button").click()
            expect(tab.locator("body")).to_contain_text("Another page sent this.")
            tab.goto("about:blank")
            foreign.shutdown()
    assert session.progress().n_answered == 0
    assert any("403" in each for each in tab.complaints)
    tab.complaints.clear()  # the browser's own
