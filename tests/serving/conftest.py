"""A service in this process, around a small model."""

import warnings

import pytest
from serving_rows import orders

import askew
from askew.calibration import Quantile
from askew.serving import Settings
from askew.serving.service import Service

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # newer Starlettes would rather have a fork of httpx
    from starlette.testclient import TestClient


@pytest.fixture(scope="session")
def model_file(tmp_path_factory):
    """The file of a model with a threshold, fitted on `orders()`, and the table beside it."""
    folder = tmp_path_factory.mktemp("served")
    orders().to_csv(folder / "orders.csv", index=False)
    model = askew.Prepared(askew.IsolationForest(random_state=0, n_estimators=10)).fit(orders())
    Quantile(model, 0.1).fit(orders()).save(folder / "orders.askew")
    return folder / "orders.askew"


@pytest.fixture
def start(model_file):
    """Return a client of a service with settings of one's own; `client.service` is what answers it."""
    clients = []

    def start(model=model_file, base_url="http://localhost", **settings):
        service = Service(Settings(model, **{"watch": False} | settings))
        client = TestClient(service.application(), base_url=base_url)
        client.service = service
        client.__enter__()
        clients.append(client)
        return client

    yield start
    for client in clients:
        client.__exit__(None, None, None)
