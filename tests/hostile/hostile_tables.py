"""Tables that somebody made to do harm: CSV, parquet, Arrow, workbooks, JSON and arrays."""

import gzip
import io
import json
import os
import struct
import zipfile
from functools import cache

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
from hostile_case import Case, content

HEAD = "a,b,c\n"
ROWS = {"a": [1.0, 2.0], "b": [1.0, 2.0], "c": [1.0, 2.0]}
MANY = 1 << 27
"""Bytes of zeros that a few hundred kilobytes unpack to."""


def table(name, file, write, model="model.askew"):
    return Case(name, f"score {model} {file} -o scores.csv", write)


def fitted(name, file, write, more=""):
    return Case(name, f"fit {file} -o new.askew --detector kde {more}".strip(), write)


@cache
def zipped(size, byte=b"0"):
    """Return `size` equal bytes behind a header, gzipped."""
    return gzip.compress(HEAD.encode() + byte * size, 1)


def _csv():
    texts = {
        "a cell of zeros bytes": HEAD.encode() + b"1,2,\0\0\n",
        "zero bytes": bytes(100_000),
        "a header of zero bytes": b"a,b\0,c\n1,2,3\n",
        "an endless header": b"a" * (1 << 23),
        "an open quote": HEAD.encode() + b'1,2,"' + b"3\n" * 500_000,
        "a long cell": HEAD.encode() + b"1,2," + b"3" * (1 << 23) + b"\n",
        "a wide row": HEAD.encode() + b"1," * 1_000_000 + b"\n",
        "a wide header": b",".join(b"%d" % n for n in range(200_000)) + b"\n",
        "names alike": b"a,a,a\n1,2,3\n",
        "no names": b",,\n1,2,3\n",
        "words": HEAD.encode() + b"=cmd|' /C calc'!A0,2,3\n" * 5,
        "infinite": HEAD.encode() + b"inf,2,3\n" * 3,
        "beyond": HEAD.encode() + b"1e999,2,3\n" * 3,
        "a long number": HEAD.encode() + b"9" * 100_000 + b",2,3\n",
        "hexadecimal": HEAD.encode() + b"0x1p99,2,3\n",
        "bytes that are no text": b"a,b,c\n\xff\xfe\xfd,2,3\n",
        "half a UTF-16": b"\xff\xfea\x00,\x00b\x00,\x00c\x00\n\x00\x00\xd8",
        "a mark of UTF-32": b"\xff\xfe\x00\x00" + bytes(40),
        "control characters": b"a,b,\x1b]0;x\x07c\n1,2,3\n",
        "nothing but quotes": b'"' * 100_000,
        "nothing but ends of lines": b"\n" * 100_000,
        "nothing but separators": b"," * 100_000,
    }
    for name, data in texts.items():
        yield table(f"CSV: {name}", "evil.csv", content("evil.csv", data))
    packed = {
        "no gzip": b"a,b,c\n1,2,3\n",
        "cut": gzip.compress(HEAD.encode() * 10_000)[:40],
        "changed": gzip.compress(b"a,b,c\n1,2,3\n")[:-8] + bytes(8),
        "a header alone": b"\x1f\x8b\x08\x00",
        "a bomb of one cell": zipped(MANY),
        "a bomb of spaces": zipped(MANY, b" "),
        "a bomb of zero bytes": zipped(MANY, b"\0"),
        "a bomb in a bomb": gzip.compress(zipped(MANY)),
    }
    for name, data in packed.items():
        yield table(f"gzipped CSV: {name}", "evil.csv.gz", content("evil.csv.gz", data))
    rows = gzip.compress(HEAD.encode() + b"1,2,3\n" * (MANY // 6), 4)
    for name, data in {"a bomb": zipped(MANY), "a bomb of rows": rows}.items():
        yield fitted(f"fit CSV: {name}", "evil.csv.gz", content("evil.csv.gz", data))
    places = {
        "a pipe": lambda folder: os.mkfifo(folder / "evil.csv"),
        "a device": lambda folder: (folder / "evil.csv").symlink_to("/dev/zero"),
        "a device of chance": lambda folder: (folder / "evil.csv").symlink_to("/dev/urandom"),
        "a link to itself": lambda folder: (folder / "evil.csv").symlink_to("evil.csv"),
        "a folder": lambda folder: (folder / "evil.csv").mkdir(),
    }
    for name, write in places.items():
        yield table(f"CSV: {name}", "evil.csv", write)


def _parquet_bytes(found=None, **options):
    out = io.BytesIO()
    pq.write_table(pa.table(ROWS) if found is None else found, out, **options)
    return out.getvalue()


def _foot(change, data=None):
    """Return a parquet file whose footer went through a change."""
    data = data or _parquet_bytes()
    (length,) = struct.unpack("<I", data[-8:-4])
    foot = change(data[-8 - length : -8])
    return data[: -8 - length] + foot + struct.pack("<I", len(foot)) + b"PAR1"


def _with_metadata(**entries):
    return pa.table(ROWS).replace_schema_metadata({k.encode(): v.encode() for k, v in entries.items()})


def _nested(depth):
    kind = pa.float64()
    for _ in range(depth):
        kind = pa.list_(kind)
    return kind


def _parquet():
    whole = _parquet_bytes()
    plain = _parquet_bytes(use_dictionary=False, compression="none")
    files = {
        "a mark alone": b"PAR1",
        "marks alone": b"PAR1PAR1",
        "a footer beyond the file": whole[:-8] + struct.pack("<I", 2**31 - 1) + b"PAR1",
        "a footer of nothing": _foot(lambda foot: b""),
        "a footer of zeros": _foot(lambda foot: bytes(len(foot))),
        "a footer of ones": _foot(lambda foot: b"\xff" * len(foot)),
        "a deep footer": _foot(lambda foot: b"\x1c" * 100_000),
        "a long list": _foot(lambda foot: b"\x15\x02\x19\xfc\xff\xff\xff\xff\x07" + foot),
        "half a footer": _foot(lambda foot: foot[: len(foot) // 2]),
        "no pages": _foot(lambda foot: foot, whole[:4] + bytes(len(whole) - len(whole[4:]) + 4) + whole[4:]),
        "an encrypted footer": whole[:-4] + b"PARE",
        "pages of zeros": plain[:4] + bytes(300) + plain[304:],
        "pages of ones": plain[:4] + b"\xff" * 60 + plain[64:],
        "names alike": _parquet_bytes(pa.Table.from_arrays([pa.array([1.0])] * 3, names=["a", "a", "a"])),
        "no rows": _parquet_bytes(pa.table({name: pa.array([], pa.float64()) for name in "abc"})),
        "no columns": _parquet_bytes(pa.table({})),
        "lists": _parquet_bytes(pa.table({**ROWS, "a": [[1.0], [2.0]]})),
        "deep lists": _parquet_bytes(pa.table({**ROWS, "a": pa.array([None, None], _nested(40))})),
        "bytes": _parquet_bytes(pa.table({**ROWS, "a": [b"\0", b"\xff"]})),
        "infinite": _parquet_bytes(pa.table({**ROWS, "a": [1.0, float("inf")]})),
        "words": _parquet_bytes(pa.table({**ROWS, "a": ["x", "y"]})),
        "a bomb of words": _parquet_bytes(pa.table({**ROWS, "a": ["0" * MANY, "x"]}), compression="gzip"),
    }
    for name, data in files.items():
        yield table(f"parquet: {name}", "evil.parquet", content("evil.parquet", data))
    pandas = {
        "no JSON": "{",
        "a list": "[]",
        "deep": "[" * 100_000,
        "columns of numbers": '{"index_columns": 3}',
    }
    for name, text in pandas.items():
        data = _parquet_bytes(_with_metadata(pandas=text))
        yield table(f"metadata of pandas: {name}", "evil.parquet", content("evil.parquet", data))
    for name, place in {"a pipe": None, "a device": "/dev/zero"}.items():
        link = (lambda f, p=place: (f / "evil.parquet").symlink_to(p)) if place else None
        yield table(f"parquet: {name}", "evil.parquet", link or (lambda f: os.mkfifo(f / "evil.parquet")))


def _arrow_bytes(found=None, stream=False, **options):
    out = io.BytesIO()
    found = pa.table(ROWS) if found is None else found
    make = pa.ipc.new_stream if stream else pa.ipc.new_file
    with make(out, found.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(found)
    return out.getvalue()


def _swapped(data, before, after):
    assert data.count(before) >= 1, before
    return data.replace(before, after)


def _wild_words(stream=False):
    """Return words whose offsets lead out of their bytes: nothing in the format forbids to write them."""
    column = pa.array(["abcdefgh", "ijklmnop"])
    data = _arrow_bytes(pa.table({**ROWS, "a": column}), stream)
    return _swapped(data, struct.pack("<iii", 0, 8, 16), struct.pack("<iii", 0, 2**30, 2**30 + 8))


def _wild_dictionary():
    indices = pa.array([1, 0], pa.int32())
    column = pa.DictionaryArray.from_arrays(indices, pa.array(["x", "y"]))
    data = _arrow_bytes(pa.table({**ROWS, "a": column}))
    return _swapped(data, struct.pack("<ii", 1, 0), struct.pack("<ii", 2**29, -5))


def _arrow():
    whole, stream = _arrow_bytes(), _arrow_bytes(stream=True)
    extension = {b"ARROW:extension:name": b"arrow.py_extension_type"}
    extension |= {b"ARROW:extension:metadata": b"chostile_trap\nrun\n(tR."}
    typed = pa.schema([pa.field("a", pa.float64(), metadata=extension), *pa.table(ROWS).schema][:1])
    files = {
        "a mark alone": b"ARROW1",
        "marks alone": b"ARROW1\0\0ARROW1",
        "a footer beyond the file": whole[:-10] + struct.pack("<i", 2**31 - 1) + b"ARROW1",
        "a negative footer": whole[:-10] + struct.pack("<i", -5) + b"ARROW1",
        "a footer of ones": whole[:-100] + b"\xff" * 90 + whole[-10:],
        "cut": whole[: len(whole) // 2],
        "a stream that is cut": stream[: len(stream) // 2],
        "a stream of ones": b"\xff" * 1000,
        "a stream of a huge message": b"\xff\xff\xff\xff" + struct.pack("<i", 2**31 - 1),
        "a stream without rows": stream[:-8][:300],
        "words that lead elsewhere": _wild_words(),
        "a stream of words that lead elsewhere": _wild_words(stream=True),
        "words of a dictionary elsewhere": _wild_dictionary(),
        "names alike": _arrow_bytes(pa.Table.from_arrays([pa.array([1.0])] * 3, names=["a", "a", "a"])),
        "no rows": _arrow_bytes(pa.table({name: pa.array([], pa.float64()) for name in "abc"})),
        "no columns": _arrow_bytes(pa.table({})),
        "deep lists": _arrow_bytes(pa.table({**ROWS, "a": pa.array([None, None], _nested(40))})),
        "a pickled type": _arrow_bytes(pa.table([pa.array([1.0])], schema=typed)),
        "metadata of pandas": _arrow_bytes(_with_metadata(pandas="[" * 100_000)),
    }
    for name, data in files.items():
        yield table(f"Arrow: {name}", "evil.arrow", content("evil.arrow", data))


def _workbook(**parts):
    """Return an .xlsx file, with some of its parts replaced."""
    import openpyxl

    book, out, packed = openpyxl.Workbook(), io.BytesIO(), io.BytesIO()
    for row in (["a", "b", "c"], [1.0, 2.0, 3.0], [2.0, 1.0, 0.0]):
        book.active.append(row)
    book.save(out)
    with (
        zipfile.ZipFile(out) as source,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target,
    ):
        members = {name: source.read(name) for name in source.namelist()}
        for name, change in parts.items():
            found = next((key for key in members if key.endswith(f"{name}.xml")), f"xl/{name}.xml")
            members[found] = change(members.get(found, b"")) if callable(change) else change
        for name, data in members.items():
            target.writestr(name, data)
    return packed.getvalue()


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "'
    + b"0" * 50
    + b'">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 20) for n in range(8))
    + b"]>"
)
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


def _cell(text):
    """Return a change of a sheet: its first cell is a text, of XML."""
    return lambda sheet: sheet.replace(
        b"</sheetData>",
        b'<row r="9"><c r="A9" t="inlineStr"><is><t>' + text + b"</t></is></c></row></sheetData>",
    )


def _excel():
    def entity(head):
        return lambda sheet: head + _cell(b"&a;" if head is OUTSIDE else b"&i;")(sheet)

    files = {
        "no archive": b"PK\x03\x04" + bytes(100),
        "an archive of nothing": b"PK\x05\x06" + bytes(18),
        "words": _workbook(sheet1=_cell(b"=HYPERLINK(x)")),
        "entities of entities": _workbook(sheet1=entity(LAUGHS)),
        "an entity of a file": _workbook(sheet1=entity(OUTSIDE)),
        "no sheet": _workbook(workbook=b"<workbook/>"),
        "a sheet that is no XML": _workbook(sheet1=b"<"),
        "a deep sheet": _workbook(sheet1=b"<a>" * 100_000),
        "a bomb of a sheet": _workbook(sheet1=_cell(b"0" * MANY)),
        "a bomb of words": _workbook(sharedStrings=b"<sst><si><t>" + b"0" * MANY + b"</t></si></sst>"),
        "a bomb of styles": _workbook(styles=b"<styleSheet>" + b" " * MANY + b"</styleSheet>"),
        "a sheet elsewhere": _workbook(**{"workbook.xml.rels": None} and {"workbook": lambda b: b[:80]}),
        "an encrypted archive": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        "a far cell": _workbook(
            sheet1=lambda s: s.replace(b'r="A2"', b'r="XFD1048576"').replace(
                b'<row r="2"', b'<row r="1048576"'
            )
        ),
        "a cell beyond": _workbook(sheet1=lambda s: s.replace(b'r="A2"', b'r="ZZZZZZ99999999999"')),
        "a row of no number": _workbook(sheet1=lambda s: s.replace(b'<row r="2"', b'<row r="x"')),
    }
    for name, data in files.items():
        yield table(f"workbook: {name}", "evil.xlsx", content("evil.xlsx", data))


def _json():
    texts = {
        "deep": "[" * 1_000_000,
        "deep objects": '{"a":' * 1_000_000,
        "names alike": '{"a": 1, "a": 2, "b": 1, "c": 1}\n',
        "numbers alone": "1\n2\n",
        "words alone": '"a"\n',
        "lists": '{"a": [1], "b": 1, "c": 1}\n',
        "objects": '{"a": {"b": 1}, "b": 1, "c": 1}\n',
        "NaN": '{"a": NaN, "b": 1, "c": 1}\n',
        "infinite": '{"a": Infinity, "b": 1, "c": 1}\n',
        "beyond": '{"a": 1e999, "b": 1, "c": 1}\n',
        "a long number": '{"a": ' + "9" * 100_000 + ', "b": 1, "c": 1}\n',
        "half a letter": '{"a": "\\ud800", "b": 1, "c": 1}\n',
        "cut": '{"a": 1',
        "an empty array": "[]",
        "an empty object": "{}\n",
        "an array of nothing": json.dumps([None] * 100),
        "an open array": '[{"a": 1, "b": 1, "c": 1}' * 3,
        "a line of nothing": " " * (1 << 20),
        "many names": "{" + ",".join(f'"x{n}": 1' for n in range(30_000)) + "}\n",
    }
    for name, text in texts.items():
        yield table(f"JSON: {name}", "evil.jsonl", content("evil.jsonl", text))
    bombs = {"of spaces": b" ", "of an array": b"{},", "of one word": b"0"}
    for name, byte in bombs.items():
        data = gzip.compress(b'["'[: 1 + (byte == b"0")] + byte * (MANY // len(byte)), 1)
        yield table(f"JSON: a bomb {name}", "evil.json.gz", content("evil.json.gz", data))


def cases():
    """Yield every hostile table."""
    yield from _csv()
    yield from _parquet()
    yield from _arrow()
    yield from _excel()
    yield from _json()
