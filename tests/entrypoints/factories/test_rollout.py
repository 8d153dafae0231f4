"""Readers of the rollout: what the registry sync has read, and what is in the files of this host."""

from types import SimpleNamespace

from domain.delivery.rollout import RolloutRecord
from domain.delivery.rollout_reader import Exposure
from entrypoints.factories.rollout import local_rollout, synced_rollout
from tests.support.rollouts import a_rollout


def test_rollout_is_that_of_the_last_report_or_of_the_files():
    exposed = SimpleNamespace(exposure=Exposure(a_rollout(), 0, 0.0))
    for report, found in ((None, None), (SimpleNamespace(exposure=None), None), (exposed, a_rollout())):
        assert synced_rollout(SimpleNamespace(read=lambda report=report: report))() == found
    for record, found in ((None, None), (RolloutRecord(a_rollout()), a_rollout())):
        assert local_rollout(SimpleNamespace(read=lambda record=record: record))() == found
