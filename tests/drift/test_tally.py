"""Counting in batches is counting at once; dates that cannot say anything are not compared."""

import numpy as np
import pandas as pd

import askew
from askew.drift.reference import Reference
from askew.drift.tally import Tally

drawn = np.random.default_rng(0)


def frame(n, days, start="2024-01-01"):
    when = pd.Timestamp(start) + pd.to_timedelta(drawn.integers(0, days * 24, n), unit="h")
    return pd.DataFrame({"x": drawn.normal(size=n), "when": when})


def test_batches_add_up():
    rows = frame(300, 100)
    model = askew.KDE().fit(rows)
    one, many = (Tally(Reference.of_rows(model, rows)) for _ in range(2))
    one.add(model, rows)
    for start in range(0, 300, 70):
        many.add(model, rows[start : start + 70])
    assert one.n_rows == many.n_rows == 300
    assert all((a == b).all() for a, b in zip(one.counts, many.counts, strict=True))


def test_hours_need_a_week_and_weekdays_eight():
    rows = frame(300, 100)
    model = askew.KDE().fit(rows)
    reference = Reference.of_rows(model, rows)

    def compared(days, start="2024-01-01"):
        tally = Tally(reference)
        tally.add(model, frame(200, days, start))
        pairs = zip(reference.parts, tally.counts, strict=True)
        return {part.cells.name for part, now in pairs if tally.comparable(part, now)}, list(
            tally.date_notes()
        )

    assert compared(2)[0] == {"cuts"}
    assert compared(20)[0] == {"cuts", "hours"}
    assert compared(90) == ({"cuts", "hours", "weekdays"}, [])
    assert "when: from 2024-05-0" in compared(20, "2024-05-01")[1][0]
