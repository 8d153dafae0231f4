import logging

import pytest

from application.serving.current_model import CurrentModel
from application.serving.refresh_current_model import NONE_KNOWN, RefreshCurrentModel
from domain.delivery.errors import NoModelLoaded
from domain.delivery.routing import Routing
from domain.delivery.served_model import ModelOrigin, ServedModel, ServedModels, ServedRollout
from domain.errors import StoreUnavailable
from domain.model.errors import CorruptModel
from domain.model.model_version import ModelVersion
from tests.support.examples import a_lineage, a_model, a_version
from tests.support.rollouts import a_canary

BUNDLED = a_version("bundled", slope=1.0)
FIRST, SECOND = (ServedModel(a_version(name), ModelOrigin.REGISTRY) for name in ("1", "2"))
COPY = ServedModel(a_version("0"), ModelOrigin.CACHE)
UNCONFIRMED = ServedModel(FIRST.version, ModelOrigin.CACHE)
DOWN, CORRUPT, NAMED = StoreUnavailable("disk", "gone"), CorruptModel("1", "half a file"), NoModelLoaded("it is named")


class Host:
    """A host whose `champion` and `rollout` a test sets; an error is raised."""

    champion: ServedModel | Exception | None = None
    rollout: ServedRollout | None = None

    def __init__(self, bundled: ModelVersion | None = BUNDLED) -> None:
        self.current, self.stopped = CurrentModel(), set()
        self.refresh = RefreshCurrentModel(self.resolve, bundled, self.current, self.stopped.__contains__)

    def resolve(self) -> ServedModels | None:
        if isinstance(self.champion, Exception):
            raise self.champion
        return ServedModels(self.champion, self.rollout) if self.champion else None

    def refresh_with(self, *champions: ServedModel | Exception | None) -> None:
        for self.champion in champions:
            self.refresh()


def test_confirmed_champion_is_served_before_a_known_one_and_that_before_the_bundled_model():
    for champions, served in (
        ([None], ServedModel(BUNDLED, ModelOrigin.BUNDLED)),
        ([None, FIRST], FIRST),
        ([None, COPY], COPY),
        ([FIRST, SECOND], SECOND),
        *(([FIRST, later], ServedModel(FIRST.version, ModelOrigin.CACHE)) for later in (DOWN, CORRUPT, None, COPY)),
    ):
        host = Host()
        host.refresh_with(*champions)
        assert host.current.snapshot == served


def test_no_model_is_served_while_the_champion_cannot_be_read():
    for before in ([], [None]):
        for error in (DOWN, CORRUPT, NAMED):
            host = Host()
            host.refresh_with(*before, error)
            with pytest.raises(NoModelLoaded) as caught:
                host.current.snapshot  # noqa: B018  # a property that raises
            assert caught.value.why in str(error)


def test_host_without_a_bundled_model_waits_for_a_champion_and_logs_each_reason_once(caplog):
    host = Host(bundled=None)

    host.refresh_with(None, None, DOWN, DOWN)
    waited = host.current.is_loaded
    host.refresh_with(COPY)

    assert not waited
    assert host.current.snapshot == COPY
    reasons = [record.why for record in caplog.records if record.message == "no_model"]
    assert reasons == [NONE_KNOWN, str(DOWN)]


def test_only_changes_are_logged(caplog):
    caplog.set_level(logging.INFO)

    Host().refresh_with(FIRST, FIRST, DOWN, DOWN)

    fields = [(record.levelname, record.source, record.why) for record in caplog.records]
    assert fields == [("INFO", "registry", ""), ("WARNING", "cache", str(DOWN))]


def test_copy_is_no_warning_at_the_start_and_one_after_a_confirmed_champion(caplog):
    caplog.set_level(logging.INFO)

    Host().refresh_with(UNCONFIRMED, FIRST, UNCONFIRMED)

    fields = [(record.levelname, record.source, record.why) for record in caplog.records]
    why = "the registry has not confirmed this champion"
    assert fields == [("INFO", "cache", why), ("INFO", "registry", ""), ("WARNING", "cache", why)]


def test_c11_champion_of_other_features_is_served_and_logged(caplog):
    champions = [
        ServedModel(ModelVersion(name, a_model(*slopes), a_lineage()), ModelOrigin.REGISTRY)
        for name, slopes in (("1", (1.0,)), ("2", (1.0, 2.0)))
    ]

    Host().refresh_with(None, *champions)

    (record,) = [record for record in caplog.records if record.message == "features_changed"]
    assert (record.version, record.features, record.how) == ("2", 2, "added: bp")


def at_weight(weight: int) -> ServedRollout:
    rollout = a_canary(FIRST.version, SECOND.version)
    return ServedRollout(rollout, SECOND, Routing(rollout.salt, weight), trusted_until=0.0)


def test_rollout_is_applied_beside_its_champion_and_each_change_of_weight_is_logged(caplog):
    caplog.set_level(logging.INFO)
    host = Host()
    for weight, champion in ((0, FIRST), (500, FIRST), (500, FIRST), (500, UNCONFIRMED), (0, FIRST), (100, FIRST)):
        host.rollout = at_weight(weight)
        host.refresh_with(champion)
        assert host.current.models == ServedModels(champion, host.rollout)

    host.refresh_with(DOWN)

    assert host.current.models == ServedModels(UNCONFIRMED)
    weights = [
        (record.rollout, record.version, record.weight)
        for record in caplog.records
        if record.message == "rollout_weight_changed"
    ]
    assert weights == [(host.rollout.rollout.id, "2", weight) for weight in (500, 0, 100, 0)]


def test_rollout_of_a_champion_that_is_not_served_yet_is_not_applied():
    host = Host()
    host.refresh_with(SECOND)
    host.rollout = at_weight(500)

    host.refresh_with(UNCONFIRMED)

    assert host.current.models == ServedModels(ServedModel(SECOND.version, ModelOrigin.CACHE))


def test_problem_of_a_challenger_is_logged_once(caplog):
    current, problems = CurrentModel(), ["corrupt", "corrupt", "", "corrupt"]
    refresh = RefreshCurrentModel(lambda: ServedModels(FIRST, challenger_problem=problems.pop()), None, current)
    while problems:
        refresh()

    assert [record.why for record in caplog.records if record.message == "challenger_refused"] == ["corrupt"] * 2


def test_rollout_that_a_client_has_aborted_gets_no_requests_at_this_host():
    host = Host()
    rollout = a_canary(FIRST.version, SECOND.version)
    host.rollout = ServedRollout(rollout, SECOND, Routing(rollout.salt, 1000), float("inf"))
    host.refresh_with(FIRST)
    before = host.current.models.rollout.routing.weight
    host.stopped.add(rollout.id)

    host.refresh_with(FIRST)

    assert (before, host.current.models.rollout.routing.weight) == (1000, 0)
