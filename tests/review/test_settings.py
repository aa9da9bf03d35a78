"""Settings: ranges are checked, names too."""

import pytest

from askew.errors import InvalidInputError
from askew.review import ReviewSettings


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"order": "anomalos"}, "order of ReviewSettings .* Did you mean 'anomalous'"),
        ({"random_share": 1.1}, "random_share of ReviewSettings must be between 0 and 1; got 1.1"),
        ({"random_share": "0.1"}, "random_share"),
        ({"refit_every": -1}, "refit_every of ReviewSettings must be an integer of at least 0"),
        ({"budget": 0}, "budget of ReviewSettings must be an integer of at least 1"),
        ({"seed": 1.5}, "seed"),
        ({"sede": 1}, "names of settings; got 'sede'. Did you mean 'seed'"),
    ],
)
def test_what_is_out_of_range_is_refused(settings, match):
    with pytest.raises(InvalidInputError, match=match):
        ReviewSettings().changed(settings)


def test_changes_and_differences_are_inverse():
    before, after = ReviewSettings(), ReviewSettings(order="random", budget=40)
    assert before.differences(after) == {"order": "random", "budget": 40}
    assert before.changed(before.differences(after)) == after
