"""ONNX files with loops or with numbers in other files are found wherever they stand; damaged ones are refused."""

import pytest

from askew.errors import ModelFileError
from askew.export.onnx_guard import check_onnx

NODES = [(7, 1), (25, 7), (7, 1, 5, 6, 1), (7, 1, 5, 11, 1), (25, 7, 5, 6, 1, 5, 11, 1)]
"""Numbers of the fields that lead to an operation: of a graph, of a function, and of graphs within operations."""

TENSORS = [(7, 5), (7, 15, 1), (7, 15, 2), (7, 1, 5, 5), (7, 1, 5, 10), (7, 1, 5, 22, 1), (7, 1, 5, 23, 2)]
"""The same to arrays: of a graph, sparse ones, and those of operations."""


def whole(number):
    """Return a number seven bits a byte."""
    left, last = divmod(number, 128)
    return bytes([last]) if not left else bytes([last + 128]) + whole(left)


def field(number, content):
    return whole(number << 3 | 2) + whole(len(content)) + content


def within(path, content):
    """Return a model with the content at a place, after fields of every kind and beside others like it."""
    for number in reversed(path):
        before = whole(1 << 3) + whole(300) + whole(2 << 3 | 1) + bytes(8) + whole(3 << 3 | 5) + bytes(4)
        content = before + field(99, b"x" * 200) + field(number, content)
    return content


@pytest.mark.parametrize("name", [b"Loop", b"Scan", b"SequenceMap"])
@pytest.mark.parametrize("path", NODES)
def test_a_loop_is_found(path, name):
    with pytest.raises(ModelFileError, match="has a loop"):
        check_onnx(within(path, field(4, name)))


@pytest.mark.parametrize("length", [127, 128, 129, 16384])
def test_a_loop_behind_a_field_of_any_length_is_found(length):
    with pytest.raises(ModelFileError, match="has a loop"):
        check_onnx(field(99, b"\x07" * length) + within(NODES[0], field(4, b"Loop")))


@pytest.mark.parametrize("path", TENSORS)
def test_numbers_in_other_files_are_found(path):
    with pytest.raises(ModelFileError, match="names numbers in other files"):
        check_onnx(within(path, field(13, field(1, b"location") + field(2, b"../x"))))


@pytest.mark.parametrize("path", NODES)
def test_the_words_elsewhere_are_harmless(path):
    check_onnx(within(path, field(3, b"Loop") + field(4, b"Add") + field(13, b"location")))
    check_onnx(within(path, field(4, b"Loops")))
    check_onnx(field(4, b"Loop") + field(13, b"location"))


@pytest.mark.parametrize(
    "end",
    [
        whole(7 << 3 | 2) + whole(3) + b"ab",  # longer than the file
        whole(7 << 3 | 3),  # a group, which ONNX has not
        whole(7 << 3) + b"\xff",  # cut off within a number
        whole(7 << 3) + b"\xff" * 10 + b"\x01",  # a number of more than 64 bits
    ],
)
def test_a_damaged_file_is_refused(end):
    with pytest.raises(ModelFileError, match="is damaged"):
        check_onnx(field(3, b"Loop") + end)


def test_a_number_of_64_bits_is_passed_over():
    check_onnx(field(3, b"Loop") + whole(5 << 3) + whole(2**64 - 1))
