import subprocess
import threading

import pytest

from adapters.files.last_known_good import FileLastKnownGood
from entrypoints.server.registry_sync import supervisor
from entrypoints.server.registry_sync.supervisor import DIED, running_sync
from tests.support.examples import a_version


def test_process_that_cannot_be_started_is_retried(mocker, monkeypatch, caplog):
    monkeypatch.setattr(supervisor, "RESTART_AFTER_SECONDS", 0.01)
    popen = mocker.patch.object(subprocess, "Popen", autospec=True, side_effect=OSError(12, "Cannot allocate memory"))
    counted, retried = [], threading.Event()

    def count(outcome):
        counted.append(outcome)
        if len(counted) == 3:
            retried.set()

    with running_sync(count) as sync:
        assert retried.wait(15)
        assert sync.has_polled

    assert set(counted) == {DIED}
    assert popen.call_count >= 3
    assert "Cannot allocate memory" in caplog.records[0].why


@pytest.mark.parametrize("kept", [True, False])
def test_start_waits_for_the_first_poll_only_without_a_copy(mocker, monkeypatch, caplog, tmp_path, kept):
    monkeypatch.setattr(supervisor, "MAX_START_SECONDS", 0.01)
    mocker.patch.object(supervisor.SyncProcess, "_supervise", autospec=True)
    local_copy = FileLastKnownGood(tmp_path)
    if kept:
        local_copy.keep(a_version())

    with running_sync(lambda _: None) as sync:
        sync.wait_for_champion(local_copy)

        assert not sync.has_polled
    assert caplog.messages == ([] if kept else ["first_sync_timed_out"])
