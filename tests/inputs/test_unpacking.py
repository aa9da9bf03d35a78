"""Files that unpack beyond belief."""

import pytest

from askew.errors import DataFileError
from askew.inputs.unpacking import SPARE, TIMES, refuse_bomb


def test_what_is_small_or_unpacks_to_no_more_than_so_many_times_its_size_passes():
    refuse_bomb("t", SPARE, 1)
    refuse_bomb("t", TIMES * SPARE, SPARE)
    for unpacked, packed in ((SPARE + 1, 1), (TIMES * SPARE + 1, SPARE)):
        with pytest.raises(DataFileError, match=f"must not unpack to more than {TIMES} times its size"):
            refuse_bomb("t", unpacked, packed)
