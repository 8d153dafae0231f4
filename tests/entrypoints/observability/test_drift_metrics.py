from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest

from application.serving.predict_rows import Predictions
from domain.delivery.served_model import ModelOrigin, ServedModel, ServedModels
from domain.model.distributions import Distributions
from entrypoints.observability.drift_metrics import MAX_REQUEST_ROWS, MAX_ROWS, DriftSampler, drift_of
from entrypoints.observability.request_context import RequestContext
from tests.support.examples import a_version

VERSION = a_version("7")
VERSION = replace(VERSION, distributions=Distributions.of(VERSION.model, np.linspace(-0.1, 0.2, 80)[:, np.newaxis], 0))
MODELS = ServedModels(ServedModel(VERSION, ModelOrigin.REGISTRY))


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def sampler(clock):
    return DriftSampler(clock)


def request(*inputs: float, version=VERSION) -> RequestContext:
    """Return the context of an answered request with these rows."""
    context = RequestContext("1", "POST", "/batch", 0.0)
    values = np.array(inputs)[:, np.newaxis]
    predictions = Predictions(version.model.predict(values), ServedModel(version, ModelOrigin.REGISTRY), values)
    context.record_predictions(predictions)
    return context


def counted(sampler, *contexts, models=MODELS):
    amounts = defaultdict(float)
    sampler.count(contexts, models, amounts)
    return drift_of(amounts)


def test_rows_are_counted_by_bin(sampler):
    inputs = [-0.05, 0.15, 0.15]

    found = counted(sampler, request(*inputs[:1]), request(*inputs[1:]), request())

    values = np.array(inputs)[:, np.newaxis]
    expected = VERSION.distributions.count(values, VERSION.model.predict(values))
    assert found["7"].rows == 3
    assert found["7"].counts == {place: count for place, count in enumerate(expected.tolist()) if count}


def test_rows_are_counted_once_a_second(sampler, clock):
    assert counted(sampler, request(0.0))["7"].rows == 1
    assert counted(sampler, request(0.0)) == {}
    clock.now += 1.0
    assert counted(sampler, request(0.0))["7"].rows == 2
    clock.now += 1.0
    assert counted(sampler) == {}


def test_sample_is_bounded_by_rows_of_a_request_and_of_a_second(sampler, clock):
    large = request(*np.linspace(0, 1, 1_000))
    sampler.keep_or_drop(large)

    assert len(large.predictions.values) == MAX_REQUEST_ROWS
    assert large.predictions.inputs.base is None
    assert counted(sampler, large)["7"].rows == MAX_REQUEST_ROWS
    clock.now += 1.0
    assert counted(sampler, *(request(0.0, 0.1, 0.2) for _ in range(100)))["7"].rows == MAX_ROWS


def test_answered_requests_beyond_the_sample_of_a_second_hold_no_memory(sampler, clock):
    contexts = [RequestContext("1", "GET", "/livez", 0.0), *(request(0.0) for _ in range(2 * MAX_ROWS))]
    for context in contexts:
        sampler.keep_or_drop(context)

    assert sum(context.predictions is not None for context in contexts) == MAX_ROWS
    assert counted(sampler, *contexts)["7"].rows == MAX_ROWS
    again = request(0.0)
    sampler.keep_or_drop(again)
    assert again.predictions is not None


def test_rows_of_other_versions_and_failed_requests_do_not_count(sampler, clock):
    other = replace(a_version("8", slope=2.0), distributions=VERSION.distributions)
    without = ServedModels(ServedModel(a_version("7"), ModelOrigin.CACHE))
    for contexts, models in (
        ([request(0.0, version=other), RequestContext("1", "GET", "/model", 0.0)], MODELS),
        ([request(0.0)], None),
        ([request(0.0)], without),
    ):
        assert counted(sampler, *contexts, models=models) == {}
        clock.now += 1.0


def test_rows_that_wait_are_dropped_when_the_champion_changes(sampler, clock):
    other = replace(VERSION, name="8")
    counted(sampler, request(0.0))
    counted(sampler, request(0.0))
    clock.now += 1.0

    found = counted(sampler, request(0.1, version=other), models=ServedModels(ServedModel(other, ModelOrigin.REGISTRY)))

    assert {version: counts.rows for version, counts in found.items()} == {"8": 1}
