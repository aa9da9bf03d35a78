"""Recipes: stages take epochs and optimiser from the settings, a head gives one number per row."""

import torch

from askew.families import recipes
from askew.training import Step, Training

SETTINGS = Training(
    epochs=9, pretrain_epochs=4, lr=0.5, lr_milestones=(3,), lr_gamma=0.2, weight_decay=0.1
).resolve({"batch_size": 8})


def test_the_main_stage_has_the_decay_and_pretraining_has_none():
    main = recipes.main_stage(SETTINGS, "main", [], recipes.encode)
    first = recipes.pretraining_stage(SETTINGS, "first", [], recipes.encode)
    assert (main.epochs, first.epochs) == (9, 4)
    assert [main.lr_at(epoch) for epoch in (0, 3)] == [0.5, 0.1]
    assert [first.lr_at(epoch) for epoch in (0, 3)] == [0.5, 0.5]
    assert main.weight_decay == first.weight_decay == 0.1 and main.clip is first.clip


def test_options_replace_what_the_settings_say():
    stage = recipes.main_stage(SETTINGS, "main", [], recipes.encode, milestones=(1, 2), weight_decay=0.0)
    assert (stage.milestones, stage.weight_decay) == ((1, 2), 0.0)


def test_the_closing_stage_only_computes():
    stage = recipes.closing_stage(SETTINGS, recipes.encode, dict)
    assert (stage.epochs, stage.steps, stage.constants) == (0, (), dict)


def test_betas_are_those_of_all_that_moves():
    steps = [Step("a", None, ("x", "y"), "all"), Step("b", None, ("z",), "all")]
    assert recipes.same_betas(steps, (0.5, 0.9)) == dict.fromkeys("xyz", (0.5, 0.9))


def test_the_value_is_the_heads_one_number():
    networks = {"encoder": lambda x: 2 * x, "head": lambda x: x.sum(-1, keepdim=True)}
    assert recipes.value_of(networks, torch.tensor([[1.0, 2.0], [3.0, 4.0]])).tolist() == [6.0, 14.0]
