from adapters.memory.dataset_source import InMemorySource
from application.training.held_out_rows import HeldOutRows
from domain.data.split import HoldOutLast
from domain.learning.plan import TrainingPlan
from domain.learning.sgd import SGD
from tests.support.examples import a_table


class CountingSource(InMemorySource):
    """Counts how often it is asked for rows."""

    loads = 0

    def load(self, target, features=None, **options):
        self.loads += 1
        return super().load(target, features, **options)


def test_source_is_read_again_only_for_columns_that_are_not_at_hand():
    source, hold_out = CountingSource(a_table()), HoldOutLast(10)
    held_out = HeldOutRows(source, TrainingPlan("y", ("x1",), hold_out, SGD()), hold_out(a_table().select(["x1"])).test)

    for features, loads in ((["x1"], 0), (["x1", "x0"], 1)):
        rows = held_out.with_features(dict.fromkeys(features, "number"))

        assert rows.fingerprint == hold_out(a_table()).test.select(features).fingerprint
        assert source.loads == loads
