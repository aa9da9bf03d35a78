"""What an ONNX file holds, what its check catches, and what is refused."""

import json
import logging
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from torch import nn

import askew
from askew.base.prepared import Prepared
from askew.calibration import Conformal, Quantile
from askew.errors import ExportError, InvalidInputError, ModelFileError
from askew.export import load_onnx, network_graph, to_onnx
from askew.export.example_rows import example_rows
from askew.export.onnx_writer import Parity, _compared
from detector_cases import calmly, fitted, quick, table

onnxruntime = pytest.importorskip("onnxruntime", reason="the extra askew[onnx] is not installed")
onnx = pytest.importorskip("onnx", reason="the extra askew[onnx] is not installed")

X, Y = table()


def mixed(rows=300, seed=0):
    """Columns of every kind, with gaps, rare words and a date over two years."""
    rng = np.random.default_rng(seed)
    days = pd.to_timedelta(rng.integers(0, 800 * 86_400, rows), unit="s")
    frame = pd.DataFrame(
        {
            "amount": rng.normal(10, 2, rows),
            "country": rng.choice(["NO", "SE", "DK"], rows, p=[0.6, 0.399, 0.001]),
            "member": rng.random(rows) < 0.5,
            "shop": [f"shop {i}" for i in rng.integers(0, 60, rows)],
            "when": pd.Timestamp("2019-11-28 06:00") + days,
            "age": np.where(rng.random(rows) < 0.1, np.nan, rng.normal(40, 5, rows)),
        }
    )
    frame.loc[rng.random(rows) < 0.05, "country"] = None
    frame.loc[rng.random(rows) < 0.05, "when"] = pd.NaT
    return frame


def test_other_programs_can_read_the_file(tmp_path):
    frame = pd.DataFrame(X, columns=["a", "b", "c", "d"])
    detector = fitted("logistic_regression", frame, Y)
    to_onnx(detector, tmp_path / "m.onnx")
    session = onnxruntime.InferenceSession(str(tmp_path / "m.onnx"))
    assert [(i.name, i.type, i.shape) for i in session.get_inputs()] == [("X", "tensor(double)", ["rows", 4])]
    assert [o.name for o in session.get_outputs()] == ["score", "anomaly_score", "prediction"]
    score, _, prediction = session.run(None, {"X": X})
    np.testing.assert_allclose(score, detector.score_samples(frame), rtol=1e-12)
    np.testing.assert_array_equal(prediction, detector.predict(frame))
    about = json.loads(session.get_modelmeta().custom_metadata_map["askew"])
    assert (about["detector"], about["features"]) == ("logistic_regression", ["a", "b", "c", "d"])


def test_columns_are_told_by_name_where_both_sides_have_names(tmp_path):
    frame = pd.DataFrame(X, columns=["a", "b", "c", "d"])
    for known, given in ((frame, X), (frame, frame[["d", "c", "b", "a"]]), (X, frame)):
        detector = fitted("logistic_regression", known, Y)
        to_onnx(detector, tmp_path / "m.onnx")
        found = load_onnx(tmp_path / "m.onnx").score_samples(given)
        np.testing.assert_allclose(found, detector.score_samples(known), rtol=1e-12)


def test_a_score_that_is_no_number_is_the_lowest_in_the_file(tmp_path, monkeypatch):
    detector, own = fitted("logistic_regression", X, Y), askew.LogisticRegression._add_score

    def no_number(self, graph, rows):
        return graph.add("Mul", own(self, graph, rows), graph.constant(np.nan))

    monkeypatch.setattr(askew.LogisticRegression, "_add_score", no_number)
    monkeypatch.setattr(askew.LogisticRegression, "_score_rows", lambda self, x: np.full(len(x), -np.inf))
    to_onnx(detector, tmp_path / "m.onnx")
    assert (load_onnx(tmp_path / "m.onnx").score_samples(X) == -np.inf).all()


def test_where_it_cannot_be_written_nothing_is_worked_out(tmp_path, monkeypatch):
    monkeypatch.setattr("askew.export.onnx_writer._model", lambda model: pytest.fail("worked out"))
    with pytest.raises(InvalidInputError, match="must be in a folder that exists"):
        to_onnx(fitted("logistic_regression", X, Y), tmp_path / "none" / "m.onnx")


