"""What `auto` costs: fitting 3,000 and 300,000 rows of 20 columns with ten known anomalies, and scoring.

Run: OMP_NUM_THREADS=1 python bench/auto.py [--before PATH/src] [--rows 3000,300000]
     OMP_NUM_THREADS=1 python bench/auto.py --parts     # what each candidate costs of it
With --before the same is done by an older source tree, each in a process of its own; seconds are of processor time,
the import of what fitting needs left out.
"""

import argparse
import os
import subprocess
import sys
import time

PROGRAM = """
import sys, time, warnings
import numpy as np
import askew
warnings.simplefilter("ignore")
rows, scored = int(sys.argv[1]), 20_000
rng = np.random.default_rng(0)
X = rng.normal(size=(rows, 20)) @ rng.normal(size=(20, 20))
X[: rows // 50, :4] += 3 * X.std(0)[:4]
y = np.where(np.arange(rows) < 10, -1, 0)
askew.AutoDetector(random_state=0).fit(X[:100], np.where(np.arange(100) < 5, -1, 0))  # imports
start = time.process_time()
detector = askew.AutoDetector(random_state=0).fit(X, y)
fitted = time.process_time()
scores = detector.score_samples(np.resize(X, (scored, 20)))
done = time.process_time()
print(fitted - start, 1e6 * (done - fitted) / scored, *detector.chosen_)
"""


def measure(rows, source=None):
    """Return the seconds that fitting takes, the microseconds of scoring a row, and what was chosen."""
    environment = os.environ | ({"PYTHONPATH": source} if source else {})
    command = [sys.executable, "-c", PROGRAM, str(rows)]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    fit, score, *chosen = run.stdout.split()
    return float(fit), float(score), chosen


def parts(rows=3000, scored=20_000):
    """Print the seconds that each candidate's fit takes, and the microseconds of scoring a row by it."""
    import warnings

    import numpy as np

    import askew
    from askew.detectors import auto

    warnings.simplefilter("ignore")
    rng, spent, fit_bag = np.random.default_rng(0), {}, auto.fit_bag

    def timed(make, *data):
        start = time.process_time()
        bag = fit_bag(make, *data)
        spent[make.func.__self__.name] = time.process_time() - start
        return bag

    auto.fit_bag = timed
    X = rng.normal(size=(rows, 20)) @ rng.normal(size=(20, 20))
    y = askew.labels.ours(np.where(np.arange(rows) < 10, -1, 0))
    names = (*auto.BY_DEFAULT, "kde", "gradient_boosting")
    for _ in range(2):  # the first imports
        detector = askew.AutoDetector(candidates=names, random_state=0).fit(X, y)
    columns = detector._columns(np.resize(X, (scored, 20)))
    unlike = [detector.bags_[name](columns) for name in detector.chosen_ if name not in auto.BY_LABELS]
    seen = {True: np.column_stack([detector.normal_scores_(columns), *unlike]), False: columns}
    for name in names:
        start = time.process_time()
        detector.bags_[name](seen[name in auto.ON_SCORES])
        each = 1e6 * (time.process_time() - start) / scored
        print(f"{name:20} fit {spent[name]:5.2f} s, score {each:5.1f} µs per row", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--before", help="src of an older checkout")
    parser.add_argument("--rows", default="3000,300000")
    parser.add_argument("--parts", action="store_true", help="what each candidate costs")
    given = parser.parse_args()
    if given.parts:
        parts()
        sys.exit()
    for rows in map(int, given.rows.split(",")):
        fit, score, chosen = measure(rows)
        print(
            f"{rows:>7,} rows: fit {fit:6.2f} s, score {score:5.1f} µs per row ({', '.join(chosen)})",
            flush=True,
        )
        if given.before:
            old_fit, old_score, chosen = measure(rows, given.before)
            print(f"         before: {old_fit:6.2f} s, {old_score:5.1f} µs per row ({', '.join(chosen)})")
            print(f"         ratio:  {fit / old_fit:6.3f},   {score / old_score:5.3f}", flush=True)
