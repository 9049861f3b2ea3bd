"""Compares what independent Delta readers find in lakes with what Inlet's own query found.

Usage: readers.py FOLDER, as test/system/make-lake.ts has filled it. Every reader must give every row,
value by value, and must find the same rows when it is left to skip files by their statistics.
"""

import datetime
import glob
import hashlib
import json
import os
import sys

import deltalake
import duckdb
import duckdb_extension_delta
import pyarrow
import pyarrow.dataset


def extension_path():
    """The wheel carries one signed binary for each version of DuckDB that it serves."""
    folder = os.path.dirname(duckdb_extension_delta.__file__)
    pattern = os.path.join(folder, "extensions", f"v{duckdb.__version__}", "*.duckdb_extension")
    (path,) = glob.glob(pattern)
    return path


def plain(value):
    if isinstance(value, datetime.datetime):
        utc = value.astimezone(datetime.timezone.utc)
        micros = f"{utc.microsecond:06d}"
        digits = micros if micros[3:] != "000" else micros[:3]
        return f"{utc:%Y-%m-%dT%H:%M:%S}.{digits}Z"
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray)):
        return "sha256:" + hashlib.sha256(value).hexdigest()
    return value


class DeltaRs:
    """delta-rs: its log reader and DataFusion."""

    name = f"delta-rs {deltalake.__version__}"

    def __init__(self, path):
        self.table = deltalake.DeltaTable(path)
        self.engine = deltalake.QueryBuilder().register("t", self.table)

    def rows(self, condition=None):
        result = self.engine.execute(f"SELECT * FROM t WHERE {sql(condition)}").read_all()
        return pyarrow.table(result).to_pylist()

    def version(self):
        return self.table.version()


class PyArrowDataset:
    """delta-rs's log read through a PyArrow data set, as pandas and Polars users do."""

    name = f"pyarrow {pyarrow.__version__}"

    def __init__(self, path):
        self.table = deltalake.DeltaTable(path)

    def rows(self, condition=None):
        expression = None if condition is None else arrow_expression(*condition)
        return self.table.to_pyarrow_dataset().to_table(filter=expression).to_pylist()

    def version(self):
        return self.table.version()


class DuckDbDelta:
    """DuckDB's delta extension, which is built on delta-kernel-rs."""

    name = f"duckdb {duckdb.__version__} with delta"

    def __init__(self, path):
        self.connection = duckdb.connect()
        self.connection.execute(f"LOAD {quoted(extension_path())}")
        self.connection.execute("SET TimeZone = 'UTC'")
        self.source = f"delta_scan({quoted(path)})"

    def rows(self, condition=None):
        query = f"SELECT * FROM {self.source} WHERE {sql(condition)}"
        return self.connection.execute(query).to_arrow_table().to_pylist()

    def version(self):
        """Told by no function of the extension."""
        return None


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def sql(condition):
    if condition is None:
        return "true"
    column, operator, value = condition
    if isinstance(value, str):
        return f'"{column}" {operator} {quoted(value)}'
    if isinstance(value, datetime.datetime):
        return f"\"{column}\" {operator} TIMESTAMPTZ '{plain(value)}'"
    if isinstance(value, datetime.date):
        return f"\"{column}\" {operator} DATE '{value.isoformat()}'"
    return f'"{column}" {operator} {value}'


def arrow_expression(column, operator, value):
    field = pyarrow.dataset.field(column)
    if isinstance(value, datetime.datetime):
        value = pyarrow.scalar(value, pyarrow.timestamp("us", "UTC"))
    return {"=": field == value, ">=": field >= value, "<=": field <= value}[operator]


def comparable(rows):
    texts = [json.dumps({k: plain(v) for k, v in row.items()}, sort_keys=True) for row in rows]
    return sorted(texts)


def conditions(rows):
    """Conditions that readers answer by skipping files."""
    for row in rows[:: max(1, len(rows) // 12)]:
        for column in ("event_id", "conversation_id", "journal_partition", "kind", "outcome"):
            if row.get(column) is not None and "\0" not in row[column]:
                yield column, "=", row[column]
        for column in ("position", "n"):
            if row.get(column) is not None:
                yield column, ">=", row[column]
        if row.get("received_at") is not None:
            yield "received_at", "<=", datetime.datetime.fromisoformat(row["received_at"])
        if row.get("date") is not None:
            yield "date", "=", datetime.date.fromisoformat(row["date"])


def holds(row, condition):
    column, operator, value = condition
    found = row[column]
    if found is None:
        return False
    value = plain(value)
    return {"=": found == value, ">=": found >= value, "<=": found <= value}[operator]


def check(reader_type, path, expected):
    reader = reader_type(path)
    problems = []
    version = reader.version()
    if version is not None and version != expected["version"]:
        problems.append(f"version {version}, not {expected['version']}")
    found = comparable(reader.rows())
    if found != comparable(expected["rows"]):
        missing = set(comparable(expected["rows"])) - set(found)
        strange = set(found) - set(comparable(expected["rows"]))
        problems.append(f"{len(found)} rows, {len(missing)} missing, {len(strange)} strange")
        problems += [f"missing {text}" for text in sorted(missing)[:3]]
        problems += [f"strange {text}" for text in sorted(strange)[:3]]
    for condition in conditions(expected["rows"]):
        wanted = comparable([row for row in expected["rows"] if holds(row, condition)])
        given = comparable(reader.rows(condition))
        if given != wanted:
            problems.append(f"WHERE {sql(condition)} gives {len(given)} rows, not {len(wanted)}")
    return problems


def main(folder):
    failed = False
    checked = 0
    for file in sorted(glob.glob(os.path.join(folder, "*", "*", "*.expected.json"))):
        path = file.removesuffix(".expected.json")
        with open(file, encoding="utf-8") as text:
            expected = json.load(text)
        for reader_type in (DeltaRs, PyArrowDataset, DuckDbDelta):
            problems = check(reader_type, path, expected)
            checked += 1
            failed = failed or bool(problems)
            where = os.path.relpath(path, folder)
            verdict = "FAILED" if problems else "ok"
            print(f"{verdict}  {where}  {reader_type.name}  {len(expected['rows'])} rows")
            for problem in problems:
                print(f"    {problem}")
    if checked == 0:
        sys.exit("no lakes to read")
    sys.exit(1 if failed else 0)


main(sys.argv[1])
