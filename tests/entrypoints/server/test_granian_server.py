import multiprocessing
import os
import threading

from entrypoints.server.granian_server import Worker


def test_worker_that_another_thread_has_reaped_has_ended(mocker):
    mocker.patch("multiprocessing.get_start_method", autospec=True, return_value="fork")
    go = multiprocessing.get_context("fork").Event()
    worker = Worker(None, 0, go.wait, ())
    worker.inner.start()
    before = worker.is_alive()
    reaper = threading.Thread(target=os.waitpid, args=(worker.inner.pid, 0))
    reaper.start()
    go.set()
    reaper.join()

    assert (before, worker.is_alive(), worker.inner.is_alive()) == (True, False, True)
