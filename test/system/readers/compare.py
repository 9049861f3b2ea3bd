"""What a reader found against what `inlet query` prints: every row by value, in any order."""

import base64
import collections
import datetime
import json
import math

SAFE_INTEGER = 2**53 - 1


def printed(value):
    """A value of Arrow or Spark as `inlet query --format json` prints it."""
    if isinstance(value, datetime.datetime):
        utc = value.astimezone(datetime.timezone.utc)
        micros = f"{utc.microsecond:06d}"
        digits = micros if micros[3:] != "000" else micros[:3]
        return f"{utc:%Y-%m-%dT%H:%M:%S}.{digits}Z"
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    if isinstance(value, bool):
        return value
    if isinstance(value, float):
        # JSON knows one kind of number, and prints a whole one without a point.
        return int(value) if math.isfinite(value) and value.is_integer() else value
    if isinstance(value, int):
        return value if abs(value) <= SAFE_INTEGER else str(value)
    if isinstance(value, dict):
        return {name: printed(one) for name, one in value.items()}
    if isinstance(value, list):
        return [printed(one) for one in value]
    return value


def text(row):
    return json.dumps(printed(row), sort_keys=True, ensure_ascii=False)


def differences(expected, found):
    """Nothing where both hold the same rows; else how many, and the first that differs."""
    problems = []
    if len(found) != len(expected):
        problems.append(f"{len(found)} rows, not {len(expected)}")
    wanted = collections.Counter(map(text, expected))
    given = collections.Counter(map(text, found))
    missing, strange = sorted((wanted - given).elements()), sorted((given - wanted).elements())
    if not missing and not strange:
        return problems
    problems.append(f"{len(missing)} rows missing, {len(strange)} rows strange")
    if missing and strange:
        return problems + differing_columns(missing[0], strange)
    first = f"missing: {missing[0]}" if missing else f"strange: {strange[0]}"
    return problems + [first[:2000]]


def differing_columns(missing, strange):
    """Of a row and the one that is most like it."""
    row = json.loads(missing)
    differing = min((unlike(row, json.loads(one)) for one in strange), key=len)
    columns = [f"column {name}: {was} instead of {wanted}" for name, wanted, was in differing]
    return columns[:5] + [f"in the row {missing}"[:2000]]


def unlike(row, other):
    nothing = "no such column"
    pairs = [
        (name, row.get(name, nothing), other.get(name, nothing))
        for name in sorted(row.keys() | other.keys())
    ]
    return [(name, wanted, was) for name, wanted, was in pairs if text(wanted) != text(was)]
