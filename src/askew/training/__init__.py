"""Training: stages and steps as data, members trained together, progress and health."""

from askew.training.config import Settings, Training
from askew.training.engine import Execution, train
from askew.training.executors import MemberNetworks
from askew.training.members import Data, Member
from askew.training.process_state import one_thread, spared_generator
from askew.training.stages import Batch, Networks, Rows, Stage, Step, linear_warmup, mean_where

__all__ = [
    "Batch",
    "Data",
    "Execution",
    "Member",
    "MemberNetworks",
    "Networks",
    "Rows",
    "Settings",
    "Stage",
    "Step",
    "Training",
    "linear_warmup",
    "mean_where",
    "one_thread",
    "spared_generator",
    "train",
]
