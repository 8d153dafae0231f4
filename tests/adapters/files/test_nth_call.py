"""Whatever call to the operating system fails, or is the last one that a process makes: old or new, and no rubbish."""

import errno
import json
import os
import subprocess
import sys
from itertools import count

import pytest

from adapters.files import last_known_good, model_store
from domain.errors import EndeavourError, StoreUnavailable
from tests.adapters.files.in_place import write_in_place
from tests.adapters.files.nth_call import fails, nth_call, writes_half
from tests.adapters.files.saving import SAVINGS, place_anew

ERRORS = (errno.ENOSPC, errno.EIO, errno.EMFILE)


@pytest.fixture(params=SAVINGS, ids=lambda name: name.replace(" ", "_"))
def saving(request):
    return SAVINGS[request.param]


@pytest.fixture
def root(tmp_path):
    return tmp_path / "place"


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch):
    """What was written outlives a process in the kernel's memory; power cuts are tried elsewhere."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


def rubbish(root):
    return list(root.glob(".*.tmp"))


def open_files():
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208  # Path.iterdir opens one more while it counts


@pytest.mark.parametrize("error", ERRORS, ids=errno.errorcode.get)
def test_error_of_any_call_leaves_the_old_or_the_new_and_a_repetition_mends_it(saving, root, error):
    for number in count(1):
        place_anew(saving, root)
        before = open_files()

        with nth_call(number, fails(error)) as nth:
            acknowledged = tried(saving, root)

        assert saving.found(root) in (("new",) if acknowledged else ("old", "new")), nth
        assert rubbish(root) == [], nth
        assert open_files() == before, nth
        saving.save(root)
        assert saving.found(root) == "new", nth
        if nth.name is None:
            assert acknowledged
            assert number > 10
            return


@pytest.mark.parametrize("name", ["copy of the champion", "CSV store"])
def test_files_written_in_place_do_not_pass(root, monkeypatch, name):
    for module in (last_known_good, model_store):
        monkeypatch.setattr(module, "write_atomically", write_in_place)

    with pytest.raises((AssertionError, EndeavourError, ValueError)):
        fail_at_every_call(SAVINGS[name], root)


def fail_at_every_call(saving, root) -> None:
    for number in range(1, 100):
        place_anew(saving, root)
        with nth_call(number, fails(errno.ENOSPC)):
            tried(saving, root)
        saving.found(root)


def tried(saving, root) -> bool:
    """Return whether the save was acknowledged; any error but the port's own comes through."""
    try:
        saving.save(root)
    except StoreUnavailable:
        return False
    return True


def test_write_that_takes_only_half_is_continued(saving, root):
    for number in count(1):
        place_anew(saving, root)

        with nth_call(number, writes_half) as nth:
            saving.save(root)

        assert saving.found(root) == "new", nth
        if nth.name is None:
            return


def test_process_killed_at_any_call_leaves_the_old_or_the_new(root):
    program = [sys.executable, "-m", "tests.adapters.files.killed_at_every_call", str(root)]
    # One thread, so that the program may fork.
    finished = subprocess.run(program, capture_output=True, check=True, env=os.environ | {"OPENBLAS_NUM_THREADS": "1"})

    answer = json.loads(finished.stdout)
    assert set(answer) == set(SAVINGS)
    for name, seen in answer.items():
        assert seen["wrong"] == [], name
        assert seen["kills"] > 20, name
