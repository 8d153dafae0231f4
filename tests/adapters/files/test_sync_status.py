"""Sync status: one process publishes reports, others read them whole."""

from dataclasses import replace
from math import inf

import numpy as np
import pytest

from adapters.files import sync_status as module
from adapters.files.sync_status import FileSyncStatus, sync_status_path
from domain.delivery.rollout_reader import Exposure
from domain.delivery.sync_report import RegistryState, SyncReport
from domain.errors import StoreUnavailable
from domain.model.model_version import ModelVersion
from domain.model.reference_predictions import ReferencePredictions
from tests.support.examples import a_lineage, a_model, a_version
from tests.support.rollouts import a_canary

CHALLENGER = a_version("8", slope=np.pi)
EXPOSURE = Exposure(a_canary(a_version("7"), CHALLENGER), 1000, 99.5)
REPORT = SyncReport(a_version("7", slope=0.1 + 0.2), RegistryState.OK, "", 12.5, 13.5)


@pytest.fixture
def writer(tmp_path):
    return FileSyncStatus(tmp_path / "status")


@pytest.fixture
def reader(tmp_path):
    return FileSyncStatus(tmp_path / "status")


def test_reports_are_read_as_they_were_published(writer, reader):
    assert reader.read() is None
    for report in (
        REPORT,
        SyncReport(None, RegistryState.UNREACHABLE, "refused, ’\n", None, 0.25, "no space left", champion_named=True),
        replace(REPORT, state=RegistryState.INVALID, reason="digest"),
        replace(REPORT, exposure=EXPOSURE, challenger=CHALLENGER),
        replace(REPORT, exposure=replace(EXPOSURE, trusted_until=-inf), challenger_problem="it’s corrupt"),
    ):
        writer.publish(report)
        assert reader.read() == report


def test_model_is_parsed_when_it_changes_and_the_report_when_it_is_published(writer, reader):
    report = replace(REPORT, exposure=EXPOSURE, challenger=CHALLENGER)
    writer.publish(report)
    first = reader.read()
    assert reader.read() is first

    writer.publish(replace(report, reported_at=99.0))

    assert reader.read().reported_at == 99.0
    assert reader.read().champion is first.champion
    assert reader.read().challenger is first.challenger


def test_c12_champion_that_predicts_otherwise_in_this_process_is_left_out(writer, reader):
    writer.publish(
        replace(REPORT, champion=ModelVersion("8", a_model(), a_lineage(), ReferencePredictions([[1.0]], [7.0])))
    )

    report = reader.read()

    assert (report.champion, report.state) == (None, RegistryState.INVALID)
    assert "reference row 0" in report.reason


def test_challenger_that_predicts_otherwise_in_this_process_is_left_out_alone(writer, reader):
    wrong = ModelVersion("8", a_model(), a_lineage(), ReferencePredictions([[1.0]], [7.0]))
    writer.publish(replace(REPORT, exposure=EXPOSURE, challenger=wrong))

    report = reader.read()

    assert (report.champion, report.state, report.challenger) == (REPORT.champion, RegistryState.OK, None)
    assert "reference row 0" in report.challenger_problem


@pytest.mark.parametrize("memory", [module.MEMORY, "/nonexistent"])
def test_status_is_for_its_user_only_and_is_removed_with_its_context(memory, monkeypatch):
    monkeypatch.setattr(module, "MEMORY", memory)

    with sync_status_path() as path:
        FileSyncStatus(path).publish(REPORT)
        assert path.is_relative_to(memory) is (memory != "/nonexistent")
        assert path.parent.stat().st_mode & 0o077 == 0

    with pytest.raises(StoreUnavailable):
        FileSyncStatus(path).publish(REPORT)
    assert FileSyncStatus(path).read() is None
