"""``askew bench labelled-ratio`` and the other image protocols: options reach the protocol, its result is printed."""

import json

import pytest

from askew import benchmarks
from askew.benchmarks.protocols.images.designs import DESIGNS
from askew.benchmarks.protocols.images.protocol import plan
from askew.benchmarks.protocols.images.result import ImageResult
from askew.cli.bench import IMAGE_COMMANDS


@pytest.fixture
def protocol(monkeypatch):
    """Stand in for the protocols: note how they are called."""
    calls = []

    def run_images(name, preset, **options):
        calls.append({"protocol": name, "preset": preset, **options})
        return ImageResult.of(plan(name, preset, methods=options["methods"], at=options["at"]), {})

    monkeypatch.setattr(benchmarks, "run_images", run_images, raising=False)
    return calls


def test_there_is_a_command_per_protocol(run, protocol):
    assert [name.replace("-", "_") for name in IMAGE_COMMANDS] == list(DESIGNS)
    listed = run("bench", "--help").out
    for name in IMAGE_COMMANDS:
        assert name in listed
        assert run("bench", name).code == 0
        (call,) = protocol
        assert call["protocol"] == name.replace("-", "_")
        protocol.clear()


def test_defaults_are_the_presets(run, protocol):
    assert run("bench", "pollution").code == 0
    (call,) = protocol
    assert callable(call.pop("progress")) and 1 <= call.pop("workers") <= 8
    assert str(call.pop("out")) == "results"
    nothing = dict.fromkeys(
        ("methods", "datasets", "normal_classes", "known_classes", "at", "seeds", "members", "cluster")
    )
    given = {
        "protocol": "pollution",
        "preset": "quick",
        "resume": True,
        "picture_codes": False,
        "pictures": (),
        "device": "cpu",
    }
    assert call == given | nothing


def test_options(run, protocol):
    words = "--preset paper --methods vae,dp_vae --datasets cifar10 --normal-classes 0-2,5 --known-classes 7"
    more = "--at 0,0.01 --at 0.2 --seeds 2 --workers 3 --no-resume --picture-codes --pictures vae,dp_vae -o there"
    more += " --device cuda --members 1"
    assert run("bench", "labelled-ratio", *words.split(), *more.split()).code == 0
    (call,) = protocol
    assert (call["preset"], call["methods"], call["datasets"]) == ("paper", ["vae", "dp_vae"], ["cifar10"])
    assert (call["normal_classes"], call["known_classes"]) == ([0, 1, 2, 5], [7])
    assert (call["at"], call["seeds"], call["workers"]) == ([0.0, 0.01, 0.2], [0, 1], 3)
    assert (call["resume"], call["picture_codes"], str(call["out"])) == (False, True, "there")
    assert call["pictures"] == ["vae", "dp_vae"]
    assert (call["device"], call["members"]) == ("cuda", 1)


def test_table_and_json(run, protocol):
    shown = run("bench", "labelled-ratio", "--at", "0.01")
    assert "labelled_ratio, preset quick: 0 of 100 runs" in shown.out
    assert "Results are in results" in shown.err
    found = json.loads(run("bench", "labelled-ratio", "--json").out)
    assert found["coverage"] == [0, 100] and found["rows"][0]["dataset"] == "mnist"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--normal-classes dress", "--normal-classes must be numbers of classes"),
        ("--normal-classes 1-2-3", "--normal-classes must be numbers of classes"),
        ("--known-classes 5-3", "--known-classes must be numbers of classes"),
        ("--at few", "--at must be numbers"),
    ],
)
def test_refusals_are_one_line(run, protocol, words, message):
    outcome = run("bench", "labelled-ratio", *words.split())
    assert outcome.code == 2 and message in outcome.err and protocol == []
    assert outcome.err.count("\n") == 1
