from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import csv, parquet

from adapters.pyarrow.scoring.table_counter import ArrowTableCounter
from domain.data.errors import UnreadableData
from domain.features.cells import to_cell
from domain.model.distributions import Distributions
from domain.monitoring.table_counts import TableCounts
from tests.domain.model.test_distributions import mixed_values
from tests.support.mixed_tables import LEVELS, a_mixed_model

MODEL = a_mixed_model()
VALUES = np.floor(mixed_values())
DISTRIBUTIONS = Distributions.of(MODEL, VALUES, seed=0)


def cells(values: np.ndarray = VALUES) -> dict[str, list]:
    columns = zip(MODEL.encoding.columns, values.T, strict=True)
    return {column.name: [to_cell(column, value) for value in each] for column, each in columns}


def counted(place: object, **options: object) -> TableCounts:
    return ArrowTableCounter(str(place), **options).count(MODEL, DISTRIBUTIONS, lambda _: None)


def written(path, columns):
    """Write cells by column as Parquet or CSV."""
    table = pa.table(columns)
    (parquet.write_table if path.suffix == ".parquet" else csv.write_csv)(table, path)
    return path


def test_rows_of_all_files_are_counted_as_their_values_are(tmp_path):
    expected = DISTRIBUTIONS.count(VALUES, MODEL.predict(VALUES))
    table, reports = cells(), []
    for suffix in ("csv", "parquet"):
        for part in (slice(0, 150), slice(150, 400)):
            written(tmp_path / f"part-{part.start}.{suffix}", {name: each[part] for name, each in table.items()})

        counter = ArrowTableCounter(str(tmp_path / f"*.{suffix}"))
        found = counter.count(MODEL, DISTRIBUTIONS, reports.append)

        assert (found.rows, found.unusable) == (400, {}), suffix
        assert found.counts.tolist() == expected.tolist(), suffix
        assert (reports[-1].files, reports[-1].rows) == (2, reports[-1].all_rows)


def test_types_of_parquet_are_read_as_their_texts_are(tmp_path):
    table = cells()
    moments = [datetime.fromtimestamp(value, UTC) for value in VALUES[:, 3]]
    typed = {
        "area": pa.array(table["area"], pa.float32()),
        "new": pa.array(table["new"]),
        "home city": pa.array(table["home city"]).dictionary_encode(),
        "sold": pa.array(moments, pa.timestamp("ms", "UTC")),
    }

    found = counted(written(tmp_path / "typed.parquet", typed))

    # An area of few digits is the same number as float32.
    assert found.counts.tolist() == DISTRIBUTIONS.count(VALUES, MODEL.predict(VALUES)).tolist()


def test_unusable_cells_are_counted_and_make_no_prediction(tmp_path):
    table = {name: list(map(str, each[:40])) for name, each in cells().items()}
    table["area"] = ["80"] * 36 + ["eighty", "1e400", "", "9" * 400]
    table["new"] = ["maybe"] * 10 + ["true"] * 30
    table["sold"][39] = "some day"
    for suffix in ("csv", "parquet"):
        found = counted(written(tmp_path / f"bad.{suffix}", table))

        area, new, _, sold, predictions = DISTRIBUTIONS.split(found.counts)
        assert found.unusable == {"area": 3, "new": 10, "sold": 1}, suffix
        assert (found.rows, area[-1], new[-1], sold[-1], predictions[-1]) == (40, 4, 10, 1, 13), suffix


def test_column_of_another_type_is_unusable_as_a_whole(tmp_path):
    table = cells(VALUES[:50]) | {"sold": list(range(50)), "area": [True] * 50}

    found = counted(written(tmp_path / "other.parquet", table))

    assert found.unusable == {"sold": 50}
    assert DISTRIBUTIONS.split(found.counts)[-1][-1] == 50


def test_options_are_those_of_batch_scoring(tmp_path):
    table = {name: list(map(str, each[:4])) for name, each in cells().items()}
    table |= {"home city": ["nichts", *LEVELS], "area": ["80"] * 4}
    path = tmp_path / "latin.csv"
    csv.write_csv(pa.table(table), path)
    path.write_bytes(path.read_bytes().decode().encode("latin-1"))

    found = counted(path, na=["nichts"], encoding="latin-1")

    assert DISTRIBUTIONS.split(found.counts)[2].tolist() == [1, 1, 1, 0, 0, 0, 0, 1]
    # Without the encoding, a text that is not UTF-8 is unusable.
    assert counted(path, na=["nichts"]).unusable == {"home city": 1}


def test_table_without_a_column_of_the_model_is_unreadable(tmp_path):
    table = {name: each for name, each in cells().items() if name != "sold"}
    with pytest.raises(UnreadableData, match="no column 'sold'"):
        counted(written(tmp_path / "narrow.csv", table))
