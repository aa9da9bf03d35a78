"""Messy tables, a kind in a file: what is read of each, the AUROC beside that of the clean table, and what is said.

Run: python bench/table_zoo.py [--folder zoo] [--detector dp_vae] [--only WORD] [--json zoo.json]

The clean table has 1,200 orders to learn from, twelve of their anomalies labelled, and 1,200 new ones. Each anomaly is
odd in one column of six, so a column that is lost or flattened costs its share of the AUROC. Every kind writes both
tables in its own way, or only the new one, which must then be read as it was meant or refused. An outcome is

- same: the AUROC is at most .01 below that of the clean table;
- refused: `fit` or `score` ended with a message, shown here;
- told: the AUROC is lower, and a note or a warning says what was lost;
- SILENT: the AUROC is lower without a note or a warning. The script then ends with exit code 1.
"""

import argparse
import contextlib
import gzip
import io
import json
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as parquet
from sklearn.metrics import roc_auc_score

from askew.cli.main import main

N_ROWS, N_LABELLED, RATE = 1200, 12, 0.06
NUMBERS = ("amount", "balance", "share", "count", "speed")
SETTINGS = {"dp_vae": ["--members", "1", "--epochs", "40"]}


def clean(seed):
    """Return a frame of orders and which of them are anomalies."""
    rng = np.random.default_rng(seed)
    hours = rng.integers(0, 60, N_ROWS) * 24 + rng.integers(8, 18, N_ROWS)
    frame = pd.DataFrame(
        {
            "order": [f"A{seed}-{row}" for row in range(N_ROWS)],
            "amount": rng.lognormal(8, 0.3, N_ROWS),
            "balance": rng.normal(-20, 300, N_ROWS),
            "share": rng.beta(6, 12, N_ROWS),
            "count": rng.poisson(1500, N_ROWS).astype(float),
            "speed": rng.normal(12, 1, N_ROWS),
            "kind": rng.choice(["shop", "web", "phone"], N_ROWS),
            "placed": pd.Timestamp("2024-03-01") + pd.to_timedelta(hours, unit="h"),
        }
    )
    anomaly = rng.random(N_ROWS) < RATE
    place = rng.integers(0, 6, N_ROWS)
    odd = {"amount": 40_000.0, "balance": -2600.0, "share": 0.97, "count": 2400.0, "speed": 22.0}
    for number, (name, value) in enumerate(odd.items()):
        rows = anomaly & (place == number)
        frame.loc[rows, name] = value * rng.uniform(0.95, 1.02, rows.sum())
    night = anomaly & (place == 5)
    frame.loc[night, "placed"] = frame.loc[night, "placed"].dt.normalize() + pd.Timedelta(hours=3)
    frame = frame.round({"amount": 2, "balance": 2, "share": 4, "count": 0, "speed": 2})
    label = np.full(N_ROWS, "", dtype=object)
    label[np.flatnonzero(anomaly)[:N_LABELLED]] = "fraud"
    return frame.assign(label=label), anomaly


def plain(value, digits=2):
    return f"{value:.{digits}f}"


def in_column(name, text):
    """Return a way to write numbers that differs from the plain one in one column."""
    return lambda value, row, column: text(value) if column == name else plain(value, 4)


def everywhere(text):
    return lambda value, row, column: text(value)


def grouped(comma, point, digits=2):
    """Return a way to write numbers with a mark between thousands and one before decimals."""
    return lambda value: f"{value:,.{digits}f}".replace(",", "_").replace(".", point).replace("_", comma)


def indian(value):
    whole, decimals = f"{abs(value):.2f}".split(".")
    head, tail = whole[:-3], whole[-3:]
    pairs = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)][::-1]
    return ("-" if value < 0 else "") + ",".join([*pairs, tail]) + "." + decimals


def some(rows, text, otherwise=lambda value: plain(value, 4), column="amount"):
    """Return a way to write numbers that differs in some rows of one column."""
    return lambda value, row, name: text(value) if name == column and rows(row) else otherwise(value)


def iso(stamp, row):
    return stamp.strftime("%Y-%m-%d %H:%M:%S")


