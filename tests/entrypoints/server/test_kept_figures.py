"""Kept figures: a server counts on after a restart, also if its disk cannot be written."""

import time

import pytest

from adapters.files import figures
from adapters.files.figures import FIGURES, FiguresFile
from adapters.shared_memory.drift_history import SharedDriftHistory
from adapters.shared_memory.traffic_ring import TrafficRing
from domain.monitoring.drift_series import DriftLevel
from domain.ports import MINUTES
from entrypoints.server import kept_figures as module
from entrypoints.server.kept_figures import kept_figures
from tests.support.monitoring import NOW, traffic


@pytest.fixture
def file(tmp_path):
    return FiguresFile(tmp_path / "serving")


def test_restart_keeps_the_hour(file):
    first, second, history, later = TrafficRing(), TrafficRing(), SharedDriftHistory(), SharedDriftHistory()
    with kept_figures((first.table, history.table), file):
        first.begin(NOW)
        first.add({"7": traffic(3)}, NOW)
        history.keep(DriftLevel(1, 0.5), NOW)

    with kept_figures((second.table, later.table), file):
        second.begin(NOW + 600)
        second.add({"7": traffic(1)}, NOW)

        assert (second.since, second.read(MINUTES, 60, NOW + 600)["7"].total().answered) == (NOW, 4)
        assert later.read(1, NOW + 60).drifted == (1,)


def test_figures_are_kept_while_the_server_runs(file, monkeypatch):
    monkeypatch.setattr(module, "KEEP_SECONDS", 0.01)
    ring, other = TrafficRing(), TrafficRing()
    with kept_figures((ring.table,), file):
        ring.add({"7": traffic(3)}, NOW)
        deadline = time.monotonic() + 5
        while not other.table.restore(file.content() or b"") or not other.read(MINUTES, 60, NOW + 600):
            assert time.monotonic() < deadline
            time.sleep(0.01)


def test_damaged_figures_are_begun_anew_and_logged(file, tmp_path, caplog):
    (tmp_path / "serving").mkdir()
    (tmp_path / "serving" / FIGURES).write_bytes(b"damaged")
    ring = TrafficRing()

    with kept_figures((ring.table,), file):
        assert (ring.since, ring.read(MINUTES, 60, NOW)) == (0.0, {})
    assert [record.message for record in caplog.records] == ["figures_not_read"]


def test_disk_that_cannot_be_written_is_logged(tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")

    with kept_figures((TrafficRing().table,), FiguresFile(tmp_path / "file")):
        pass

    assert [record.message for record in caplog.records] == ["figures_not_kept"]


def test_second_server_with_the_same_folder_counts_and_leaves_the_file_to_the_first(
    file, tmp_path, caplog, monkeypatch
):
    monkeypatch.setattr(figures, "WAIT_SECONDS", 0.0)
    first, second = TrafficRing(), TrafficRing()
    with kept_figures((first.table,), file):
        first.add({"7": traffic(3)}, NOW)
        with kept_figures((second.table,), FiguresFile(tmp_path / "serving")):
            second.add({"7": traffic(1)}, NOW)
    (record,) = caplog.records
    kept = TrafficRing()

    with kept_figures((kept.table,), file):
        assert kept.read(MINUTES, 1, NOW + 60)["7"].total() == traffic(3)
    assert record.message == "figures_not_kept"
    assert "another process" in record.why
