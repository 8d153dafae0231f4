"""Kept view: visitors of the same second share a view, and the next one gets a new one."""

import itertools

from entrypoints.web.console.kept_view import KEPT_SECONDS, KeptView


def test_view_is_made_once_a_second():
    times = iter((10.0, 10.0 + KEPT_SECONDS / 2, 10.0 + KEPT_SECONDS, 10.1 + KEPT_SECONDS))
    view = KeptView(itertools.count().__next__, times.__next__)

    assert [view() for _ in range(4)] == [0, 0, 1, 1]
