"""Disk problem: words for people, without the path."""

import errno

from adapters.host.disk_problem import disk_problem


def test_causes_have_words_without_number_and_path():
    full, busy = (OSError(number, "words of the system", "/srv/copy") for number in (errno.ENOSPC, errno.EBUSY))

    assert disk_problem(full) == "no space is left on the disk"
    assert disk_problem(busy) == "device or resource busy"
    assert disk_problem(ValueError("CURRENT is not a regular file")) == "CURRENT is not a regular file"
    assert disk_problem(OSError("another process holds it")) == "another process holds it"
