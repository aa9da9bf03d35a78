"""bfloat16 where there are units for it, and nowhere else unless asked for."""

import numpy as np
import pytest
import torch

from askew import DeepSVDD
from askew.training import Training, precision
from askew.training.precision import autocast_dtype, has_bfloat16

CPU, CUDA = torch.device("cpu"), torch.device("cuda")


@pytest.fixture(params=["neither", "avx512_bf16", "amx"])
def units(request, monkeypatch):
    """A processor with some units, faster with them; what it has by name."""
    monkeypatch.setattr(precision, "_gains", lambda: True)
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: request.param == "avx512_bf16")
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: request.param == "amx")
    return request.param


def test_auto_is_bfloat16_on_a_processor_with_units_for_it(units):
    expected = None if units == "neither" else torch.bfloat16
    assert autocast_dtype(CPU, "auto") is expected
    assert has_bfloat16(CPU) is (units != "neither")


def test_auto_is_float32_where_the_units_are_slower(units, monkeypatch):
    monkeypatch.setattr(precision, "_gains", lambda: False)
    assert autocast_dtype(CPU, "auto") is None


@pytest.mark.parametrize(("seconds", "gains"), [(1.3, True), (1.2, False), (0.5, False)])
def test_the_quickest_products_decide(monkeypatch, seconds, gains):
    taken = iter([9.0, 9.0, seconds, 9.0, 9.0, 9.0, 1.0, 9.0, 9.0, 9.0])
    readings = iter([reading for each in taken for reading in (0.0, each)])
    monkeypatch.setattr(precision.time, "thread_time", lambda: next(readings))
    assert precision._gains.__wrapped__() is gains


def test_what_is_asked_for_is_given_whatever_the_units(units):
    assert autocast_dtype(CPU, "float32") is None
    assert autocast_dtype(CPU, "bfloat16") is torch.bfloat16


@pytest.mark.parametrize("supported", [True, False])
def test_auto_asks_a_gpu_without_emulation(monkeypatch, supported):
    asked = []

    def answer(including_emulation=True):
        asked.append(including_emulation)
        return supported

    monkeypatch.setattr(torch.cuda, "is_bf16_supported", answer)
    assert autocast_dtype(CUDA, "auto") is (torch.bfloat16 if supported else None)
    assert asked == [False]


def test_auto_leaves_other_devices_alone():
    assert autocast_dtype(torch.device("meta"), "auto") is None


def test_the_units_of_this_machine_can_be_asked_for():
    assert has_bfloat16(CPU) in (True, False)


@pytest.mark.parametrize("units", [True, False])
def test_a_fitted_detector_says_what_it_was_trained_in(monkeypatch, units):
    monkeypatch.setattr("askew.training.precision.has_bfloat16", lambda device: units)
    table = np.random.default_rng(0).normal(size=(20, 3))
    images = np.random.default_rng(0).integers(0, 256, (20, 1, 16, 16), dtype=np.uint8)

    def trained_in(X, **settings):
        detector = DeepSVDD(random_state=0, training=Training(epochs=1, pretrain_epochs=0, **settings))
        return detector.fit(X).training_precision

    assert trained_in(images) == ("bfloat16" if units else "float32")
    assert trained_in(images, precision="float32") == "float32"
    assert trained_in(images, precision="bfloat16") == "bfloat16"
    assert trained_in(table) == "float32"
