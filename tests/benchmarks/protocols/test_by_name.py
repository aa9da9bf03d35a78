"""Every protocol is found by the name that its runs have, takes its own choices alone, and reaches a worker."""

import pickle

import pytest

from askew import benchmarks
from askew.benchmarks.protocols.by_name import protocol_named
from askew.benchmarks.protocols.images.designs import DESIGNS
from askew.benchmarks.runs.choices import Choice
from askew.errors import InvalidInputError

NAMES = ("classic", "few_labels", "label_loop", "planning", "sentiment", *DESIGNS)


@pytest.mark.parametrize("name", NAMES)
def test_a_protocol_names_its_runs_and_can_be_pickled(name):
    protocol = protocol_named(name)
    plan = protocol.plan(Choice())
    assert {run.protocol for run in plan.runs} == {name} == {plan.protocol}
    again = pickle.loads(pickle.dumps(protocol))
    run = plan.runs[-1]
    assert (again.words(run), again.group_key(run)) == (protocol.words(run), protocol.group_key(run))


@pytest.mark.parametrize("name", NAMES)
def test_a_choice_that_a_protocol_does_not_take_is_refused(name):
    protocol = protocol_named(name)
    with pytest.raises(TypeError, match=rf"{protocol.owner}\(\) got an unexpected keyword argument 'regime'"):
        benchmarks.run(name, regime="seen")
    assert set(protocol.options) <= set(Choice.__dataclass_fields__) - {"preset"}


@pytest.mark.parametrize("name", ["label_loop", "planning", "sentiment"])
def test_a_device_is_refused_where_nothing_is_trained_on_it(name, tmp_path):
    protocol = protocol_named(name)
    message = rf"{protocol.owner}\(\) got an unexpected keyword argument 'device'"
    with pytest.raises(TypeError, match=message):
        getattr(benchmarks, protocol.owner)(device="cuda", out=tmp_path / "new")
    with pytest.raises(TypeError, match=message):
        benchmarks.execute(protocol.plan(Choice()), protocol.results(tmp_path / "store"), device="cuda")
    assert not (tmp_path / "new").exists()


def test_an_unknown_name_is_refused():
    with pytest.raises(InvalidInputError, match="protocol of run_images must be a known name"):
        protocol_named("bench")


def test_run_takes_a_name_or_a_protocol(fakes, tmp_path):
    part = {"methods": ["fake"], "datasets": ["cardio"], "seeds": [0, 1]}
    assert benchmarks.run("classic", **part, out=tmp_path).done == 2
    assert benchmarks.run(protocol_named("classic"), "paper", **part, out=tmp_path).rows[0].n_runs == 2
    assert fakes.fitted == [("fake", (0, 1))]
