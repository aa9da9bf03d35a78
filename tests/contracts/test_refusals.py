"""What every detector refuses, with an error that names the argument and, where there is one, the remedy."""

import numpy as np
import pandas as pd
import pytest

import askew
from askew.errors import InvalidInputError, LabelError
from askew.training import Training
from detector_cases import DEEP, NAMES, quick, shared, table

X, Y = table()


@pytest.fixture(scope="module", params=NAMES)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def detector(name):
    return shared(name, X, Y)


def spoiled(value):
    x = X.copy()
    x[3, 2] = x[5, 0] = value
    return x


def refused(error, message, function, *args):
    """Return the error's text: calling the function must raise `error` with this message."""
    with pytest.raises(error, match=message) as caught:
        function(*args)
    return str(caught.value)


def test_cells_that_are_not_finite_are_named_in_fit_and_in_scoring(name, detector):
    for value, word in ((np.nan, "NaN"), (np.inf, "inf"), (-np.inf, "inf")):
        x = spoiled(value)
        message = rf"X of \w+ must be finite; got {word} in row 3, column 2 \(2 such cells\)[.] Drop .*fill"
        refused(InvalidInputError, message, quick(name).fit, x, Y)
        for method in ("score_samples", "decision_function", "predict", "anomaly_score"):
            refused(InvalidInputError, message, getattr(detector, method), x)
    frame = pd.DataFrame(spoiled(np.inf), columns=["a", "b", "speed", "d"])
    refused(InvalidInputError, "got inf in row 3, column 'speed'", quick(name).fit, frame, Y)


OF_ANOTHER_FORM = {
    r"of shape \(n, d\); got \(60,\). Reshape your data": X[:, 0],
    r"Found array with 0 sample\(s\).*required": X[:0],
    r"0 feature\(s\)": X[:, :0],
    r"of shape \(n, d\); got \(10, 6, 4\)": X.reshape(10, 6, 4),
    "must be numbers; got 'a' in row 0, column 0. Give a frame": np.array([["a", "b"], ["c", "d"]]),
    r"Found array with 1 sample.*minimum of 2": X[:1],
}


def test_data_of_another_form_is_refused(name, detector):
    for message, data in OF_ANOTHER_FORM.items():
        refused(ValueError, "(?s)" + message, quick(name).fit, data)
    refused(ValueError, "X has 3 features, but .* is expecting 4", detector.score_samples, X[:, :3])


def test_before_fit_everything_else_is_refused(name):
    methods = ("score_samples", "decision_function", "predict", "anomaly_score", "save")
    for method in (*methods, *(("member_scores", "encode") if name in DEEP else ())):
        refused(Exception, "not fitted yet", getattr(quick(name), method), X)


WRONG_LABELS = (
    (np.abs(Y), "from_pyod"),  # only {0, 1}
    (np.where(Y == -1, 0, -1), "from_sklearn"),  # -1 is the majority
    (np.full(60, -1), "leave something to learn normal from"),
    (np.arange(60) % 3, "from_binary"),  # classes
    (Y[:-1], "one label per row of X"),
    (Y.reshape(-1, 1), "vector"),
    (np.where(Y == -1, np.nan, 0.0), "missing"),
    (np.where(Y == -1, "fraud", "ok"), "from_binary"),
)


def test_wrong_and_ambiguous_labels_are_refused_with_the_converter_to_use(name):
    for y, message in WRONG_LABELS:
        text = refused(LabelError, message, quick(name).fit, X, y)
        assert text.startswith(f"y of {askew.index.entries()[name].class_name} must be ")


@pytest.mark.parametrize("name", DEEP)
def test_one_row_that_is_no_known_anomaly_is_too_few(name):
    y = askew.labels.ours(np.where(np.arange(60) == 9, 0, -1))
    message = "at least two rows that are not known anomalies; got 1"
    refused(InvalidInputError, message, quick(name).fit, X, y)


