"""Image runs: their splits, that they are done one by one, stored and resumed."""

import json

import numpy as np
import pyarrow.parquet as pq
import pytest

from askew.benchmarks import Run, run_images
from askew.benchmarks.protocols.images import pictures
from askew.benchmarks.protocols.images.budgets import QUICK
from askew.benchmarks.protocols.images.image_splits import image_split, loaded_images
from askew.benchmarks.protocols.images.protocol import image_protocol, image_work, plan
from askew.benchmarks.runs.plan import Group, grouped
from askew.errors import InvalidInputError

LITTLE = {"normal_classes": [3, 4], "datasets": ["mnist"], "methods": ["vae", "dp_vae", "deep_sad"]}


def run(**changes):
    given = {"labelled_ratio": 0.2, "normal_class": "3", "known_classes": ("5",), "split": "published"}
    given |= {"protocol": "labelled_ratio", "dataset": "mnist", "method": "dp_vae", "params": {}, "seed": 5}
    return Run(**(given | changes))


def test_a_split_has_one_normal_class_and_the_published_test_set(images):
    part, set_ = image_split(run(pollution_ratio=0.1)), images.load_images("mnist")
    assert part.X_train.dtype == np.uint8 and part.X_train.shape[1:] == (1, 4, 4)
    classes = set_.y_train[part.train_rows]
    assert (part.X_train == set_.x_train[part.train_rows]).all()
    assert (classes == 3).sum() == 40 and set(classes[part.y_train == -1]) == {5}
    assert (part.n_labelled, part.n_polluted) == (11, 4)
    assert sorted(part.test_rows) == list(range(100)) and part.n_test_anomalies == 90
    assert (part.X_test == set_.x_test[part.test_rows]).all()
    assert ((set_.y_test[part.test_rows] != 3) == part.anomaly_test).all()


def test_fewer_normal_images_are_drawn_by_the_seed_and_the_other_counts_follow(images):
    few, again, other = (image_split(run(max_normals=20, seed=seed)) for seed in (5, 5, 6))
    classes = loaded_images("mnist").y_train
    assert (few.n_normal, few.n_labelled) == (20, 5)
    assert (few.train_rows == again.train_rows).all()
    normal = [set(part.train_rows[classes[part.train_rows] == 3]) for part in (few, other)]
    assert normal[0] != normal[1]
    assert image_split(run(max_normals=1000)).n_normal == 40


def test_partners_share_their_normal_images_and_their_test_rows(images):
    labelled, free = (
        image_split(run()),
        image_split(run(labelled_ratio=0.0, known_classes=None, method="vae")),
    )
    assert free.n_labelled == 0 and labelled.n_labelled == 10
    normal = [set(part.train_rows[~part.anomaly_train]) for part in (labelled, free)]
    assert normal[0] == normal[1] and (labelled.test_rows == free.test_rows).all()


def test_image_runs_are_done_alone_and_a_group_says_its_classes():
    runs = plan(
        "labelled_ratio", "paper", methods=["vae"], datasets=["mnist"], normal_classes=[0], at=[0.0]
    ).runs
    protocol = image_protocol("labelled_ratio")
    assert [len(group.runs) for group in grouped(runs, protocol.group_key)] == [1] * 9
    assert (
        Group((run(seed=5),)).title(protocol.words) == "dp_vae on mnist, normal 3, known 5, γ_l = 0.2, seed 5"
    )
    assert "γ_p = 0.1" in protocol.words(run(pollution_ratio=0.1))


def test_work_counts_images_epochs_members_and_the_network():
    def work(**params):
        return image_work(run(max_normals=1000, **params))

    some = {"network": "infogan", "training__epochs": 10, "n_members": 1}
    assert work(params=some | {"n_members": 5}) == pytest.approx(5 * work(params=some))
    assert work(params=some | {"training__epochs": 20}) > work(params=some)
    assert work(params=some | {"interval": 1}) > work(params=some)
    assert work(params=some) > work(params=some | {"network": "lenet_mnist"})
    assert image_work(run(max_normals=None, params=some)) > work(params=some)


def test_a_protocol_is_run_stored_and_continued(images, tmp_path):
    made = run_images("labelled_ratio", **LITTLE, out=tmp_path)
    assert (made.done, made.planned) == (8, 8) and made.grid > 9000
    assert {len(X) for _, _, X, _ in images.fitted} == {40, 41}
    assert images.loaded == ["mnist"]
    assert sorted({name for name, _, _, _ in images.fitted}) == ["deep_sad", "deep_svdd", "dp_vae", "vae"]
    again = run_images("labelled_ratio", **(LITTLE | {"normal_classes": [3, 4, 5]}), out=tmp_path)
    assert (again.done, again.planned, len(images.fitted)) == (12, 12, 12)
    table = pq.read_table(tmp_path / "runs.parquet").to_pylist()
    assert len(table) == 12 and {row["split"] for row in table} == {"published"}
    assert {row["max_normals"] for row in table} == {QUICK["mnist"].max_normals}
    assert "12 of 12 runs" in (tmp_path / "table.md").read_text()
    with pytest.raises(InvalidInputError, match="empty when resume is False"):
        run_images("labelled_ratio", out=tmp_path, resume=False)


def test_a_failed_run_is_counted(images, tmp_path, monkeypatch):
    monkeypatch.setitem(images.QUALITY, "dp_vae", float("nan"))
    made = run_images("labelled_ratio", **LITTLE, out=tmp_path)
    row = made.by_key["mnist", "dp_vae", 0.01]
    assert (row.n_runs, row.n_failed, row.auroc_mean) == (2, 2, None)
    assert "*2 failed*" in made.markdown() and "Failed runs: 2" in made.markdown()


def test_tables_and_images_in_one_protocol(images, tmp_path):
    made = run_images("ablation", datasets=["cardio", "cifar10"], out=tmp_path)
    assert (made.done, made.planned) == (32, 32)
    assert made.datasets == ("cardio", "cifar10")
    assert made.rows[0].n_normal_classes == 0 and made.rows[-1].n_normal_classes == 1


def test_codes_of_two_models_on_one_cell(images, tmp_path):
    run_images("labelled_ratio", **LITTLE, out=tmp_path, picture_codes=True)
    found = json.loads((tmp_path / pictures.CODES_FILE).read_text())
    assert [model["method"] for model in found["models"]] == ["vae", "dp_vae"]
    assert len(found["kinds"]) == 100 == len(found["models"][0]["x"]) == len(found["models"][1]["y"])
    assert [found["kinds"].count(kind) for kind in (0, 1, 2)] == [10, 10, 80]
    assert "class 3 is normal" in found["words"] and "anomalies of class 4" in found["words"]
    plain, labelled = pictures.pair_of_runs(plan("labelled_ratio", **LITTLE))
    assert (plain.seed, plain.normal_class) == (labelled.seed, labelled.normal_class) == (4, "3")
    assert plain in plan("labelled_ratio", **LITTLE).runs


def test_codes_without_a_vae_with_labels_are_refused_before_anything_is_run(images, tmp_path):
    with pytest.raises(InvalidInputError, match="Add dp_vae"):
        run_images("labelled_ratio", methods=["vae"], out=tmp_path, picture_codes=True)
    assert images.fitted == []
