"""A small table with planted anomalies, and sessions about it."""

import numpy as np

import askew
from askew.review import ReviewSession, ReviewSettings

N, N_ANOMALIES = 60, 6
TRUTH = np.r_[-np.ones(N_ANOMALIES, int), np.ones(N - N_ANOMALIES, int)]


def table():
    X = np.random.default_rng(0).normal(size=(N, 2))
    X[:N_ANOMALIES, 0] += 4.0
    return X


def session(settings=None, model=None, **more):
    """Return a session of a model that takes half a millisecond to fit; nothing is refitted or drawn unasked."""
    settings = ReviewSettings(random_share=0, refit_every=0) if settings is None else settings
    return ReviewSession(model or askew.Mahalanobis(), table(), settings=settings, **more)


def answer_truly(reviewed, n, reasons=False):
    """Answer the next `n` questions, one by one, as the truth is; return them."""
    asked = []
    for _ in range(n):
        (question,) = reviewed.ask(1, reasons=reasons)
        reviewed.answer(question.id, int(TRUTH[question.row]))
        asked.append(question)
    return asked
