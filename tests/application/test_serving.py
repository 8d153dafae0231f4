"""The live model: refreshed, and predicted with."""

import logging
import threading

import numpy as np
import pytest

from application.live_model import LiveModel
from application.predict import Predict
from application.refresh_live_model import NONE_KNOWN, RefreshLiveModel
from domain.design_matrix import Columns, Matrix
from domain.errors import (
    BadRecord,
    BrokenModel,
    NoModel,
    ResultNotFinite,
    StoreUnavailable,
)
from domain.linear_model import LinearModel
from domain.model_version import ModelVersion
from domain.snapshot import Snapshot, Source
from tests.examples import a_lineage, a_model, a_version

BUNDLED = a_version("bundled", slope=1.0)


def serving(version: ModelVersion, source: Source = Source.REGISTRY) -> LiveModel:
    live = LiveModel()
    live.replace(Snapshot(version, source))
    return live


class Latest:
    """What the host knows of the champion, settable, or an error to raise."""

    def __init__(self) -> None:
        self.known: Snapshot | Exception | None = None

    def __call__(self) -> Snapshot | None:
        if isinstance(self.known, Exception):
            raise self.known
        return self.known


@pytest.fixture
def latest():
    return Latest()


@pytest.fixture
def live():
    return LiveModel()


@pytest.fixture
def refresh(latest, live):
    return RefreshLiveModel(latest, BUNDLED, live)


def test_nothing_is_predicted_before_a_model_is_loaded(live):
    assert not live.is_loaded
    with pytest.raises(NoModel):
        Predict(live)([0.2])


def test_bundled_model_serves_where_no_champion_was_ever_known(refresh, live):
    refresh()

    assert live.snapshot == Snapshot(BUNDLED, Source.BUNDLED)


def test_server_without_bundled_model_waits_for_a_champion_and_logs_each_reason_once(latest, live, caplog):
    refresh = RefreshLiveModel(latest, None, live)

    for known in (None, None, StoreUnavailable("disk", "gone"), StoreUnavailable("disk", "gone")):
        latest.known = known
        refresh()
    waited = live.is_loaded
    latest.known = Snapshot(a_version("1"), Source.CACHE)
    refresh()

    assert not waited
    assert live.snapshot == latest.known
    assert [record.why for record in caplog.records if record.message == "no_model"] == [
        NONE_KNOWN,
        "disk is not available: gone",
    ]


def test_champion_serves_once_it_is_known_and_again_when_it_changes(refresh, latest, live):
    refresh()
    for name in ("1", "2"):
        latest.known = Snapshot(a_version(name), Source.REGISTRY)
        refresh()
        assert live.snapshot.version.name == name


@pytest.mark.parametrize("error", [StoreUnavailable("disk", "gone"), BrokenModel("2", "half a file")])
def test_champion_that_cannot_be_read_leaves_the_served_one_in_place_but_unconfirmed(refresh, latest, live, error):
    latest.known = Snapshot(a_version("1"), Source.REGISTRY)
    refresh()
    latest.known = error

    refresh()

    assert live.snapshot == Snapshot(a_version("1"), Source.CACHE)


@pytest.mark.parametrize("known", [None, Snapshot(a_version("0"), Source.CACHE)])
def test_champion_in_memory_is_worth_more_than_a_copy_nobody_vouches_for(refresh, latest, live, known):
    latest.known = Snapshot(a_version("1"), Source.REGISTRY)
    refresh()
    latest.known = known

    refresh()

    assert live.snapshot == Snapshot(a_version("1"), Source.CACHE)


def test_unconfirmed_copy_is_worth_more_than_the_bundled_model(refresh, latest, live):
    refresh()
    latest.known = Snapshot(a_version("1"), Source.CACHE)

    refresh()

    assert live.snapshot == Snapshot(a_version("1"), Source.CACHE)


@pytest.mark.parametrize("before", [[], [None]], ids=["from the start", "after the bundled model"])
@pytest.mark.parametrize(
    "error", [StoreUnavailable("disk", "gone"), BrokenModel("1", "half a file"), NoModel("it is named")]
)
def test_nothing_serves_where_a_champion_is_known_and_cannot_be_read(refresh, latest, live, error, before):
    for latest.known in (*before, error):
        refresh()

    with pytest.raises(NoModel, match=str(error)):
        Predict(live)([0.2])


