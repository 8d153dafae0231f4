import csv
import gzip
import io
import json
import pickle
import re
from dataclasses import replace
from functools import partial

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from adapters.pyarrow.scoring.file_task import FileTask, ScoringOptions, ScoringPlan
from adapters.pyarrow.scoring.score_file import score_file
from adapters.pyarrow.scoring.table_scorer import TableScorer
from adapters.pyarrow.table_path import TablePath
from domain.data.errors import InvalidData, UnreadableData
from domain.errors import InvalidParameter
from domain.model.calibration import Calibration
from domain.model.errors import IntervalUnavailable, OutputRefused, UnpredictableCell, WrongCell
from domain.model.linear_model import LinearModel
from domain.model.model_version import ModelVersion
from domain.model.moments import Moments
from domain.model.prediction_intervals import PredictionIntervals, prediction_intervals
from domain.model.scoring import BOUNDS, Scored
from tests.support.examples import a_lineage
from tests.support.mixed_tables import a_mixed_model

MODEL = LinearModel([2.0, -1.0], 10.0, ("area", "age"))
VERSION = ModelVersion("7", MODEL, a_lineage())
HEADER = "id,age,area,note\n"


def score(place, output, version=VERSION, on_bad_row="stop", **options):
    scorer = TableScorer(str(place), str(output), "1.0", **options)
    return scorer.score(version, on_bad_row, lambda _: None)


@pytest.fixture
def data(tmp_path):
    """A function that writes files by name, of a text or of columns, and returns their folder."""

    def write(**files):
        for name, content in files.items():
            path = tmp_path / "in" / re.sub("__", ".", name.replace("___", "/"))
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, dict):
                parquet.write_table(pa.table(content), path)
            else:
                path.write_bytes(content.encode() if isinstance(content, str) else content)
        return tmp_path / "in"

    return write


def columns(rows, start=0):
    numbers = np.arange(start, start + rows)
    return {"id": numbers, "age": numbers / 7, "area": numbers * 1.5, "note": [f"n{number}" for number in numbers]}


def predicted(path):
    return parquet.read_table(path)["prediction"].to_numpy().tolist()


def expected(rows, start=0):
    cells = columns(rows, start)
    return MODEL.predict(np.column_stack([cells["area"], cells["age"]])).tolist()


def test_each_file_has_its_predictions_beside_kept_columns_in_the_order_of_its_rows(data, tmp_path):
    folder = data(a__parquet=columns(300_000), year_2024___b__parquet=columns(5, 9), none__parquet=columns(0))

    scored = score(folder, tmp_path / "out", keep=("note", "id"))

    assert (scored.files, scored.kept_files, scored.counts) == (3, 0, Scored(300_005))
    table = parquet.read_table(tmp_path / "out" / "a.parquet")
    assert table.column_names == ["note", "id", "prediction"]
    assert table["id"].to_numpy().tolist() == list(range(300_000))
    assert table["prediction"].to_numpy().tolist() == expected(300_000)
    assert predicted(tmp_path / "out" / "year_2024" / "b.parquet") == expected(5, 9)
    assert parquet.read_table(tmp_path / "out" / "none.parquet").shape == (0, 3)
    footer = parquet.read_metadata(tmp_path / "out" / "a.parquet")
    assert [footer.row_group(group).num_rows for group in range(footer.num_row_groups)] == [131072, 131072, 37856]
    record = {name: footer.metadata[f"endeavour.{name}".encode()].decode() for name in ("version", "digest", "input")}
    assert record == {"version": "7", "digest": MODEL.digest, "input": "a.parquet"}
    done = json.loads((tmp_path / "out" / "_SUCCESS").read_text())
    assert (done["version"], done["digest"], done["files"], done["rows"]) == ("7", MODEL.digest, 3, 300_005)


def test_kept_columns_keep_their_types_and_a_column_in_the_path_is_text(data, tmp_path):
    kept = {
        "day": pa.array([1, None], pa.date32()),
        "tags": pa.array([["x"], None]),
        "color": pa.array(["red", "red"]).dictionary_encode().cast(pa.dictionary(pa.int8(), pa.string())),
    }
    folder = data(**{"year=2024___a__parquet": {**columns(2), **kept}})

    score(folder, tmp_path / "out", keep=(*kept, "year", "area"))

    table = parquet.read_table(tmp_path / "out" / "year=2024" / "a.parquet", partitioning=None)
    assert table.schema.types[:3] == [each.type for each in kept.values()]
    assert table["year"].to_pylist() == ["2024", "2024"]
    assert table["area"].to_pylist() == [0.0, 1.5]


