"""Motion planning among narrow passages with samples of a conditional VAE (Ichter et al. 2018).

>>> import numpy as np
>>> from askew.applications import motion_planning
>>> problem = motion_planning.make_problems(1, seed=0).problem(0)
>>> samples = np.concatenate([problem.world.free_points(300, np.random.default_rng(0)), np.zeros((300, 2))], axis=1)
>>> motion_planning.plan(problem.world, problem.start, problem.goal, samples).found
True
"""

from askew.applications.motion_planning.evaluation import (
    Draw,
    Outcome,
    evaluate,
    samples_needed,
    uniform,
)
from askew.applications.motion_planning.paths import best_motion
from askew.applications.motion_planning.problems import (
    Problem,
    Problems,
    boundary_negatives,
    load,
    make_problems,
    save,
)
from askew.applications.motion_planning.roadmap import Plan, plan
from askew.applications.motion_planning.sampler import Recipe, Sampler, soft_cells, train_sampler
from askew.applications.motion_planning.worlds import World, random_world

__all__ = [
    "Draw",
    "Outcome",
    "Plan",
    "Problem",
    "Problems",
    "Recipe",
    "Sampler",
    "World",
    "best_motion",
    "boundary_negatives",
    "evaluate",
    "load",
    "make_problems",
    "plan",
    "random_world",
    "samples_needed",
    "save",
    "soft_cells",
    "train_sampler",
    "uniform",
]
