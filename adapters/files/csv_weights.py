"""Weights as a table for people and spreadsheets, and their lineage as JSON beside it."""

import csv
import io
import json
from collections.abc import Mapping

from domain.record import Record

HEADER = ["term", "weight"]
INTERCEPT = "(intercept)"
# Room for a million coefficients with their names; more is not a model of ours.
LARGEST = 64 * 1024 * 1024


class CsvWeights:
    """`<version>.csv`: the intercept and one row per coefficient; `<version>.json`: everything else.

    Numbers are written in the shortest form that reads back to the same bits.
    """

    suffixes: tuple[str, ...] = (".csv", ".json")
    largest = LARGEST

    def encode(self, record: Record) -> Mapping[str, bytes]:
        """Return the table and the lineage."""
        rest = {key: value for key, value in record.items() if key not in ("features", "coefficients", "intercept")}
        rows = [(INTERCEPT, record["intercept"]), *zip(record["features"], record["coefficients"], strict=True)]
        return {".csv": weights_table(rows), ".json": json.dumps(rest, indent=1, ensure_ascii=False).encode()}

    def decode(self, files: Mapping[str, bytes]) -> object:
        """Return the record."""
        record = json.loads(files[".json"])
        rows = list(csv.reader(io.StringIO(files[".csv"].decode("utf-8"), newline="")))
        if not isinstance(record, dict) or [row[:1] for row in rows[:2]] != [HEADER[:1], [INTERCEPT]]:
            raise ValueError(f"it does not begin with the rows {','.join(HEADER)} and {INTERCEPT}")
        terms = [(name, float(weight)) for name, weight in rows[1:]]
        return record | {
            "intercept": terms[0][1],
            "features": [name for name, _ in terms[1:]],
            "coefficients": [weight for _, weight in terms[1:]],
        }


def weights_table(rows: list[tuple[str, float]]) -> bytes:
    """Return CSV of `rows` of term and weight, under a header."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows((name, repr(weight)) for name, weight in rows)
    return text.getvalue().encode()
