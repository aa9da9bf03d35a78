"""Arrow bodies: streams and files are read, compressed batches are refused before they are unpacked."""

import pyarrow as pa
import pytest

from askew.errors import InvalidInputError
from askew.serving.arrow_bodies import refuse_compression

TABLE = pa.table({"x": [1.0, 2.0] * 500, "word": pa.array(["a", "b"] * 500).dictionary_encode()})


def written(new, table=TABLE, **options):
    sink = pa.BufferOutputStream()
    with new(sink, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table, max_chunksize=300)
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize("new", [pa.ipc.new_stream, pa.ipc.new_file])
def test_plain_batches_are_a_stream_and_compressed_ones_refused(new):
    assert pa.ipc.open_stream(refuse_compression(written(new))).read_all() == TABLE
    for codec in ("zstd", "lz4"):
        with pytest.raises(InvalidInputError, match="must not be compressed"):
            refuse_compression(written(new, compression=codec))
    words = pa.table({"word": TABLE["word"]}).slice(0, 0)  # a dictionary and no row
    with pytest.raises(InvalidInputError, match="must not be compressed"):
        refuse_compression(written(new, TABLE.select(["word"]), compression="zstd"))
    assert refuse_compression(written(new, words)).startswith(b"\xff\xff\xff\xff")


def test_what_is_no_arrow_is_left_to_who_reads_it():
    whole = written(pa.ipc.new_stream)
    for body in (b"", b"{}", b"\xff" * 64, whole[:200], whole[:-200]):
        assert refuse_compression(body) == body


def test_a_service_refuses_them_in_one_line(start):
    rows = written(pa.ipc.new_stream, pa.table({"x": [0.0] * 10_000}), compression="zstd")
    found = start().post(
        "/score", content=rows, headers={"Content-Type": "application/vnd.apache.arrow.stream"}
    )
    assert found.status_code == 422
    assert found.json() == {
        "error": "Arrow rows of a request must not be compressed. Write them with compression=None."
    }
