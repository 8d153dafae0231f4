"""The live model: refreshed, and predicted with."""

import logging
import threading

import numpy as np
import pytest

from application.serving.current_model import CurrentModel
from application.serving.predict import Predict
from application.serving.refresh_current_model import NONE_KNOWN, RefreshCurrentModel
from domain.delivery.errors import NoModelLoaded
from domain.delivery.served_model import ModelOrigin, ServedModel
from domain.errors import StoreUnavailable
from domain.model.errors import CorruptModel, InvalidRow, PredictionNotFinite
from domain.model.linear_model import LinearModel
from domain.model.model_version import ModelVersion
from domain.model.prediction_input import ColumnInput, MatrixInput
from tests.support.examples import a_lineage, a_model, a_version

BUNDLED = a_version("bundled", slope=1.0)


def serving(version: ModelVersion, source: ModelOrigin = ModelOrigin.REGISTRY) -> CurrentModel:
    live = CurrentModel()
    live.replace(ServedModel(version, source))
    return live


class Latest:
    """What the host knows of the champion, settable, or an error to raise."""

    def __init__(self) -> None:
        self.known: ServedModel | Exception | None = None

    def __call__(self) -> ServedModel | None:
        if isinstance(self.known, Exception):
            raise self.known
        return self.known


@pytest.fixture
def latest():
    return Latest()


@pytest.fixture
def live():
    return CurrentModel()


@pytest.fixture
def refresh(latest, live):
    return RefreshCurrentModel(latest, BUNDLED, live)


FIRST, SECOND = (ServedModel(a_version(name), ModelOrigin.REGISTRY) for name in ("1", "2"))
COPY = ServedModel(a_version("0"), ModelOrigin.CACHE)
GONE, BROKEN, NAMED = StoreUnavailable("disk", "gone"), CorruptModel("1", "half a file"), NoModelLoaded("it is named")
# What the host knows of the champion at each refresh, and what is served after the last.
REFRESHES = [
    ([None], ServedModel(BUNDLED, ModelOrigin.BUNDLED)),
    ([None, FIRST], FIRST),
    ([None, COPY], COPY),
    ([FIRST, SECOND], SECOND),
    *(([FIRST, known], ServedModel(FIRST.version, ModelOrigin.CACHE)) for known in (GONE, BROKEN, None, COPY)),
    *(([*before, error], None) for before in ([], [None]) for error in (GONE, BROKEN, NAMED)),
]


@pytest.mark.parametrize(("known", "served"), REFRESHES, ids=str)
def test_champion_that_is_confirmed_then_known_then_bundled_is_served(refresh, latest, live, known, served):
    for latest.known in known:
        refresh()

    if served:
        assert live.snapshot == served
    else:
        with pytest.raises(NoModelLoaded, match=str(known[-1])):
            Predict(live)([0.2])


def test_server_without_bundled_model_waits_for_a_champion_and_logs_each_reason_once(latest, live, caplog):
    refresh = RefreshCurrentModel(latest, None, live)
    with pytest.raises(NoModelLoaded):
        Predict(live)(MatrixInput(np.ones((1, 1))))

    for latest.known in (None, None, GONE, GONE):
        refresh()
    waited = live.is_loaded
    latest.known = COPY
    refresh()

    assert not waited
    assert live.snapshot == latest.known
    assert [record.why for record in caplog.records if record.message == "no_model"] == [
        NONE_KNOWN,
        "disk is not available: gone",
    ]


def test_only_changes_are_logged(refresh, latest, caplog):
    caplog.set_level(logging.INFO)
    for latest.known in (FIRST, FIRST, GONE, GONE):
        refresh()

    facts = [(record.levelname, record.source, record.why) for record in caplog.records]
    assert facts == [("INFO", "registry", ""), ("WARNING", "cache", "disk is not available: gone")]


def test_c11_champion_of_other_features_is_served_and_told_of(refresh, latest, caplog):
    refresh()
    latest.known = ServedModel(ModelVersion("1", a_model(1.0), a_lineage()), ModelOrigin.REGISTRY)
    refresh()
    assert "features_changed" not in caplog.messages
    caplog.clear()
    latest.known = ServedModel(ModelVersion("2", a_model(1.0, 2.0), a_lineage()), ModelOrigin.REGISTRY)

    refresh()

    (record,) = caplog.records
    assert (record.message, record.version, record.features) == ("features_changed", "2", 2)
    assert record.how == "added: bp"


def test_predictions_carry_the_snapshot_that_made_them():
    live = serving(a_version("7", slope=2.0))

    predictions = Predict(live)([0.5, 1])

    assert predictions.values.tolist() == [0.5 * 2 + 152.91886182616168, 2 + 152.91886182616168]
    assert predictions.snapshot.version.name == "7"


def test_overflowing_prediction_is_refused_by_row():
    model = LinearModel(np.array([1e300]), 0.0, ("bmi",))

    with pytest.raises(PredictionNotFinite) as caught:
        Predict(serving(ModelVersion("1", model, a_lineage())))([1.0, 1e300, 2.0])

    assert caught.value.row == 1
    assert Predict(serving(ModelVersion("1", model, a_lineage())))([1.0]).values.tolist() == [1e300]


def test_rows_matrix_and_columns_are_predicted_to_the_same_bits():
    random = np.random.default_rng(11)
    names = ("bmi", "bp", "s1", "s2", "s5")
    model = LinearModel(random.normal(size=5) * 10.0 ** random.integers(-9, 9, 5), 0.1, names)
    predict = Predict(serving(ModelVersion("1", model, a_lineage())))
    matrix = random.normal(size=(300, 5)) * 10.0 ** random.integers(-12, 12, (300, 5))

    rows = predict(matrix.tolist()).values

    assert predict(MatrixInput(matrix)).values.tobytes() == rows.tobytes()
    assert predict(MatrixInput(np.asfortranarray(matrix))).values.tobytes() == rows.tobytes()
    backwards = {names[column]: matrix[:, column] for column in reversed(range(5))}
    assert predict(ColumnInput(backwards)).values.tobytes() == rows.tobytes()
    assert predict(ColumnInput(backwards)).snapshot.version.name == "1"


def test_rows_that_do_not_fit_the_model_are_refused_in_every_form():
    predict = Predict(serving(a_version()))

    for rows in ([[0.1, 0.2]], MatrixInput(np.ones((2, 2))), ColumnInput({"bp": np.ones(2)})):
        with pytest.raises(InvalidRow):
            predict(rows)


def test_no_request_sees_half_a_swap():
    versions = [
        ModelVersion(str(n), LinearModel(np.array([float(n)]), -float(n), ("x",)), a_lineage()) for n in range(2)
    ]
    live = serving(versions[0])
    predict, stop = Predict(live), threading.Event()

    def swap() -> None:
        while not stop.is_set():
            for version in versions:
                live.replace(ServedModel(version, ModelOrigin.REGISTRY))

    swapper = threading.Thread(target=swap)
    swapper.start()
    try:
        seen = [predict([3.0]) for _ in range(20_000)]
    finally:
        stop.set()
        swapper.join()

    # 3·n − n: 0 from the first model, 2 from the second; anything else is a mixture.
    assert {(p.snapshot.version.name, float(p.values[0])) for p in seen} <= {("0", 0.0), ("1", 2.0)}
