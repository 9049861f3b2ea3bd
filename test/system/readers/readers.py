"""Holds independent Delta readers against `inlet query`, for each table of each lake.

    readers.py FOLDER [[not] READER]    such as spark; with all of them by default

A reader must know the version, if it tells one, count the rows and give
every row, and must find the same rows when it is left to skip files by their statistics.
"""

import datetime
import glob
import json
import math
import os
import sys
import time

from compare import differences, printed

# With statistics and without, and partitions.
TEXTS = ("outcome", "kind", "media_type", "event_id", "conversation_id", "journal_partition")
NUMBERS = ("position", "n")
TIMES = ("received_at", "event_time")


def conditions(rows, most):
    """Conditions that readers answer by skipping files, each once, of rows from all over."""
    told = {}
    for row in rows[:: max(1, len(rows) // 4)]:
        for column in TEXTS:
            if row.get(column) is not None and "\0" not in row[column]:
                told[column, "=", row[column]] = None
        for column in NUMBERS:
            if row.get(column) is not None:
                told[column, ">=", row[column]] = None
        for column in TIMES:
            if row.get(column) is not None:
                told[column, "<=", datetime.datetime.fromisoformat(row[column])] = None
        if row.get("date") is not None:
            told["date", "=", datetime.date.fromisoformat(row["date"])] = None
    # A few of every kind, not all of the first row.
    return list(told)[:: max(1, math.ceil(len(told) / most))]


def holds(row, condition):
    column, operator, value = condition
    found = row[column]
    if found is None:
        return False
    if isinstance(value, datetime.datetime):
        found = datetime.datetime.fromisoformat(found)
    elif isinstance(value, datetime.date):
        value = printed(value)
    return {"=": found == value, ">=": found >= value, "<=": found <= value}[operator]


def check(reader, expected):
    """What the reader of a table gives that is not as it was told; nothing where all is."""
    rows = expected["rows"]
    problems = []
    version = reader.version()
    if version is not None and version != expected["told"]["version"]:
        problems.append(f"version {version}, not {expected['told']['version']}")
    count = reader.count()
    if count != len(rows):
        problems.append(f"counts {count} rows, not {len(rows)}")
    problems += differences(rows, reader.rows())
    # A bucket has tables of the same kind, and every look at them is many requests.
    most = 1 if expected["told"]["lake"] == "bucket" else reader.conditions
    for condition in conditions(rows, most):
        wanted = [row for row in rows if holds(row, condition)]
        where = " ".join(str(printed(part)) for part in condition)
        problems += [f"WHERE {where}: {one}" for one in differences(wanted, reader.rows(condition))]
    return problems


def main(folder, *which):
    from engines import ENGINES

    name, *rest = [*reversed(which), ""]
    engines = [one for one in ENGINES if one.name.startswith(name) != ("not" in rest)]
    if not engines:
        sys.exit(f"no such reader: {' '.join(which)}")
    failed = False
    files = sorted(glob.glob(os.path.join(folder, "expected", "*.json")))
    for file in files:
        with open(file, encoding="utf-8") as text:
            expected = json.load(text)
        lake, table, place = (expected["told"][name] for name in ("lake", "table", "place"))
        if not expected["rows"]:
            failed = True
            print(f"FAILED  {lake} {table} is empty, and shows nothing")
        for engine in engines:
            began = time.monotonic()
            problems = check(engine(place), expected)
            failed = failed or bool(problems)
            took = f"{time.monotonic() - began:.1f} s"
            verdict = "FAILED" if problems else "ok"
            rows = len(expected["rows"])
            print(f"{verdict}  {lake} {table}  {engine.name}  {rows} rows  {took}", flush=True)
            for problem in problems:
                print(f"    {problem}")
    if not files:
        sys.exit("no tables to read")
    print(f"{len(files)} tables, each read by {len(engines)} readers")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