@pytest.mark.parametrize(
    "name", ["isolation_forest", "gradient_boosting", "kde", "kernel_ssad", "oc_svm", "nearest_neighbours"]
)
def test_predictions_at_the_threshold_and_far_away_are_the_same(name, tmp_path):
    detector = fitted(name, X, Y)
    rows = np.r_[X, X * 1e3, np.zeros((1, 4)), np.full((1, 4), -1e9)]
    to_onnx(detector, tmp_path / "m.onnx", rows)
    wanted, found = detector.score_samples(rows), load_onnx(tmp_path / "m.onnx").run(rows)
    np.testing.assert_allclose(found["score"], wanted, rtol=1e-6, atol=1e-12)


def test_a_mixed_table_goes_in_as_it_is(tmp_path):
    frame, new = mixed(), mixed(seed=1)
    new.loc[:4, "country"] = "XX"
    new.loc[5:9, "shop"] = "  shop 7 "
    new.loc[10:14, "when"] = pd.Timestamp("2031-02-28 23:59:59")
    new.loc[15:19, "amount"] = None
    y = np.r_[-np.ones(9, dtype=np.int8), np.zeros(291, dtype=np.int8)]
    model = calmly(Prepared(quick("logistic_regression")).fit, frame, y)
    assert len(model.preparation_.names) == 17
    assert to_onnx(model, tmp_path / "m.onnx").largest < 1e-12
    exported = load_onnx(tmp_path / "m.onnx")
    np.testing.assert_allclose(exported.score_samples(new), model.score_samples(new), rtol=1e-9)
    assert exported.novelties(new).lines() == model.novelties(new).lines() != []
    assert exported.feature_names_in_.tolist() == list(frame)
    with pytest.raises(InvalidInputError, match="'amount' is missing"):
        exported.score_samples(new.drop(columns="amount"))


def test_months_are_those_of_the_calendar_over_four_centuries(tmp_path):
    days = pd.Series(pd.date_range("1900-01-01", "2299-12-31", freq="11D", unit="s"))
    frame = pd.DataFrame({"when": days, "a": np.arange(len(days)) % 7.0})
    model = Prepared(quick("isolation_forest")).fit(frame)
    detector = fitted("logistic_regression", *table(features=len(model.preparation_.names)))
    model.detector_ = detector  # a line feels every number
    assert to_onnx(model, tmp_path / "m.onnx", frame).largest < 1e-9


def test_a_date_with_a_zone_goes_in_as_it_is(tmp_path):
    frame = mixed()[["amount", "when"]]
    frame["when"] = frame["when"].dt.tz_localize("Europe/Oslo", ambiguous="NaT", nonexistent="NaT")
    model = Prepared(quick("logistic_regression")).fit(
        frame, np.r_[-np.ones(9, dtype=np.int8), np.zeros(291, dtype=np.int8)]
    )
    assert str(example_rows(model)["when"].dt.tz) == "Europe/Oslo"
    assert to_onnx(model, tmp_path / "m.onnx").largest < 1e-12  # of made-up rows with that zone
    found = load_onnx(tmp_path / "m.onnx").score_samples(frame)
    np.testing.assert_allclose(found, model.score_samples(frame), rtol=1e-9)


def test_trees_of_one_row_give_every_row_the_same_score(tmp_path):
    detector = calmly(askew.IsolationForest(max_samples=1, n_estimators=3, random_state=0).fit, X)
    to_onnx(detector, tmp_path / "m.onnx", X)
    np.testing.assert_array_equal(load_onnx(tmp_path / "m.onnx").run(X)["score"], detector.score_samples(X))
    assert (detector.score_samples(X) == -0.5).all()


def test_the_threshold_is_the_outermost(tmp_path):
    model = calmly(Quantile(fitted("isolation_forest", X, Y), contamination=0.4).fit, X)
    to_onnx(model, tmp_path / "m.onnx")
    exported = load_onnx(tmp_path / "m.onnx")
    assert exported.offset_ == model.offset_ != model.model.offset_
    new = table(seed=1)[0]  # of the rows that it was fitted on one is the threshold, up to rounding
    np.testing.assert_array_equal(exported.predict(new), model.predict(new))
    np.testing.assert_allclose(exported.decision_function(X), exported.score_samples(X) - model.offset_)


