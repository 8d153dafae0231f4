import multiprocessing
import os

import pytest

from entrypoints.metrics.ledger import shared_descriptor


@pytest.fixture
def shared():
    descriptor = shared_descriptor()
    yield descriptor
    os.close(descriptor)


@pytest.fixture
def fork():
    """Return a function that starts a process with the memory of this one, ended with the test."""
    started = []

    def start(target, *arguments):
        process = multiprocessing.get_context("fork").Process(target=target, args=arguments)
        process.start()
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.join()
