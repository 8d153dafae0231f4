"""Models with names as long as the CSV store, a tracker and a table make them, for the pages that show them."""

from dataclasses import replace
from datetime import UTC, datetime

from domain.delivery.analysis import analyze
from domain.delivery.counts import RolloutCounts
from domain.delivery.order import AnsweredOrder, OrderAction
from domain.delivery.rollout_reader import Exposure
from domain.delivery.served_model import ModelOrigin, ServedModel, ServedModels
from domain.features.category_column import CategoryColumn
from domain.features.datetime_column import DatetimeColumn
from domain.features.target_transform import IDENTITY
from domain.model.linear_model import LinearModel
from domain.model.model_version import ModelVersion
from domain.monitoring.change import Change, What
from tests.support.examples import a_lineage
from tests.support.mixed_tables import example_encoding, moments_of
from tests.support.orders import an_order, order_id
from tests.support.rollouts import a_served_rollout

CHAMPION, CHALLENGER = "20261128T144933.123456Z", "20261129T021507.654321Z"
# The predictions of both versions differ most at the third.
LEVELS = ("Stavanger", "Sankt-Peter-Ording", "W" * 56, "L" * 190)


def long_models() -> ServedModels:
    """Return a champion and a challenger of columns of every kind, with effects of millions and some evidence."""
    champion, challenger = _version(CHAMPION, 1e6), _version(CHALLENGER, 1.03e6)
    served = a_served_rollout(challenger.model, weight=500)
    counts = RolloutCounts(pairs=433, differences=40, slow_candidate=2, answers_candidate=233, answers_baseline=250)
    rollout = replace(
        served.rollout,
        champion=CHAMPION,
        challenger=CHALLENGER,
        held="failed answers: 3 of 433",
        counts=counts,
        analysis=analyze(counts, counts, served.rollout.plan, stage=1).to_values(),
        orders=(AnsweredOrder(an_order(1, OrderAction.PAUSE, why="w" * 100), "x" * 100),),
    )
    served = replace(served, rollout=rollout, challenger=ServedModel(challenger, ModelOrigin.REGISTRY))
    exposure = Exposure(rollout, served.routing.weight, served.trusted_until)
    return ServedModels(ServedModel(champion, ModelOrigin.REGISTRY), served, exposure)


def long_changes(at: datetime) -> tuple[Change, ...]:
    """Return a change by an order, whose reason names it."""
    why = f"order {order_id(2**128 - 1)}"
    return (Change(at=at.astimezone(UTC), what=What.PROMOTE, version=CHAMPION, by="night-ops (key ops-2)", why=why),)


def _version(name: str, scale: float) -> ModelVersion:
    encoding = example_encoding(products=())
    area, new, _, sold = encoding.columns
    assert isinstance(sold, DatetimeColumn)
    columns = (area, new, CategoryColumn("home city", LEVELS), replace(sold, parts=("month", "weekday")))
    encoding = replace(encoding, columns=columns)
    weights = [scale * (1 + place % 7) * (-1) ** place for place in range(len(encoding.term_names))]
    model = LinearModel(weights, 5e6, encoding, IDENTITY)
    return ModelVersion(name, model, a_lineage(run_id="3f" * 16), None, moments_of(model))
