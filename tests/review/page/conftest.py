"""Small sessions of a table and of images, and their page."""

from types import SimpleNamespace

import pytest
from page_browser import Browser
from page_cases import images, table

import askew
from askew.review import ReviewSession, ReviewSettings
from askew.review.page import Access, application


@pytest.fixture(scope="session")
def fitted():
    return askew.IsolationForest(random_state=0).set_params(n_estimators=10).fit(table())


@pytest.fixture(scope="session")
def fitted_on_images():
    return askew.IsolationForest(random_state=0).set_params(n_estimators=10).fit(images())


def page(session):
    access = Access()
    return SimpleNamespace(session=session, browser=Browser(application(session, access, "m · d"), access))


@pytest.fixture
def of_table(fitted):
    return page(ReviewSession(fitted, table(), reviewer="Ada", settings=ReviewSettings(refit_every=0)))


@pytest.fixture
def of_images(fitted_on_images):
    return page(ReviewSession(fitted_on_images, images(), reviewer="Ada"))
