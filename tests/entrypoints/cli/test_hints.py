import re

from domain.access.errors import CorruptKeyFile, UnknownKey
from domain.data.errors import InvalidCell, TooFewRows, UnusableColumns
from domain.delivery.errors import NoModelLoaded, NoRollout, ReplicasUnavailable
from domain.errors import ClusterUnavailable, InvalidParameter
from domain.model.errors import (
    CorruptModel,
    IntervalUnavailable,
    ModelNotFound,
    OutputRefused,
    UnpredictableCell,
    WrongCell,
)
from domain.monitoring.errors import NoDistributions
from domain.promotion.errors import FeatureChangeNotApproved, NoPreviousVersion, PromotionConflict
from domain.promotion.policy import Decision
from entrypoints.cli.hints import HINTS, decision_hints, hint
from entrypoints.cli.main import COMMANDS
from entrypoints.cli.server_answer import NoServer

ERRORS = (
    ClusterUnavailable("tls://dask:8786", "the connection to the scheduler was lost"),
    *(CorruptKeyFile("keys.json", "half a file"), CorruptModel("7", "half a file"), UnknownKey("a1")),
    *(FeatureChangeNotApproved("7", "6", "added: bp"), ModelNotFound("7", ()), NoModelLoaded()),
    *(NoPreviousVersion("7"), PromotionConflict("6", "7"), NoRollout()),
    ReplicasUnavailable("127.0.0.1:8000", "nothing listens there"),
    NoServer("127.0.0.1:8000", "the connection failed"),
    *(
        InvalidCell(3, "a", "is infinite"),
        TooFewRows("training", 3, 5),
        UnpredictableCell(3, "a", "is empty"),
        WrongCell(3, "a", "'x' is not a number"),
        OutputRefused("out", "its _SUCCESS is of another model"),
    ),
    *(NoDistributions("7"), IntervalUnavailable("7", "its record has none")),
)

DECISIONS = (
    Decision(True, ()),
    Decision(False, (), awaits_approval=True),
    Decision(False, (), awaits_rollout=True),
    Decision(False, (), rollout="20261128T090412Z-7"),
)


def test_hints_name_commands_that_exist_and_errors_name_none():
    hints = [hint(error) for error in ERRORS]
    commands = [*hints, *(line for decision in DECISIONS for line in decision_hints("7", decision))]

    assert {type(error) for error in ERRORS} == set(HINTS)
    assert all(hints)
    assert set(re.findall(r"endeavour (\w+)", " ".join(commands))) <= set(COMMANDS)
    assert "promote 7 --allow-feature-change" in hints[4]
    assert not any("endeavour" in str(error) for error in ERRORS)
    assert hint(InvalidParameter("tol", 2, "less")) == ""


def test_hint_about_columns_is_what_helps_against_the_reason():
    text, ids, empty = "holds 'two' in line 3, which is not a number", "has whole numbers beyond 2**53", "has no values"
    twice = "appears more than once; rename or remove one of them"
    cell = "correct the cell, read its text as empty with `--na`, or "
    for error, expected in (
        (UnusableColumns({"y": text}, ("a",), "y"), cell + "name another column with `--target`"),
        (UnusableColumns({"y": empty}, (), "y"), "name another column with `--target`"),
        (UnusableColumns({"x": text}, (), "y"), cell + "read all texts as levels: `--as category:x`"),
        (UnusableColumns({"x": text, "id": ids}), cell + "read all texts as levels: `--as category:x,category:id`"),
        (UnusableColumns({"id": ids}), "`--as category:id`"),
        (UnusableColumns({"a": twice, "b": empty, "c": "holds list<item: int64>"}, (), "y"), ""),
        (
            UnusableColumns({"x": "numbers the rows", "b": empty}, ("x",)),
            "to learn from these all the same: `--features x`",
        ),
        (
            UnusableColumns({"tags": "holds lists"}, ("area, m2", 'the "x"', "city")),
            """to learn from the others: `--features '"area, m2","the ""x""\",city'`""",
        ),
    ):
        assert hint(error) == expected