def test_rows_that_must_be_judged_together_are_refused(tmp_path):
    model = calmly(Conformal(fitted("kde", X, Y)).fit, X)
    with pytest.raises(ExportError, match="Conformal cannot be written as ONNX: it judges all rows"):
        to_onnx(model, tmp_path / "m.onnx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("n_knots", [1, 40])
@pytest.mark.parametrize("shape", [0.0, 0.4])
def test_a_surprise_is_interpolated_between_knots_and_has_a_tail(shape, n_knots, tmp_path):
    auto = fitted("auto", X, Y)
    for surprise in (bag.surprise for bag in auto.bags_.values()):
        surprise.knots, surprise.levels = surprise.knots[:n_knots], surprise.levels[:n_knots]
        surprise.shape = shape
    rows = np.r_[X, X * 3.0, X * 30.0]
    assert to_onnx(auto, tmp_path / "m.onnx", rows).largest < 1e-9


def test_a_file_that_scores_otherwise_is_not_written(tmp_path, monkeypatch):
    right = askew.LogisticRegression._add_score

    def wrong(detector, graph, rows):
        return graph.add("Mul", right(detector, graph, rows), graph.constant(1.0 + 1e-4))

    monkeypatch.setattr(askew.LogisticRegression, "_add_score", wrong)
    with pytest.raises(ExportError, match=r"differ from the model's by up to .* of their scale over 60 rows"):
        to_onnx(fitted("logistic_regression", X, Y), tmp_path / "m.onnx", X)
    assert list(tmp_path.iterdir()) == []


def test_a_method_that_nobody_has_written_down_is_refused(tmp_path, monkeypatch):
    monkeypatch.delattr(askew.KDE, "_add_score")
    with pytest.raises(
        ExportError, match=r"KDE cannot be written as ONNX.*gradient_boosting, hybrid, isolation"
    ):
        to_onnx(fitted("kde", X, Y), tmp_path / "m.onnx")


def test_catboost_is_refused(tmp_path):
    pytest.importorskip("catboost", reason="the extra askew[boost] is not installed")
    detector = fitted("gradient_boosting", X, Y, library="catboost")
    with pytest.raises(ExportError, match='cannot be written as ONNX with library="catboost"'):
        to_onnx(detector, tmp_path / "m.onnx")


def test_a_network_of_ones_own_is_written_too(tmp_path):
    def network(spec):
        encoder = nn.Sequential(nn.Linear(spec.n_features, 8), nn.SiLU(), nn.Linear(8, 4))
        return encoder, nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, spec.n_features))

    detector = fitted("vae", X, Y, network=network, n_members=1)
    assert to_onnx(detector, tmp_path / "m.onnx", X).n_rows == 60
    assert detector.members_[0].networks["encoder"][0].weight.dtype.itemsize == 8, "the model stays float64"


@pytest.mark.parametrize("name", ["isolation_forest", "kde", "hybrid"])
def test_rows_for_the_check_are_like_those_of_training(name):
    detector = fitted(name, X * 5.0 + 100.0, Y)
    rows = example_rows(detector)
    assert rows.shape == (512, 4)
    assert (np.abs(np.median(rows, axis=0) - 100.0) < 6.0).all()
    assert 0.02 < (detector.predict(rows) == -1).mean() < 0.98


def test_made_up_rows_of_a_mixed_table_have_all_that_may_come():
    frame = mixed()
    rows = example_rows(calmly(Prepared(quick("isolation_forest")).fit, frame))
    gaps = rows.isna().mean()
    assert gaps[["amount", "member", "shop"]].eq(0.0).all()
    assert gaps[["country", "when", "age"]].between(0.05, 0.15).all()
    assert set(rows["country"].dropna()) == {"NO", "SE", "DK", "a word never seen"}
    assert set(rows["shop"]) == {*frame["shop"], "a word never seen"}
    assert set(rows["member"]) == {0.0, 1.0} and 0.4 < rows["member"].mean() < 0.6
    first, last = frame["when"].min(), frame["when"].max()
    room = last - first
    assert first - room < rows["when"].min() < first - 0.9 * room
    assert last + 0.9 * room < rows["when"].max() < last + room


def compared(wanted, found, *, offset=0.5, predictions=None):
    """Return what the check says of a model's scores and a file's."""
    wanted, found = np.array(wanted), np.array(found)
    passes = np.where(found >= offset, 1, -1) if predictions is None else np.array(predictions)
    model = SimpleNamespace(score_samples=lambda X: wanted, offset_=offset)
    return _compared(model, SimpleNamespace(run=lambda X: {"score": found, "prediction": passes}), None)


def test_scores_may_differ_by_a_share_of_their_spread_and_size():
    far = [-1.0, 1.0, 3.0]  # spread 1.63, so of the first a hundred-thousandth is 2.63e-5
    assert compared(far, far) == Parity(3, 0.0)
    assert compared(far, [-1.0 + 2.6e-5, 1.0, 3.0]).largest == pytest.approx(0.99e-5, rel=0.01)
    for wrong in (-1.0 + 2.7e-5, -1.0 - 2.7e-5, np.nan, np.inf):
        with pytest.raises(ExportError, match="over 3 rows"):
            compared(far, [wrong, 1.0, 3.0])