def test_csv_files_become_csv_or_parquet_with_their_texts_and_the_same_bits(data, tmp_path):
    rows = [(f"0{row}", row / 7, row * 1.5, note) for row, note in enumerate(['a,"b"', "", " x ", "é", "line\nbreak"])]
    text = io.StringIO(newline="")
    csv.writer(text).writerows([HEADER.strip().split(","), *rows])
    text = text.getvalue()
    folder = data(
        none__csv=HEADER, a__csv=text, b__csv__gz=gzip.compress(text.encode()), c__tsv="age\tarea\tid\n1\t2\t3\n"
    )

    score(folder, tmp_path / "out", keep=("id",))
    score(folder / "a.csv", tmp_path / "table", keep=("note", "id"), format="parquet")

    table = parquet.read_table(tmp_path / "table" / "a.parquet")
    assert table["note"].to_pylist() == [note for *_, note in rows]
    assert table["id"].to_pylist() == [number for number, *_ in rows]
    assert table["prediction"].to_numpy().tolist() == expected(5)
    assert (tmp_path / "out" / "none.csv").read_text() == "id,prediction\n"
    for name, opened in (("a.csv", open), ("b.csv.gz", gzip.open)):
        with opened(tmp_path / "out" / name, "rt", newline="") as file:
            header, *cells = csv.reader(file)
        assert header == ["id", "prediction"]
        assert [(number, float(value)) for number, value in cells] == list(
            zip((number for number, *_ in rows), expected(5), strict=True)
        )
    assert (tmp_path / "out" / "c.tsv").read_text() == "id\tprediction\n3\t13\n"
    lists = data(lists___a__parquet={**columns(1), "tags": [["x"]]}) / "lists"
    with pytest.raises(InvalidData, match="column 'tags' holds list"):
        score(lists, tmp_path / "text", keep=("tags",), format="csv")
    score(lists, tmp_path / "text", keep=("note", "id"), format="csv")
    assert (tmp_path / "text" / "a.csv").read_text() == "note,id,prediction\nn0,0,10\n"


def test_complete_files_are_kept_and_others_are_scored_again(data, tmp_path):
    folder, output = data(a__parquet=columns(5), b__parquet=columns(6)), tmp_path / "out"
    text = data(a__csv=HEADER + "1,2,3,x\n")
    score(folder / "*.parquet", output)
    score(text / "a.csv", output)
    (output / "_SUCCESS").unlink()
    before = {path.name: path.stat().st_ino for path in output.iterdir()}

    assert score(folder / "*.parquet", output).kept_files == 2
    assert score(text / "a.csv", output).kept_files == 1
    assert {path.name: path.stat().st_ino for path in output.iterdir() if path.name != "_SUCCESS"} == before

    data(b__parquet=columns(6, 3), a__csv=HEADER + "1,2,4,x\n")
    assert score(folder / "*.parquet", output).kept_files == 1
    assert score(text / "a.csv", output).kept_files == 0
    assert predicted(output / "b.parquet") == expected(6, 3)
    for changes in ({"keep": ("id",)}, {"na": ("x",)}, {"on_bad_row": "null"}):
        assert score(folder / "*.parquet", output, **changes).kept_files == 0
    with (output / "a.csv").open("a") as file:
        file.write("9\n")
    with pytest.raises(OutputRefused, match=r"a\.csv"):
        score(text / "a.csv", output)


def test_nothing_is_written_where_the_output_is_the_data_or_holds_something_else(data, tmp_path):
    folder = data(a__parquet=columns(5), b__csv=HEADER, b__tsv=HEADER)
    other = ModelVersion("8", LinearModel([1.0, 1.0], 0.0, ("area", "age")), a_lineage())
    score(folder / "a.parquet", tmp_path / "done", other)
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "a.parquet").write_text("mine")
    (tmp_path / "spark").mkdir()
    (tmp_path / "spark" / "_SUCCESS").touch()
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    file, place = folder / "a.parquet", folder / "*.parquet"

    for data_place, output, error, message, options in (
        (file, folder, InvalidParameter, "another folder", {}),
        (file, folder / "a.parquet", InvalidParameter, "is a file", {}),
        (folder / "**" / "*.parquet", folder / "out", InvalidParameter, "outside", {}),
        (folder / "[b].*", tmp_path / "out", InvalidData, "b.parquet", {"format": "parquet"}),
        (place, tmp_path / "done", OutputRefused, "version '8'", {}),
        (place, tmp_path / "spark", OutputRefused, "another program", {}),
        (place, tmp_path / "foreign", OutputRefused, "no predictions", {}),
        (place, tmp_path / "foreign" / "a.parquet" / "out", OutputRefused, "a part of its path is a file", {}),
        (place, tmp_path / "out", InvalidParameter, "prediction", {"keep": ("prediction",)}),
        (place, tmp_path / "out", InvalidParameter, "different", {"keep": ("id", "id ")}),
        (place, tmp_path / "out", InvalidParameter, "utf-8", {"encoding": "utf-9"}),
        (place, tmp_path / "out", UnreadableData, "no column 'day', which is to be kept", {"keep": ("day",)}),
        (folder / "b.csv", folder, InvalidParameter, "another folder", {}),
    ):
        with pytest.raises(error, match=re.escape(message)):
            score(data_place, output, **options)

    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    for output in ("done", "foreign", "spark"):
        assert score(place, tmp_path / output, overwrite=True).kept_files == 0
        assert predicted(tmp_path / output / "a.parquet") == expected(5)