def test_only_changes_are_logged(refresh, latest, caplog):
    caplog.set_level(logging.INFO)
    latest.known = Snapshot(a_version("1"), Source.REGISTRY)
    refresh()
    refresh()
    latest.known = StoreUnavailable("disk", "gone")
    refresh()
    refresh()

    facts = [(record.levelname, record.source, record.why) for record in caplog.records]
    assert facts == [("INFO", "registry", ""), ("WARNING", "cache", "disk is not available: gone")]


def test_c11_champion_of_other_features_is_served_and_told_of(refresh, latest, caplog):
    refresh()
    latest.known = Snapshot(ModelVersion("1", a_model(1.0), a_lineage()), Source.REGISTRY)
    refresh()
    assert "features_changed" not in caplog.messages
    caplog.clear()
    latest.known = Snapshot(ModelVersion("2", a_model(1.0, 2.0), a_lineage()), Source.REGISTRY)

    refresh()

    (record,) = caplog.records
    assert (record.message, record.version, record.features) == ("features_changed", "2", 2)
    assert record.how == "new: bp"


def test_predictions_carry_the_snapshot_that_made_them():
    live = serving(a_version("7", slope=2.0))

    predictions = Predict(live)([0.5, 1])

    assert predictions.values.tolist() == [0.5 * 2 + 152.91886182616168, 2 + 152.91886182616168]
    assert predictions.snapshot.version.name == "7"


def test_row_that_does_not_fit_the_model_is_refused():
    with pytest.raises(BadRecord):
        Predict(serving(a_version()))([[0.1, 0.2]])


def test_overflowing_prediction_is_refused_by_row():
    model = LinearModel(np.array([1e300]), 0.0, ("bmi",))

    with pytest.raises(ResultNotFinite) as caught:
        Predict(serving(ModelVersion("1", model, a_lineage())))([1.0, 1e300, 2.0])

    assert caught.value.row == 1


def test_rows_matrix_and_columns_are_predicted_to_the_same_bits():
    random = np.random.default_rng(11)
    names = ("bmi", "bp", "s1", "s2", "s5")
    model = LinearModel(random.normal(size=5) * 10.0 ** random.integers(-9, 9, 5), 0.1, names)
    predict = Predict(serving(ModelVersion("1", model, a_lineage())))
    matrix = random.normal(size=(300, 5)) * 10.0 ** random.integers(-12, 12, (300, 5))

    rows = predict(matrix.tolist()).values

    assert predict(Matrix(matrix)).values.tobytes() == rows.tobytes()
    assert predict(Matrix(np.asfortranarray(matrix))).values.tobytes() == rows.tobytes()
    backwards = {names[column]: matrix[:, column] for column in reversed(range(5))}
    assert predict(Columns(backwards)).values.tobytes() == rows.tobytes()
    assert predict(Columns(backwards)).snapshot.version.name == "1"


def test_matrix_and_columns_that_do_not_fit_the_model_are_refused():
    predict = Predict(serving(a_version()))

    with pytest.raises(BadRecord):
        predict(Matrix(np.ones((2, 2))))
    with pytest.raises(BadRecord):
        predict(Columns({"bp": np.ones(2)}))


def test_large_predictions_are_not_taken_for_infinite():
    model = LinearModel(np.array([1.0]), 0.0, ("a",))

    assert Predict(serving(ModelVersion("1", model, a_lineage())))([1e200]).values.tolist() == [1e200]


def test_matrix_needs_a_model_too(live):
    with pytest.raises(NoModel):
        Predict(live)(Matrix(np.ones((1, 1))))


def test_no_request_sees_half_a_swap():
    versions = [
        ModelVersion(str(n), LinearModel(np.array([float(n)]), -float(n), ("x",)), a_lineage()) for n in range(2)
    ]
    live = serving(versions[0])
    predict, stop = Predict(live), threading.Event()

    def swap() -> None:
        while not stop.is_set():
            for version in versions:
                live.replace(Snapshot(version, Source.REGISTRY))

    swapper = threading.Thread(target=swap)
    swapper.start()
    try:
        seen = [predict([3.0]) for _ in range(20_000)]
    finally:
        stop.set()
        swapper.join()

    # 3·n − n: 0 from the first model, 2 from the second; anything else is a mixture.
    assert {(p.snapshot.version.name, float(p.values[0])) for p in seen} <= {("0", 0.0), ("1", 2.0)}
