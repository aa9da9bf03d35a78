"""Small sessions of a table and of images, and their page."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from browser import Browser

import askew
from askew.review import ReviewSession, ReviewSettings
from askew.review.page import Access, application


def table(n=60):
    generator = np.random.default_rng(0)
    rows = pd.DataFrame(generator.normal(size=(n, 3)), columns=["flow", "heat", "<b>load</b>"])
    rows.iloc[:3, 0] += 9.0
    rows["site"] = np.where(np.arange(n) % 2, "Oslo", "Bergen")
    rows.index = pd.Index([f"r-{place}" for place in range(n)], name="order")
    return rows


def images(n=24):
    pixels = np.random.default_rng(0).integers(90, 110, size=(n, 1, 16, 16), dtype=np.uint8)
    pixels[:2, :, 4:8, 4:8] = 255
    return pixels


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
