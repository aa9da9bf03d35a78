"""Lists: open, answered, flagged, by answer; to who is blind only their own answers count."""

import numpy as np
import pytest
from review_cases import N, session, table

from askew.errors import InvalidInputError


def test_lists():
    y = np.zeros(N, int)
    y[50] = -1
    reviewed = session(y=y, reviewer="ann")
    ben = reviewed.as_reviewer("ben", blind=True)
    reviewed.answer([0, 1, 2, 3], ["anomaly", "normal", "unsure", "skip"])
    ben.answer(0, "normal")
    everything = reviewed.page(0, N)
    assert [line.rank for line in everything.lines] == list(range(1, N + 1)) and everything.n_lines == N
    assert [line.rank for line in reviewed.page(10, 5).lines] == [11, 12, 13, 14, 15]

    def ids(who, only):
        return {line.id for line in who.page(0, N, only).lines}

    assert ids(reviewed, "answered") == {0, 1, 2} and ids(ben, "answered") == {0}
    assert ids(reviewed, "open") == set(range(N)) - {0, 1, 2, 50}
    assert ids(reviewed, "flagged") == {line.id for line in everything.lines if line.flagged}
    assert ids(reviewed, "conflicts") == {0} and ids(ben, "conflicts") == set()
    assert [ids(reviewed, only) for only in ("anomaly", "normal", "unsure", "skip")] == [
        {0},
        {0, 1},
        {2},
        {3},
    ]
    assert ids(ben, "anomaly") == set()
    with pytest.raises(InvalidInputError, match="Did you mean 'flagged'"):
        reviewed.page(only="flaged")
    line = next(line for line in everything.lines if line.id == 50)
    assert line.given == -1 and line.cells == {"x0": table()[50, 0], "x1": table()[50, 1]}