PLAIN = everywhere(lambda value: plain(value, 4))


@dataclass(frozen=True)
class Kind:
    """A kind of messy table: how numbers and dates are written, and what stands around the rows.

    `change` alters the frame first; `lines` the finished lines of text; `write` writes a file that is no text.
    """

    title: str
    number: Callable = PLAIN
    date: Callable = iso
    separator: str = ","
    encoding: str = "utf-8"
    quote: bool = False
    newline: str = "\n"
    change: Callable = lambda frame, role: frame
    lines: Callable = lambda lines: lines
    write: Callable | None = None
    suffix: str = ".csv"
    new_only: bool = False
    options: tuple = ()

    def save(self, frame, role, folder):
        """Write the rows and return the path."""
        if self.new_only and role == "train":
            return Kind("clean").save(frame, role, folder)
        path = Path(folder, f"{role}{self.suffix}")
        frame = self.change(frame.copy(), role)
        if self.write is not None:
            self.write(frame, path)
            return path
        text = self.newline.join(self.lines([self._line(frame.columns), *self._rows(frame)])) + self.newline
        data = text.encode(self.encoding)
        path.write_bytes(gzip.compress(data) if self.suffix.endswith(".gz") else data)
        return path

    def _rows(self, frame):
        for row, cells in enumerate(frame.itertuples(index=False)):
            yield self._line(
                [self._cell(cell, row, name) for cell, name in zip(cells, frame.columns, strict=True)]
            )

    def _cell(self, cell, row, name):
        if isinstance(cell, pd.Timestamp):
            return self.date(cell, row)
        if isinstance(cell, float):
            return "" if np.isnan(cell) else self.number(cell, row, name)
        return "" if cell is None or cell is pd.NaT else str(cell)

    def _line(self, cells):
        cells = [str(cell) for cell in cells]
        needs = [self.quote or self.separator in cell or '"' in cell for cell in cells]
        return self.separator.join(
            '"' + cell.replace('"', '""') + '"' if quoted else cell
            for cell, quoted in zip(cells, needs, strict=True)
        )


def gaps(word):
    """Return a change that puts a word, or nothing, in one cell of 70 of each column of numbers."""

    def change(frame, role):
        rng = np.random.default_rng(7)
        for name in NUMBERS:
            texts = [plain(value, 4) for value in frame[name]]
            empty = rng.random(len(frame)) < 0.015
            frame[name] = [word if gap else text for gap, text in zip(empty, texts, strict=True)]
        return frame

    return change


def one_cell(text, column="amount"):
    """Return a change that puts a text in one unlabelled cell of the training table."""

    def change(frame, role):
        if role == "train":
            frame[column] = [
                text if row == 900 else plain(value, 4) for row, value in enumerate(frame[column])
            ]
        return frame

    return change


def shifted(offset, column="count"):
    def change(frame, role):
        frame[column] = [str(int(offset) + int(value)) for value in frame[column]]
        return frame

    return change


def scaled(factor, column="share"):
    return lambda frame, role: frame.assign(**{column: frame[column] * factor})


def with_column(name, value):
    return lambda frame, role: frame.assign(**{name: value})


def around(head=(), tail=()):
    return lambda lines: [*head, *lines, *tail]


def to_xlsx(frame, path):
    frame.to_excel(path, index=False)


def to_json_lines(frame, path):
    frame.to_json(path, orient="records", lines=True, date_format="iso")


def to_arrow(frame, path):
    feather.write_feather(pa.Table.from_pandas(frame), path)


def to_parquet(change):
    return lambda frame, path: parquet.write_table(change(pa.Table.from_pandas(frame)), path)


def cast(name, type_):
    return lambda table: table.set_column(
        table.column_names.index(name), name, table.column(name).cast(type_, safe=False)
    )


