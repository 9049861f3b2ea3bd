"""The checker, fed the very faults it is there to find."""

import copy
import datetime
import unittest

from readers import check

UTC = datetime.timezone.utc


def arrow_row(position):
    return {
        "event_id": f"event-{position}",
        "position": position,
        "event_time": datetime.datetime(2026, 1, 1, 12, 0, position, 123456, UTC),
        "date": datetime.date(2026, 1, 1 + position // 5),
        "value": position / 4,
        "is_primary": position % 2 == 0,
        "bytes": b"\x00\xff",
        "subject": None if position % 3 else "",
        "codes": ["a", None, "b"],
        "participants": [{"id": "1", "name": None}],
    }


def told_row(position):
    """The same as `inlet query --format json` prints it."""
    return arrow_row(position) | {
        "event_time": f"2026-01-01T12:00:{position:02d}.123456Z",
        "date": f"2026-01-0{1 + position // 5}",
        "value": position // 4 if position % 4 == 0 else position / 4,
        "bytes": "AP8=",
    }


EXPECTED = {"told": {"lake": "folder", "version": 7}, "rows": [told_row(position) for position in range(10)]}


class Reader:
    """Gives `found` whatever it is asked."""

    conditions = 6

    def __init__(self, found, version=7):
        self.found, self.told = found, version

    def version(self):
        return self.told

    def count(self):
        return len(self.found)

    def rows(self, condition=None):
        if condition is None:
            return self.found
        column, operator, value = condition
        compare = {"=": "__eq__", ">=": "__ge__", "<=": "__le__"}[operator]
        return [row for row in self.found if getattr(row[column], compare)(value) is True]


def problems_with(change):
    found = [arrow_row(position) for position in range(10)]
    change(found)
    return check(Reader(found), EXPECTED)


class Faults(unittest.TestCase):
    def test_the_same_rows_in_any_order_are_no_problem(self):
        self.assertEqual(problems_with(list.reverse), [])

    def test_one_changed_value_is_told_with_its_column_and_row(self):
        changes = {
            "event_time": datetime.datetime(2026, 1, 1, 12, 0, 4, 123457, UTC),
            "value": 1.0000000000000002,
            "is_primary": None,
            "bytes": b"\x00\xfe",
            "codes": ["a", "b", None],
            "participants": [{"id": "1", "name": ""}],
            "subject": "",
            "date": datetime.date(2026, 1, 3),
            "position": 4.5,
        }
        for column, value in changes.items():
            with self.subTest(column):
                problems = problems_with(lambda found: found[4].update({column: value}))
                self.assertIn("1 rows missing, 1 rows strange", problems)
                self.assertTrue(any(f"column {column}: " in one for one in problems), problems)
                self.assertTrue(any("event-4" in one for one in problems), problems)

    def test_a_missing_row_is_told(self):
        problems = problems_with(lambda found: found.pop(3))
        self.assertIn("counts 9 rows, not 10", problems)
        self.assertIn("9 rows, not 10", problems)
        self.assertTrue(any(one.startswith("missing: ") and "event-3" in one for one in problems))

    def test_a_row_twice_is_told(self):
        problems = problems_with(lambda found: found.append(copy.deepcopy(found[3])))
        self.assertTrue(any(one.startswith("strange: ") and "event-3" in one for one in problems))

    def test_a_row_twice_in_place_of_another_is_told(self):
        problems = problems_with(lambda found: found.__setitem__(2, found[3]))
        self.assertIn("1 rows missing, 1 rows strange", problems)

    def test_two_values_that_changed_places_are_told(self):
        def swap(found):
            found[0]["value"], found[1]["value"] = found[1]["value"], found[0]["value"]

        self.assertIn("2 rows missing, 2 rows strange", problems_with(swap))

    def test_a_column_too_few_and_one_too_many_are_told(self):
        problems = problems_with(lambda found: [row.pop("subject") for row in found])
        self.assertTrue(any("column subject: " in one for one in problems), problems)
        problems = problems_with(lambda found: [row.update(bucket=1) for row in found])
        self.assertTrue(any("column bucket: 1" in one for one in problems), problems)

    def test_another_version_is_told(self):
        found = [arrow_row(position) for position in range(10)]
        self.assertEqual(check(Reader(found, 6), EXPECTED), ["version 6, not 7"])

    def test_a_row_lost_only_where_files_are_skipped_is_told(self):
        class Skips(Reader):
            def rows(self, condition=None):
                rows = super().rows(condition)
                return rows if condition is None else rows[1:]

        found = [arrow_row(position) for position in range(10)]
        problems = check(Skips(found), EXPECTED)
        self.assertTrue(problems)
        self.assertTrue(all(one.startswith("WHERE ") for one in problems), problems)


if __name__ == "__main__":
    unittest.main()
