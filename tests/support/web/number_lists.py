"""Hypothesis strategies of requests whose bodies have a list of numbers, or nearly one."""

from hypothesis import strategies as st

from tests.support.web.open_inference import INFER

MAX_ROWS = 3

digits = st.text(st.sampled_from("0123456789"), min_size=1, max_size=25)
numbers = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.builds("{}{}.{}e{}".format, st.sampled_from(["", "-"]), st.integers(0, 10**20), digits, st.integers(-340, 250)),
    st.integers(-(2**66), 2**66).map(str),
    st.integers(-3, 3).map(str),
    st.sampled_from(["-0", "-0.0", "0e9", "1E+5", "5e-324", "2.2250738585072011e-308", "9007199254740993", "1e301"]),
)
others = st.sampled_from(
    (
        *("NaN", "Infinity", "1e999", "-1e999", "true", "null", '"1"', '""', "{}", '{"X":[1]}', "[]", "[[1]]", "[1"),
        *("]", "01", "1.", "+1", ".5", "-", "1_0", "0x1", "", "1,", ",1", "1 2", "\x00", '"\\u0041"', "\x7f"),
        "[" * 2_000,
    )
)
rarely, places = st.integers(0, 4).map(lambda number: number == 0), st.integers(0, 40)


@st.composite
def texts(draw):
    """Return a list of numbers or of rows; in some, an element is another value, or a row is longer."""
    columns, comma = draw(st.integers(1, 3)), draw(st.sampled_from([",", ", ", "\r\n,\t "]))
    rows = draw(st.lists(st.lists(numbers, min_size=columns, max_size=columns), max_size=MAX_ROWS + 1))
    if rows and draw(rarely):
        draw(st.sampled_from(rows))[0] = draw(others)
    if rows and draw(rarely):
        draw(st.sampled_from(rows)).append(draw(numbers))
    lists = [f"[{comma.join(row)}]" for row in rows]
    parts = lists if draw(st.booleans()) else [cell for row in rows for cell in row]
    if parts and draw(rarely):
        parts[draw(places) % len(parts)] = draw(numbers | others)
    return f"[{comma.join(parts)}]"


# In each form, % is the text.
BATCHES = (
    *(
        '{"X":%}',
        ' {"X" :\n% } ',
        '{"X":%,"interval":0.9}',
        '{"interval":2,"X":%}',
        '{"X":%,"Y":1}',
        '{"X":%,"a":[[]]}',
    ),
    *('{"X":%,"X":[0.1]}', '{"X":[0.1],"X":%}', '{"X":1,"X":%}', '{"X":%,"\\u0058":[1]}', '{"\\u0058":%}', '"X":%'),
    *('{"X":%', '{"X":%}}', '{"X":%,}', '{"X":%:1}', '[{"X":%}]', '{"a":{"X":%}}', '{"X":[%]}', '\ufeff{"X":%}'),
    *('{"a":"\\"X\\":%"}', '{"a":["\x7f"],"X":%}', '{"a":{"X":%},"X":["\x7f"]}', '{"X":["\x7f"],"a":{"X":%}}'),
)
TABLES = (
    *('{"dataframe_split":{"data":%}}', '{"instances":%}', '{"inputs":%,"params":{"interval":0.9}}', '{"data":%}'),
    '{"dataframe_split":{"columns":["bp","bmi"],"data":%}}',
    '{"dataframe_split":{"index":[1,2],"columns":["bmi","b","bp"],"data":%}}',
    *('{"dataframe_split":{"data":%,"columns":["bmi"]}}', '{"dataframe_split":%}', '{"dataframe_records":%}'),
    *('{"inputs":{"bmi":%,"bp":%}}', '{"inputs":{"data":%}}', '{"instances":%,"inputs":[]}'),
)
TENSORS = (
    '{"inputs":[{"name":"X","shape":SHAPE,"datatype":"TYPE","data":%}]}',
    '{"id":"a","inputs":[{"data":%,"name":"X","shape":SHAPE,"datatype":"TYPE"}],"parameters":{"interval":0.9}}',
    '{"inputs":[{"name":"bmi","shape":SHAPE,"datatype":"TYPE","data":%},'
    '{"name":"bp","shape":[1],"datatype":"FP64","data":%}]}',
    '{"inputs":[{"parameters":{"data":%},"name":"X","shape":[1],"datatype":"BYTES","data":["\x7f"]}]}',
    *('{"inputs":{"data":%}}', '{"data":%}', '{"inputs":[{"name":["\x7f"],"data":%}]}'),
)
shapes = st.sampled_from(["[1]", "[2,1]", "[1,2]", "[2,2]", "[3,2]", "[4]", "[2,1,1]", "[-1]", "2"])
datatypes = st.sampled_from(["FP64", "FP64", "FP64", "FP32", "INT64", "INT32", "BOOL", "BYTES", "FP16"])
forms = st.one_of(
    st.tuples(st.sampled_from(["/batch", "/explain"]), st.sampled_from(BATCHES)),
    st.tuples(st.just("/invocations"), st.sampled_from(TABLES)),
    st.tuples(
        st.just(INFER),
        st.builds(
            lambda form, shape, datatype: form.replace("SHAPE", shape).replace("TYPE", datatype),
            st.sampled_from(TENSORS),
            shapes,
            datatypes,
        ),
    ),
)
requests = st.builds(lambda form, text: (form[0], form[1].replace("%", text).encode()), forms, texts())
"""Path and body."""