def test_bad_rows_end_the_scoring_with_their_place_or_are_null_and_counted(data, tmp_path):
    cells = columns(20_000)
    cells["area"] = cells["area"].tolist()
    cells["area"][9_000], cells["area"][12_000] = None, float("inf")
    lines = [f"{row},{row / 7!r},{'' if row == 2 else row * 1.5},x" for row in range(5)]
    folder = data(a__parquet=columns(5), b__parquet=cells, t__csv=HEADER + '"9\n",1,1,x\n' + "\n".join(lines))

    for place, row in ((folder / "*.parquet", "b.parquet, row 9001"), (folder / "t.csv", "t.csv, line 6")):
        with pytest.raises(UnpredictableCell, match=f"{row}, column 'area': is empty"):
            score(place, tmp_path / "stopped")
    assert sorted(path.name for path in (tmp_path / "stopped").iterdir()) == ["a.parquet"]
    scored = score(folder / "*.parquet", tmp_path / "out", on_bad_row="null")
    assert scored.counts == Scored(20_005, 2, {"area": 2})
    predictions = parquet.read_table(tmp_path / "out" / "b.parquet")["prediction"]
    assert [row for row, value in enumerate(predictions.to_pylist()) if value is None] == [9_000, 12_000]
    assert score(folder / "t.csv", tmp_path / "out", on_bad_row="null").counts.bad_cells == {"area": 1}
    assert (tmp_path / "out" / "t.csv").read_text().splitlines()[4] == ""


def test_columns_of_another_kind_always_end_the_scoring(data, tmp_path):
    mixed = ModelVersion("7", a_mixed_model(), a_lineage())
    good = {"area": [1.5], "new": [True], "home city": ["Moss"], "sold": pa.array([1], pa.timestamp("s"))}

    for name, cells, message in (
        *(("area", each, "row 2, column 'area': 'x' is not a number") for each in (["1", "x"],)),
        ("area", pa.array([None, 1], pa.timestamp("s")), "row 2, column 'area'"),
        ("new", [1, 2], "row 2, column 'new': '2' is not true or false"),
        ("sold", pa.array([1, 400_000_000_000], pa.timestamp("s")), "row 2, column 'sold'"),
        ("sold", [1.5, 2.5], "row 1, column 'sold'"),
        ("home city", [[1], [2]], "row 1, column 'home city'"),
    ):
        table = {key: pa.array(list(value) * 2) if key != name else cells for key, value in good.items()}
        with pytest.raises(WrongCell, match=re.escape(message)):
            score(data(a__parquet=table) / "a.parquet", tmp_path / "out", mixed, "null")
    text = "area,new,home city,sold\n1,yes,Moss,2024-05-01\n"
    with pytest.raises(WrongCell, match="line 2, column 'new': 'yes' is not true or false"):
        score(data(a__csv=text) / "a.csv", tmp_path / "out", mixed, "null")
    long = (
        "area,new,home city,sold\n" + "1,1,Moss,2024-05-01\n" * 9 + "-,1,Moss,2024-05-01\n" + "ten,1,Moss,2024-05-01\n"
    )
    with pytest.raises(WrongCell, match="line 12, column 'area': 'ten' is not a number"):
        score(data(a__csv=long) / "a.csv", tmp_path / "out", mixed, "null")
    with pytest.raises(UnreadableData, match="no column 'new', which the model needs"):
        score(data(b__parquet={"area": [1.0]}) / "b.parquet", tmp_path / "out", mixed, "null")
    latin = text.replace("Moss", "Ås").replace("yes", "1").encode("latin-1")
    with pytest.raises(UnreadableData, match="'home city' is not UTF-8"):
        score(data(a__csv=latin) / "a.csv", tmp_path / "out", mixed)
    assert score(data() / "a.csv", tmp_path / "out", mixed, encoding="latin-1").counts.unseen_levels == {"home city": 1}


