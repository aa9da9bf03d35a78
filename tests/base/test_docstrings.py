"""Docstrings of detectors: inherited parameters are listed, each once, the class's own words first."""

from askew.base.docstrings import complete_docstring, training_in_words


class Base:
    """A base.

    Parameters
    ----------
    a : int
        The base's a,
        in two lines.
    b, c : float
        Both.

    Examples
    --------
    >>> 1
    1
    """


def completed(text, **attributes):
    cls = type("Below", (Base,), {"__doc__": text, **attributes})
    complete_docstring(cls)
    return cls.__doc__


def test_a_class_without_parameters_gets_the_bases():
    found = completed("Summary.\n\n    Raises\n    ------\n    ValueError\n        Never.\n    ")
    assert found == (
        "Summary.\n\nParameters\n----------\na : int\n    The base's a,\n    in two lines.\nb, c : float\n    Both.\n\n"
        "Raises\n------\nValueError\n    Never.\n"
    )


def test_own_words_come_first_and_count():
    found = completed(
        "S.\n\n    Parameters\n    ----------\n    d : int\n        D.\n    b, c : float\n        Mine.\n"
    )
    assert found.endswith(
        "d : int\n    D.\nb, c : float\n    Mine.\na : int\n    The base's a,\n    in two lines.\n"
    )


def test_defaults_of_training_are_told_once():
    defaults = {"epochs": 9, "lr": 2e-3, "batch_size": 4}
    assert (
        "training : Training, optional\n    Defaults: 9 epochs, Adam at 2e-3, batches of 4.\n"
        in completed("S.", default_training=defaults)
    )
    own = "S.\n\nParameters\n----------\ntraining : Training\n    Mine."
    assert "Defaults" not in completed(own, default_training=defaults)


def test_all_that_a_method_may_set_has_words():
    found = training_in_words(
        {
            "epochs": 30,
            "pretrain_epochs": 20,
            "lr": 1e-3,
            "batch_size": 8,
            "weight_decay": 5e-4,
            "clip_grad_norm": 5.0,
        }
    )
    assert found == (
        "30 epochs after 20 of pre-training, Adam at 1e-3, batches of 8, weight decay 5e-4, gradients clipped at 5"
    )


def test_without_docstrings_there_is_nothing_to_complete():
    assert completed(None) is None


def test_a_method_that_needs_anomalies_says_what_it_raises():
    example = "S.\n\nExamples\n--------\n>>> 2\n2\n"
    assert "Raises\n------\nLabelError\n    By `fit`, if no row is labelled -1.\n\nExamples" in completed(
        example, needs_anomalies=True
    )
    assert "LabelError" not in completed(example, needs_anomalies=False)
