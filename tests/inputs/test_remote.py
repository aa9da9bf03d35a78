"""Files on another machine: read from a server of S3's protocol on this one, and whatever prevents it in a line."""

import sys

import pytest

from askew.errors import DataFileError, MissingDependencyError
from askew.inputs import open_table
from askew.inputs.address import data_at

pytest.importorskip("s3fs", reason="needs the extra askew[remote]")
moto_server = pytest.importorskip(
    "moto.server", reason="needs a server of S3's protocol: pip install 'moto[server]'"
)


@pytest.fixture(scope="module")
def bucket():
    """A bucket on a server of its own, with what a client needs to find it in the environment."""
    import s3fs

    server = moto_server.ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        }.items():
            patch.setenv(name, value)
        files = s3fs.S3FileSystem(skip_instance_cache=True)
        files.mkdir("shop")
        files.pipe("shop/may/a.csv", b"id,x\nA,1\nB,2\n")
        files.pipe("shop/may/b.csv", b"id,x\nC,3\n")
        files.pipe("shop/may/notes.txt", b"no table")
        files.pipe("shop/may/.hidden.csv", b"z\n1\n")
        files.pipe("shop/bad.csv", b"id,x\nA,oops\n")
        yield "s3://shop"
    server.stop()


def test_a_file_a_pattern_and_a_folder(bucket):
    one = open_table(data_at(f"{bucket}/may/a.csv"))
    assert one.parts is None and one.read(["x"]).values[:, 0].tolist() == [1, 2]
    for address in (f"{bucket}/may/*.csv", f"{bucket}/may", f"{bucket}/may/"):
        table = open_table(data_at(address))
        found = [(batch.part, batch.values[:, 0].tolist()) for batch in table.batches(["x"])]
        assert found == [("a.csv", [1, 2]), ("b.csv", [3])]


def test_messages_name_the_address(bucket):
    with pytest.raises(
        DataFileError, match=r"column 'x' of s3://shop/bad.csv must .* 'oops' in row 1 \(line 2\)"
    ):
        open_table(data_at(f"{bucket}/bad.csv")).read(["x"])
    with pytest.raises(
        DataFileError, match=r"s3://shop/none.csv must be an address .* got: nothing is there\. Check"
    ):
        open_table(data_at(f"{bucket}/none.csv"))
    for address in ("shop/none/", "shop/may/*.tsv", "shop/may/notes.txt", "other/a.csv"):
        with pytest.raises(DataFileError, match=rf"table s3://{address.replace('*', '.')} must ") as caught:
            open_table(data_at(f"s3://{address}"))
        assert "\n" not in str(caught.value)


def test_no_server_is_said_in_a_line(bucket, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localhost:9")  # nothing listens there
    with pytest.raises(DataFileError, match=r"must be an address that can be read; got: .*Check the address"):
        open_table(data_at("s3://closed/a.csv"))


@pytest.mark.parametrize(
    ("address", "module", "remedy"),
    [
        ("s3://shop/a.csv", "fsspec", r"pip install 'askew\[remote\]'"),
        ("gs://shop/a.csv", "gcsfs", "the library of fsspec for gs://"),
    ],
)
def test_a_library_that_is_missing_is_named(monkeypatch, address, module, remedy):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingDependencyError, match=f"{address} needs a library .* Install it: {remedy}"):
        open_table(data_at(address))
