"""Kept figures: a server counts on after a restart, also if its disk cannot be written."""

import time

import pytest

from adapters.files.figures import FIGURES, FiguresFile
from adapters.shared_memory.traffic_ring import TrafficRing
from domain.ports import MINUTES
from entrypoints.server import kept_figures as module
from entrypoints.server.kept_figures import kept_figures
from tests.support.monitoring import NOW, traffic


@pytest.fixture
def file(tmp_path):
    return FiguresFile(tmp_path / "serving")


def test_restart_keeps_the_hour(file):
    first, second = TrafficRing(), TrafficRing()
    with kept_figures(first, file, NOW):
        first.add({"7": traffic(3)}, NOW)

    with kept_figures(second, file, NOW + 600):
        second.add({"7": traffic(1)}, NOW)

        assert (second.since, second.read(MINUTES, 60, NOW + 600)["7"].total().answered) == (NOW, 4)


def test_figures_are_kept_while_the_server_runs(file, monkeypatch):
    monkeypatch.setattr(module, "KEEP_SECONDS", 0.01)
    ring, other = TrafficRing(), TrafficRing()
    with kept_figures(ring, file, NOW):
        ring.add({"7": traffic(3)}, NOW)
        deadline = time.monotonic() + 5
        while not other.restore(file.content() or b"") or not other.read(MINUTES, 60, NOW + 600):
            assert time.monotonic() < deadline
            time.sleep(0.01)


def test_damaged_figures_are_begun_anew_and_logged(file, tmp_path, caplog):
    (tmp_path / "serving").mkdir()
    (tmp_path / "serving" / FIGURES).write_bytes(b"damaged")
    ring = TrafficRing()

    with kept_figures(ring, file, NOW):
        assert (ring.since, ring.read(MINUTES, 60, NOW)) == (NOW, {})
    assert [record.message for record in caplog.records] == ["figures_not_read"]


def test_disk_that_cannot_be_written_is_logged(tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")

    with kept_figures(TrafficRing(), FiguresFile(tmp_path / "file"), NOW):
        pass

    assert [record.message for record in caplog.records] == ["figures_not_kept"]