def epoch(unit):
    return lambda stamp, row: str(stamp.value // unit)


def spelt(form):
    return lambda stamp, row: stamp.strftime(form)


def half(one, other):
    return lambda stamp, row: (one if row % 2 else other)(stamp, row)


PERCENT = in_column("share", lambda v: f"{v * 100:.2f}%")
GERMAN = everywhere(lambda v: plain(v, 4).replace(".", ","))
LOST = half(iso, epoch(10**9))

KINDS = [
    Kind("clean"),
    # numbers
    Kind("semicolons, decimal commas", GERMAN, separator=";"),
    Kind("semicolons, 1.234,50", everywhere(grouped(".", ",", 4)), separator=";"),
    Kind("tabs, decimal commas", GERMAN, separator="\t"),
    Kind("quoted decimal commas", GERMAN),
    Kind("quoted 1,234.50", everywhere(grouped(",", ".", 4))),
    Kind("1 234,50 with spaces", everywhere(grouped(" ", ",", 4)), separator=";"),
    Kind("1 234.50 with no-break spaces", everywhere(grouped("\xa0", ".", 4))),
    Kind("1 234,50 with narrow spaces", everywhere(grouped("\u202f", ",", 4)), separator=";"),
    Kind("1'234.50", everywhere(grouped("'", ".", 4))),
    Kind("1’234.50 typographic", everywhere(grouped("’", ".", 4))),
    Kind("1_234.50", everywhere(grouped("_", ".", 4))),
    Kind("Indian 1,23,456.50", in_column("amount", indian)),
    Kind("$12.30", in_column("amount", lambda v: f"${v:,.2f}")),
    Kind("-$12.30 and $12.30", in_column("balance", lambda v: f"{'-' if v < 0 else ''}${abs(v):,.2f}")),
    Kind("12,30 €", in_column("amount", lambda v: f"{grouped('.', ',')(v)} €"), separator=";"),
    Kind("USD 12.30", in_column("amount", lambda v: f"USD {v:.2f}")),
    Kind("two currencies", some(lambda row: row % 2, lambda v: f"${v:.2f}", lambda v: f"€{v:.2f}")),
    Kind("12.3%", PERCENT),
    Kind("12,3 %", in_column("share", lambda v: f"{v * 100:.2f} %".replace(".", ",")), separator=";"),
    Kind("(12.30) for negatives", in_column("balance", lambda v: f"({-v:.2f})" if v < 0 else plain(v))),
    Kind("12.30- for negatives", in_column("balance", lambda v: f"{-v:.2f}-" if v < 0 else plain(v))),
    Kind("minus sign U+2212", everywhere(lambda v: plain(v, 4).replace("-", "\u2212"))),
    Kind("trailing units", in_column("speed", lambda v: f"{v:.2f} km/h")),
    Kind(
        "two units", some(lambda r: r % 2, lambda v: f"{v:.2f} m/s", lambda v: f"{v * 3.6:.2f} km/h", "speed")
    ),
    Kind("plus signs", everywhere(lambda v: f"{v:+.4f}")),
    Kind("1.2E+03", everywhere(lambda v: f"{v:.6E}")),
    Kind("1.2D+03", everywhere(lambda v: f"{v:.6E}".replace("E", "D"))),
    Kind("leading zeros", everywhere(lambda v: f"{v:010.4f}")),
    Kind("spaces around", everywhere(lambda v: f"  {v:.4f} ")),
    Kind("half 1234,5 and half 1234.5", some(lambda row: row % 2, lambda v: plain(v).replace(".", ","))),
    Kind("1,234 throughout", in_column("count", lambda v: f"{v:,.0f}")),
    Kind("1.234 throughout", in_column("count", lambda v: f"{v:,.0f}".replace(",", ".")), separator=";"),
    Kind("one cell 1,5", some(lambda row: row == 900, lambda v: plain(v, 1).replace(".", ","))),
    # gaps
    Kind("empty gaps", change=gaps("")),
    Kind("NA", change=gaps("NA")),
    Kind("n/a", change=gaps("n/a")),
    Kind("-", change=gaps("-")),
    Kind("?", change=gaps("?")),
    Kind("missing", change=gaps("missing")),
    Kind("unknown", change=gaps("unknown")),
    Kind("#N/A", change=gaps("#N/A")),
    Kind("#DIV/0!", change=gaps("#DIV/0!")),
    Kind("-999 for gaps", change=gaps("-999")),
    # dates
    Kind("dates with Z", date=spelt("%Y-%m-%dT%H:%M:%SZ")),
    Kind("half with zone, half without", date=half(iso, spelt("%Y-%m-%d %H:%M:%S+01:00"))),
    Kind("Mar 05, 2024 14:00", date=spelt("%b %d, %Y %H:%M")),
    Kind("half ISO, half Mar 05, 2024", date=half(iso, spelt("%b %d, %Y %H:%M"))),
    Kind("20240305", date=spelt("%Y%m%d")),
    Kind("20240305140000", date=spelt("%Y%m%d%H%M%S")),
    Kind("epoch seconds", date=epoch(10**9)),
    Kind("epoch milliseconds", date=epoch(10**6)),
    Kind("half ISO, half epoch seconds", date=LOST),
    Kind("half seconds, half milliseconds", date=half(epoch(10**9), epoch(10**6))),
    Kind("25.12.2024 14:00", date=spelt("%d.%m.%Y %H:%M")),
    Kind("12/25/2024 14:00", date=spelt("%m/%d/%Y %H:%M")),
    Kind("12/25/24 02:00 PM", date=spelt("%m/%d/%y %I:%M %p")),
    Kind(
        "spreadsheet days",
        date=lambda t, row: f"{(t - pd.Timestamp('1899-12-30')) / pd.Timedelta(days=1):.6f}",
    ),
    # extreme cells and constants
    Kind("one cell 1e6", change=one_cell("1e6", "speed")),
    Kind("one cell 1e9", change=one_cell("1e9")),
    Kind("one cell 1e39", change=one_cell("1e39")),
    Kind("one cell 1e300", change=one_cell("1e300")),
    Kind("one cell inf", change=one_cell("inf")),
    Kind("offset 1.58e9", change=shifted(1.58e9)),
    Kind("offset 1.58e18", change=shifted(1.58e18)),
    Kind("scale 1e-12", in_column("share", repr), change=scaled(1e-12)),
    Kind("constant column", change=with_column("site", 7.0)),
    Kind("empty column", change=with_column("site", None)),
    # the file around the rows
    Kind("bars", separator="|"),
    Kind("two title lines", lines=around(["Orders of March", "Made by the shop"])),
    Kind("comment lines", lines=around(["# orders", "# made by the shop"])),
    Kind("a line of totals", lines=around(tail=["Total,3600000.00,,,1800000,,,,"])),
    Kind("header again in the middle", lines=lambda lines: [*lines[:600], lines[0], *lines[600:]]),
    Kind("blank lines", lines=lambda lines: [*lines[:600], "", *lines[600:], ""]),
    Kind("unnamed empty last column", lines=lambda lines: [line + "," for line in lines]),
    Kind("all quoted", quote=True),
    Kind("Windows lines", newline="\r\n"),
    Kind("old Mac lines", newline="\r"),
    Kind("UTF-8 with a mark", encoding="utf-8-sig"),
    Kind("UTF-16", encoding="utf-16"),
    Kind("Latin-1", encoding="latin-1", change=with_column("town", "Malmö")),
    Kind("gzip", suffix=".csv.gz"),
    # other files
    Kind("spreadsheet", write=to_xlsx, suffix=".xlsx"),
    Kind("JSON lines", write=to_json_lines, suffix=".jsonl"),
    Kind("Arrow file", write=to_arrow, suffix=".arrow"),
    Kind("parquet", write=to_parquet(lambda table: table), suffix=".parquet"),
    Kind("parquet, decimals", write=to_parquet(cast("amount", pa.decimal128(12, 2))), suffix=".parquet"),
    Kind("parquet, float16", write=to_parquet(cast("speed", pa.float16())), suffix=".parquet"),
    # only the new table is written otherwise
    Kind("new: decimal commas", GERMAN, separator=";", new_only=True),
    Kind("new: quoted decimal commas", GERMAN, new_only=True),
    Kind("new: 1,234.50", everywhere(grouped(",", ".", 4)), new_only=True),
    Kind("new: $", in_column("amount", lambda v: f"${v:.2f}"), new_only=True),
    Kind("new: %", PERCENT, new_only=True),
    Kind("new: epoch seconds", date=epoch(10**9), new_only=True),
    Kind("new: zone", date=spelt("%Y-%m-%d %H:%M:%S+02:00"), new_only=True),
    Kind("new: US dates", date=spelt("%m/%d/%Y %H:%M"), new_only=True),
    Kind("new: NA words", change=gaps("NA"), new_only=True),
]


def askew(*words):
    """Run the command line in this process; return its exit code and the lines it wrote for the person."""
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
        with warnings.catch_warnings():
            warnings.simplefilter("default")
            code = main([str(word) for word in words])
    return code, said.getvalue().splitlines()


def attempt(kind, folder, detector):
    """Write the two tables of a kind, fit, score; return the exit code, the AUROC and what was said."""
    folder.mkdir(parents=True, exist_ok=True)
    (train, _), (new, anomaly) = clean(0), clean(1)
    paths = [kind.save(frame, role, folder) for frame, role in ((train, "train"), (new, "new"))]
    model, scores = folder / "model.askew", folder / "scores.csv"
    model.unlink(missing_ok=True)
    columns = ["--label-column", "label", "--anomaly", "fraud", "--id-column", "order"]
    method = ["--detector", detector, *SETTINGS.get(detector, [])]
    code, said = askew("fit", paths[0], *columns, *method, *kind.options, "-o", model)
    if code:
        return code, None, said
    code, more = askew("score", model, paths[1], "--id-column", "order", "-o", scores)
    said += more
    if code:
        return code, None, said
    table = pd.read_csv(scores).set_index("order")
    got = table.loc[new["order"], "anomaly_score"]
    return code, float(roc_auc_score(anomaly, got)), said


def essence(said, folder):
    """Return the lines said without what differs anyway: paths, times, counts of flagged rows."""
    kept = [line.strip() for line in said if "Wrote" not in line and "flagged as" not in line]
    return [line.replace(str(folder), "") for line in kept if "rows," not in line or "columns;" not in line]


def judge(code, auroc, said, reference):
    if code:
        return "refused"
    if auroc >= reference["auroc"] - 0.01:
        return "same"
    more = set(said) - set(reference["said"])
    return "told" if any(line.startswith(("note:", "warning:")) for line in more) else "SILENT"


def run(options):
    """Print a line for each kind and return what was found."""
    found = []
    reference = None
    for number, kind in enumerate(KINDS):
        if options.only and number and options.only not in kind.title:
            continue
        folder = Path(options.folder, f"{number:02d}")
        code, auroc, said = attempt(kind, folder, options.detector)
        said = essence(said, folder)
        reference = reference or {"auroc": auroc, "said": said}
        outcome = judge(code, auroc, said, reference)
        new = [line for line in said if line not in reference["said"]]
        found.append({"kind": kind.title, "outcome": outcome, "auroc": auroc, "said": new, "code": code})
        value = "     " if auroc is None else f"{auroc:.3f}"
        print(f"{outcome:8} {value}  {kind.title}", flush=True)
        for line in new[: options.lines]:
            print(f"                {line[:200]}", flush=True)
    return found


def parse():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", default="zoo", help="where the files are written")
    parser.add_argument("--detector", default="dp_vae")
    parser.add_argument("--only", help="a word of the titles to try; the clean table is always among them")
    parser.add_argument("--lines", type=int, default=4, help="lines of what was said that are shown")
    parser.add_argument("--json", help="file for all that was found")
    return parser.parse_args()


if __name__ == "__main__":
    options = parse()
    found = run(options)
    outcomes = [each["outcome"] for each in found]
    print(
        f"{len(found)} kinds:", ", ".join(f"{outcomes.count(name)} {name}" for name in sorted(set(outcomes)))
    )
    if options.json:
        Path(options.json).write_text(json.dumps(found, indent=1, ensure_ascii=False))
    sys.exit("SILENT" in outcomes)
