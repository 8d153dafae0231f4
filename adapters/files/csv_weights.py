"""Weights as a table for people and spreadsheets, and their lineage as JSON beside it."""

import csv
import io
import json
from collections.abc import Mapping

from domain.learning.run_files import INTERCEPT, WEIGHTS_HEADER, weights_table
from domain.model.serialization import Record

REMEDY = "restore it from a backup, or promote another version"
# Room for a million coefficients with their names; more is not a model of ours.
MAX_WEIGHTS_BYTES = 64 * 1024 * 1024


class CsvWeights:
    """`<version>.csv`: the intercept and one row per coefficient; `<version>.json`: everything else.

    Numbers are written in the shortest form that reads back to the same bits.
    """

    suffixes: tuple[str, ...] = (".csv", ".json")
    max_bytes = MAX_WEIGHTS_BYTES

    def encode(self, record: Record) -> Mapping[str, bytes]:
        """Return the table and the lineage."""
        rest = {key: value for key, value in record.items() if key not in ("terms", "coefficients", "intercept")}
        weights = weights_table(record["intercept"], record["terms"], record["coefficients"])
        return {".csv": weights, ".json": json.dumps(rest, indent=1, ensure_ascii=False).encode()}

    def decode(self, files: Mapping[str, bytes]) -> object:
        """Return the record."""
        try:
            record = json.loads(files[".json"])
        except (ValueError, RecursionError) as error:
            raise ValueError(f"its .json file is not JSON; {REMEDY}") from error
        if not isinstance(record, dict):
            raise ValueError(f"its .json file is not an object of JSON; {REMEDY}")
        terms = _terms(files[".csv"])
        return record | {
            "intercept": terms[0][1],
            "terms" if "encoding" in record else "features": [name for name, _ in terms[1:]],
            "coefficients": [weight for _, weight in terms[1:]],
        }


def _terms(data: bytes) -> list[tuple[str, float]]:
    """Return names and weights, the intercept first, or raise `ValueError`."""
    try:
        header, *rows = csv.reader(io.StringIO(data.decode("utf-8"), newline=""))
        terms = [(name, float(weight)) for name, weight in rows]
    except (ValueError, csv.Error) as error:
        raise ValueError(f"its .csv file is not a table of terms and weights; {REMEDY}") from error
    if header[:1] != [WEIGHTS_HEADER[0]] or [name for name, _ in terms[:1]] != [INTERCEPT]:
        start = f"{','.join(WEIGHTS_HEADER)} and {INTERCEPT}"
        raise ValueError(f"its .csv file does not begin with the rows {start}; {REMEDY}")
    return terms