def test_progress_rises_to_all_rows_and_its_exception_ends_the_scoring_without_half_a_file(data, tmp_path):
    folder, seen = data(a__parquet=columns(300_000), b__parquet=columns(10)), []
    scorer = TableScorer(str(folder), str(tmp_path / "out"), "1.0")

    def interrupted(progress):
        seen.append((progress.rows, progress.all_rows, progress.files, progress.all_files))
        if progress.rows > 250_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scorer.score(VERSION, "stop", interrupted)

    assert seen == [(65_536 * batches, 300_010, 0, 2) for batches in range(5)]
    assert list((tmp_path / "out").iterdir()) == []
    scorer.score(VERSION, "stop", lambda progress: seen.append(progress.rows))
    assert seen[-1] == 300_010


def test_file_that_changes_while_it_is_scored_is_named_and_has_no_predictions(data, tmp_path):
    text = HEADER + "1,2,3,x\n"
    for name, changed in (("a.csv", {"a__csv": text + "2,3,4,y\n"}), ("b.parquet", {"b__parquet": columns(4)})):
        place = data(a__csv=text, b__parquet=columns(5)) / name
        scorer = TableScorer(str(place), str(tmp_path / "out"), "1.0")

        def change(progress, changed=changed):
            if progress.rows:
                data(**changed)

        with pytest.raises(UnreadableData, match=f"{name}: it was changed"):
            scorer.score(VERSION, "stop", change)
        assert list((tmp_path / "out").iterdir()) == []


def test_scored_files_have_the_ends_of_intervals_and_their_level(data, tmp_path):
    folder = data(a__parquet=columns(20_000), b__csv=HEADER + "1,2,3,x\n2,,4,y\n")
    moments = Moments(9, 9, np.zeros(2), np.eye(2), 1.0)
    version = replace(VERSION, moments=moments, calibration=Calibration(9, np.arange(9.0)))

    for name in ("a.parquet", "b.csv"):
        score(folder / name, tmp_path / "out", version, "null", keep=["id"], interval=0.9)

    table = parquet.read_table(tmp_path / "out" / "a.parquet")
    assert table.schema.names == ["id", "prediction", "prediction_low", "prediction_high"]
    assert table["prediction"].to_pylist() == expected(20_000)
    cells = columns(20_000)
    bounds = prediction_intervals(version, np.column_stack([cells["area"], cells["age"]]), 0.9)
    assert [table[name].to_pylist() for name in BOUNDS] == bounds.T.tolist()
    assert parquet.read_metadata(tmp_path / "out" / "a.parquet").metadata[b"endeavour.interval"] == b"0.9"
    (low, high), *_ = prediction_intervals(version, np.array([[3.0, 2.0]]), 0.9).tolist()
    lines = (tmp_path / "out" / "b.csv").read_text().splitlines()
    assert lines[0] == "id,prediction,prediction_low,prediction_high"
    assert list(map(float, lines[1].split(","))) == [1.0, 14.0, low, high]
    assert lines[2] == "2,,,"
    assert json.loads((tmp_path / "out" / "_b.csv.json").read_text())["interval"] == "0.9"
    again = [
        score(folder / "b.csv", tmp_path / "out", version, "null", keep=["id"], interval=level) for level in (0.9, 0.8)
    ]
    assert [scored.kept_files for scored in again] == [1, 0]
    with pytest.raises(IntervalUnavailable):
        score(folder / "a.parquet", tmp_path / "none", interval=0.9)
    with pytest.raises(InvalidParameter, match="prediction_low"):
        score(folder / "a.parquet", tmp_path / "none", version, keep=["prediction_low"], interval=0.9)
    assert not (tmp_path / "none").exists()


def test_task_of_a_file_can_be_sent_to_another_process(data, tmp_path):
    folder = data(a__parquet=columns(5))
    moments = Moments(9, 9, np.zeros(2), np.eye(2), 1.0)
    intervals = PredictionIntervals(MODEL, moments, 1.0)
    plan = ScoringPlan("7", MODEL, ScoringOptions(("id",), ("",), "utf-8", level=0.9), "1.0", intervals)
    paths = map(TablePath, (str(folder / "a.parquet"), str(tmp_path / "a.parquet")))
    task = FileTask(*paths, "a.parquet", {})

    run, sent = pickle.loads(pickle.dumps((partial(score_file, plan), task)))  # noqa: S301  # our own

    assert [run(sent).was_complete, score_file(plan, task).was_complete] == [False, True]
    assert predicted(tmp_path / "a.parquet") == expected(5)
    cells = columns(5)
    bounds = intervals.bounds(np.column_stack([cells["area"], cells["age"]]))
    assert parquet.read_table(tmp_path / "a.parquet")["prediction_high"].to_pylist() == bounds[:, 1].tolist()