COMMON = {"contamination": (0, 0.6, -0.1, np.nan, "auto", None)}
OF_DEEP = {
    "n_members": (0, 2.5, "five"),
    "scale": ("minmax", True),
    "device": ("nowhere", "cuda:99"),
    "training": ({"epochs": 3}, 3),
    "random_state": (-1, "seed", 0.5),
    "network": ("lenet", 3),
}
TABULAR = {"scale": ("minmax", True), "random_state": (-1, "seed", 0.5)}
KERNEL = TABULAR | {"gamma": (0, np.inf, "auto"), "max_rows": (1, 2.5), "approximation": ("auto", None)}
SEARCH = {"search_steps": (0, 1.5, True), "search_lr": (0, np.inf, "slow"), "code_size": (0, 1.5, True)}
OF_ONE = {
    "vae": {
        "beta_kl": (-1, np.nan, np.inf, "small"),
        "reduction": ("max",),
        "likelihood": ("poisson", None, 1),
    },
    "dp_vae": {"alpha": (0, np.inf, "ten", None), "interval": (0, 1.5), "warmup_epochs": (-1, "fifty")},
    "mml_vae": {
        "cubo_form": ("square",),
        "n_samples": (0, 1.5),
        "gamma": (-1, np.nan, "one"),
        "beta_cubo": (-1, np.inf, None),
    },
    "mml_dp_vae": {
        "alpha": (0,),
        "cubo_form": ("square",),
        "n_samples": (0,),
        "gamma": (-1,),
        "beta_cubo": (-1,),
    },
    "deep_svdd": {
        "objective": ("hard",),
        "nu": (0, 1.5, "some"),
        "init": ("zeros",),
        "center": ("zero",),
    },
    "dagmm": {
        "n_components": (0, 1.5, True),
        "code_size": (0, 1.5),
        "lambda_energy": (-1, np.inf, "small"),
        "lambda_diagonal": (-1, np.nan, None),
        "dropout": (-0.1, 1, "half"),
    },
    "dsebm": {"noise": (0, np.inf, "much"), "score_by": ("density",)},
    "alad": {
        "score_by": ("density",),
        "code_size": (0, 2.5, True),
        "spectral_norm": ("auto", 1),
        "dropout": (-0.1, 1, "half"),
        "averaging": (-0.1, 1, np.nan, None),
    },
    "ama": {
        "variant": ("code", None),
        "lambda_inter": (-1, np.inf, "half"),
        "lambda_neg": (-1, np.nan, "five"),
        "lambda_reg": (-1, np.inf, "one"),
        "delta": (0, np.inf, "some"),
        "negatives": ("inward", 3),
        "interpolation": ("cutmix", True),
        "n_points": (1, 2.5, True),
        "critic_steps": (0, 1.5, True),
        "spectral_norm": ("auto", 1),
        "gradient_penalty": (-1, np.inf, "ten"),
        "score_by": ("energy",),
        "validation_fraction": (-0.1, 0.6, "tenth"),
        "validation_anomalies": (0, 1.5, None),
        "averaging": (-0.1, 1, None),
    },
    "anogan": SEARCH | {"feature_weight": (-0.1, 1.5, "half")},
    "adgan": SEARCH
    | {
        "n_restarts": (0, 1.5, True),
        "move_generator": ("yes", 2),
        "generator_lr": (0, np.inf, "slow"),
        "critic_steps": (0, 1.5, True),
        "gradient_penalty": (-1, np.inf, None),
    },
    "fence_gan": {
        "alpha": (0, 1, "half"),
        "beta": (-1, np.inf, "ten"),
        "gamma": (0, np.nan, "one"),
        "lr_ratio": (0, np.inf, "two"),
        "code_size": (0, 2.5, True),
    },
    "ss_dgm": {"model": ("m1",), "alpha": (-1, np.inf, "ten"), "anomaly_prior": (0, 1, np.nan)},
    "oc_svm": KERNEL | {"n_components": (0, 2.5, True), "nu": (0, 1.5, "half")},
    "kernel_ssad": KERNEL | {"C": (0, np.inf, "one"), "kappa": (-1, np.inf, None)},
    "kde": TABULAR | {"max_rows": (1, 2.5), "bandwidth": (0, np.inf, "scott")},
    "mahalanobis": TABULAR,
    "nearest_neighbours": TABULAR
    | {"max_rows": (1, 2.5), "n_neighbours": (0, 2.5, True), "use_known": (1, "yes")},
    "extra_trees": TABULAR | {"n_estimators": (0, 1.5, True), "min_samples_leaf": (0, 2.5)},
    "logistic_regression": TABULAR | {"C": (0, np.inf, "one")},
    "gradient_boosting": TABULAR
    | {
        "library": ("xgboost", None),
        "n_estimators": (0, 1.5, True),
        "learning_rate": (0, 1.5, "slow"),
        "min_samples_leaf": (0, 2.5),
    },
    "hybrid": {"encoder": ("isolation_forest", "lenet", 3), "detector": ("hybrid", "svm", 3)},
    "deep_sad": {"eta": (0, -1, np.nan, "one"), "init": ("zeros",), "center": ("zero",)},
    "auto": {
        "time_budget": (0, -1, np.inf, "long"),
        "n_folds": (1, 2.5, True),
        "candidates": ((), ("lenet",), "vae", 3),
        "random_state": (-1, "seed", 0.5),
    },
    "isolation_forest": TABULAR | {"n_estimators": (0, 1.5), "max_samples": (0, "auto")},
}


@pytest.mark.parametrize("name", NAMES)
def test_a_parameter_out_of_range_is_refused_by_name_in_fit_and_not_before(name):
    cases = COMMON | (OF_DEEP if name in DEEP else {}) | OF_ONE.get(name, {})
    class_name = askew.index.entries()[name].class_name
    for parameter, value in [(each, value) for each, values in cases.items() for value in values]:
        detector = quick(name, **{parameter: value})  # the constructor only stores
        refused(
            InvalidInputError, rf"{parameter} of {class_name} must be .*; got .*[.] \S+", detector.fit, X, Y
        )
    if name in DEEP:
        message = "epochs of Training must be an integer of at least 1; got 0"
        refused(InvalidInputError, message, quick(name, training=Training(epochs=0)).fit, X, Y)


def test_every_parameter_that_can_be_wrong_is_tried():
    free = {
        "network",
        "freeze_decoder",
        "separate_encoder",
        "allow_collapse",
        "beta_kl",
        "reduction",
        "likelihood",
    }
    free |= {"random_state", "interval", "warmup_epochs"}  # tried on one of the classes that inherit them
    for name in NAMES:
        tried = set(COMMON) | set(OF_DEEP if name in DEEP else ()) | set(OF_ONE.get(name, ()))
        assert set(quick(name).get_params(deep=False)) - tried <= free, name
