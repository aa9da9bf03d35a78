"""The desk: a note is told once, to whom it is for; questions are remembered as they were shown."""

from types import SimpleNamespace

from askew.review.page import Access
from askew.review.page.desk import Desk, Note


def test_notes_and_questions_are_each_persons_own(of_table):
    desk = Desk(of_table.session, "", Access())
    ada, grace = of_table.session, desk.session_as("Grace", True)
    assert desk.session_as("Grace", True) is grace and desk.session_as("Grace", False) is not grace
    desk.tell(ada, Note("Stored."))
    assert desk.note(grace) is None
    assert [desk.note(ada), desk.note(ada)] == [Note("Stored."), None]
    question = desk.show(ada, ada.question("r-3"))
    assert desk.seen(ada, 3, 1) == [question]
    assert desk.seen(ada, 3, 2) == [] == desk.seen(grace, 3, 1)


def test_cookies_that_name_nobody_leave_the_first_person(of_table):
    access = Access()
    desk = Desk(of_table.session, "", access)
    for value in ("", "blind:", "Grace", "seeing:%20"):
        request = SimpleNamespace(cookies={f"{access.cookie}-person": value})
        assert desk.session_of(request) is of_table.session
