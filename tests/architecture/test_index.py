"""The generated index is complete, and everything reads it."""

import ast

import pytest
from source_tree import PACKAGE, modules, tree

import askew
from askew import index
from askew.base import DeepDetector, Detector

ROOM = PACKAGE / "detectors"
# a method is a file, or a package with what it alone needs
FILES = [*ROOM.glob("[!_]*.py"), *ROOM.glob("*/__init__.py")]


def stem(path):
    return path.parent.name if path.name == "__init__.py" else path.stem


def test_every_file_in_detectors_has_exactly_one_entry():
    assert sorted(entry.module.split(".")[-1] for entry in index.entries().values()) == sorted(
        map(stem, FILES)
    )


@pytest.mark.parametrize("path", FILES, ids=stem)
def test_a_file_holds_one_public_class(path):
    public = [n.name for n in tree(path).body if isinstance(n, ast.ClassDef) and not n.name.startswith("_")]
    assert len(public) == 1


@pytest.mark.parametrize("name", index.entries())
def test_an_entry_is_its_class(name):
    entry, cls = index.entries()[name], index.detector_class(name)
    assert cls.name == entry.name == name
    assert cls.__name__ == entry.class_name and cls.__module__ == entry.module
    assert issubclass(cls, Detector)
    assert getattr(cls, "__final__", False), "a detector is final"
    assert entry.summary and cls.__doc__.startswith(entry.summary)
    rows = cls.input_kind == "table"
    assert entry.takes_tables is (rows and cls.takes_tables)
    assert entry.takes_images is (rows and cls.takes_images)
    assert getattr(askew, entry.class_name) is cls
    assert entry.class_name in dir(askew)


def test_detectors_are_found_by_what_they_take():
    assert {"dp_vae", "auto"} <= set(index.tabular()) and {"dp_vae", "dadgt"} <= set(index.of_images())
    assert not {"dadgt", "sentence_vae"} & set(index.tabular())
    assert not {"auto", "sentence_vae"} & set(index.of_images())
    taken = {name: entry.takes for name, entry in index.entries().items()}
    assert (taken["dadgt"], taken["dp_vae"], taken["sentence_vae"]) == ("images", "table", "text")


def test_no_two_detectors_share_a_name():
    classes = [entry.class_name for entry in index.entries().values()]
    assert len(set(classes)) == len(classes) == len(FILES)


def test_every_concrete_detector_there_is_stands_in_the_index():
    def below(cls):
        return {cls}.union(*(below(sub) for sub in cls.__subclasses__()))

    askew.all_detectors()
    concrete = {
        cls
        for cls in below(Detector)
        if not getattr(cls, "__abstractmethods__", None) and cls.__module__.startswith("askew.")
    }
    assert concrete == set(askew.all_detectors().values())


def test_abstract_classes_are_abstract():
    for cls in (Detector, DeepDetector):
        with pytest.raises(TypeError, match="abstract"):
            cls()


def test_all_detectors_is_the_index():
    assert list(askew.all_detectors()) == list(index.entries()) == sorted(index.entries())


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(KeyError, match=r"no detector is called 'gan'.*deep_sad.*vae"):
        index.detector_class("gan")
    with pytest.raises(AttributeError, match="module 'askew' has no attribute 'GAN'"):
        askew.GAN  # noqa: B018


@pytest.mark.parametrize(
    "room", ["calibration", "labels", "objectives", "networks", "training", "datasets", "selection", "files"]
)
def test_rooms_are_attributes_of_the_package(room):
    assert f"askew.{room}" in modules()
    assert getattr(askew, room).__name__ == f"askew.{room}"
