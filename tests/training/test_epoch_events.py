"""Progress events count up to their total; a library prints nothing."""

import pytest
from training_cases import Branching, Wrapped, autoencoder, data, run, stage

from askew.networks import mlp
from askew.training.epoch_events import Event, emit, reporting, terminal_bar

MEMBERS = [(0, 1), (0, 2), (0, 3)]


def events(build, stages, **options):
    seen = []
    with reporting(seen.append):
        run(build, stages, data(), MEMBERS, **options)
    return seen


@pytest.mark.parametrize("at_once", [1, 2, 1000])
@pytest.mark.parametrize("kind", [mlp, Wrapped, Branching])
def test_events_count_up_to_the_total(kind, at_once):
    seen = events(autoencoder(kind), [stage(epochs=2), stage(name="more", epochs=3)], members_at_once=at_once)
    assert [event.done for event in seen] == list(range(1, len(seen) + 1))
    assert seen[-1].done == seen[-1].total
    assert all(event.done <= event.total for event in seen)
    if kind is not Branching:  # whether it trains one by one is known when its group begins
        assert {event.total for event in seen} == {seen[-1].total}


def test_an_event_says_where_training_is():
    seen = events(autoencoder(), [stage(epochs=2), stage(name="more", epochs=3)])
    assert [(e.stage, e.epoch, e.epochs, e.members) for e in seen] == [
        ("fit", 1, 2, 3),
        ("fit", 2, 2, 3),
        ("more", 1, 3, 3),
        ("more", 2, 3, 3),
        ("more", 3, 3, 3),
    ]


def test_its_loss_is_the_mean_over_members():
    seen = []
    with reporting(seen.append):
        members = run(autoencoder(), [stage(epochs=1)], data(), MEMBERS)
    mean = sum(member.losses["fit/main"][0] for member in members) / 3
    assert seen[0].loss == pytest.approx(mean)


def test_its_loss_leaves_failed_members_out():
    seen = []
    poisoned = data(sets=2)
    poisoned.x[1] *= float("nan")
    with reporting(seen.append):
        members = run(autoencoder(), [stage(epochs=2)], poisoned, [(0, 1), (1, 2)])
    assert [event.loss for event in seen[:2]] == members[0].losses["fit/main"]


def test_nothing_is_printed(capfd):
    run(autoencoder(), [stage()], data(), MEMBERS)
    assert capfd.readouterr() == ("", "")


def test_a_reporter_hears_only_what_happens_inside():
    seen = []
    event = Event("fit", 1, 2, 5, 0.3, 1, 2)
    with reporting(seen.append):
        emit(event)
        with reporting(None):
            emit(event)
    emit(event)
    assert seen == [event]


def test_a_reporter_is_removed_when_training_fails():
    seen = []
    with pytest.raises(KeyboardInterrupt), reporting(seen.append):
        raise KeyboardInterrupt
    emit(Event("fit", 1, 2, 5, 0.3, 1, 2))
    assert seen == []


def test_the_bar_is_silent_where_stderr_is_no_terminal(capfd):
    with terminal_bar("training"):
        run(autoencoder(), [stage()], data(), MEMBERS)
    assert capfd.readouterr() == ("", "")


def test_the_bar_shows_the_stage_in_a_terminal(capfd, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    with terminal_bar("[b]x"):  # no markup
        run(autoencoder(), [stage(name="[i]fit")], data(), MEMBERS)
    out, err = capfd.readouterr()
    assert out == "" and "[b]x" in err and "[i]fit: epoch 4/4" in err
    assert err.endswith("\x1b[2K")  # the line is taken away when it is over