def test_scores_without_spread_and_size_are_compared_as_they_are():
    assert compared([0.0, 0.0], [0.0, 9e-6]).largest == 9e-6
    with pytest.raises(ExportError):
        compared([0.0, 0.0], [0.0, 1.1e-5])


def test_what_is_infinite_must_be_infinite_in_the_file_too():
    assert compared([-np.inf, 1.0, 2.0], [-np.inf, 1.0, 2.0]) == Parity(3, 0.0)
    assert compared([-np.inf, -np.inf], [-np.inf, -np.inf]) == Parity(2, 0.0)
    with pytest.raises(ExportError):
        compared([-np.inf, 1.0, 2.0], [-1e300, 1.0, 2.0])


def test_predictions_may_differ_next_to_the_threshold_alone():
    scores = [
        -1.0,
        0.5 - 1.2e-5,
        0.5,
        0.5 + 1.2e-5,
        0.5 + 2.2e-5,
        2.0,
    ]  # spread 0.87: next to is within 1.37e-5
    for near in (-1, 1):
        assert compared(scores, scores, predictions=[-1, near, near, near, 1, 1]).n_rows == 6
    for wrong in ([-1, -1, 1, 1, -1, 1], [1, -1, 1, 1, 1, 1]):
        with pytest.raises(ExportError):
            compared(scores, scores, predictions=wrong)


def test_the_exporter_is_quiet_and_its_deepest_error_is_told():
    log = logging.getLogger("torch.onnx")
    before = log.level
    with network_graph._quiet():
        assert log.level == logging.ERROR
    assert log.level == before
    outer, middle = RuntimeError("outer"), ValueError("first line\nsecond")
    outer.__cause__ = middle
    assert network_graph._cause(outer) == "first line"
    middle.__cause__ = KeyError()
    assert network_graph._cause(outer) == "KeyError"


class TestWrongFiles:
    def test_missing(self, tmp_path):
        with pytest.raises(ModelFileError, match="does not exist"):
            load_onnx(tmp_path / "m.onnx")

    def test_damaged(self, tmp_path):
        (tmp_path / "m.onnx").write_bytes(b"no model")
        with pytest.raises(ModelFileError, match=r"m\.onnx'.*cannot be read"):
            load_onnx(tmp_path / "m.onnx")

    def test_foreign(self, tmp_path):
        value = onnx.helper.make_tensor_value_info("x", 1, [1])
        node = onnx.helper.make_node("Identity", ["x"], ["y"])
        out = onnx.helper.make_tensor_value_info("y", 1, [1])
        graph = onnx.helper.make_graph([node], "g", [value], [out])
        opset = [onnx.helper.make_opsetid("", 20)]
        onnx.save(onnx.helper.make_model(graph, opset_imports=opset, ir_version=10), tmp_path / "m.onnx")
        with pytest.raises(ModelFileError, match="not a model of askew"):
            load_onnx(tmp_path / "m.onnx")


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "[]", '{"offset": NaN}', f'{{"offset": {10**400}}}', "{"], ids=range(5)
)
def test_what_a_file_says_of_itself_is_checked(text, tmp_path):
    to_onnx(fitted("kde", X, Y), tmp_path / "m.onnx")
    model = onnx.load(tmp_path / "m.onnx")
    for entry in model.metadata_props:
        entry.value = text if entry.key == "askew" else entry.value
    onnx.save(model, tmp_path / "m.onnx")
    with pytest.raises(ModelFileError, match="says of itself what cannot be read"):
        load_onnx(tmp_path / "m.onnx")


@pytest.mark.parametrize("rows, message", [(X[:, :3], "4 columns; got '3'"), (X * np.nan, "finite; got NaN")])
def test_wrong_rows_are_refused(rows, message, tmp_path):
    to_onnx(fitted("kde", X, Y), tmp_path / "m.onnx")
    with pytest.raises(InvalidInputError, match=message):
        load_onnx(tmp_path / "m.onnx").score_samples(rows)


def test_without_the_extra_the_install_command_is_told(monkeypatch, tmp_path):
    monkeypatch.setitem(__import__("sys").modules, "onnxscript", None)
    with pytest.raises(askew.errors.MissingDependencyError, match=r"onnxscript is.*askew\[onnx\]"):
        to_onnx(fitted("kde", X, Y), tmp_path / "m.onnx")
