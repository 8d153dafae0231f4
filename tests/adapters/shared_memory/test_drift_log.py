import os

import pytest

from adapters.shared_memory import sequence_lock
from adapters.shared_memory.drift_log import SharedDriftLog
from domain.monitoring.errors import FiguresUnavailable
from tests.contracts.drift_log import DriftLogContract
from tests.support.monitoring import NOW


class TestSharedDriftLog(DriftLogContract):
    @pytest.fixture
    def log(self):
        return SharedDriftLog()

    def test_place_outside_of_the_table_is_left_out(self, log):
        log.add("7", 1, {9_999: 1, -1: 1, 2: 1}, NOW)

        assert self.counts(log) == {2: 1}

    def test_another_process_reads_what_one_writes(self, log):
        pid = os.fork()
        if pid == 0:
            log.add("7", 4, {1: 4}, NOW)
            os._exit(0)
        os.waitpid(pid, 0)

        assert (log.read().rows, self.counts(log)) == (4, {1: 4})

    def test_window_of_a_writer_that_was_stopped_is_unavailable(self, log, mocker):
        mocker.patch.object(sequence_lock.time, "sleep", autospec=True)
        log.add("7", 4, {1: 4}, NOW)
        writing = log._shared.writing()
        writing.__enter__()

        with pytest.raises(FiguresUnavailable):
            log.read()
        writing.__exit__(None, None, None)
        assert log.read().rows == 4
