"""Prefetch: a thread makes the next item while the last one is in use."""

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")


def prefetch(items: Generator[Item]) -> Iterator[Item]:
    """Yield the items, each made while the one before it is in use; close `items` at the end."""
    try:
        with ThreadPoolExecutor(1, thread_name_prefix="read-ahead") as thread:
            coming = thread.submit(next, items, None)
            while (item := coming.result()) is not None:
                coming = thread.submit(next, items, None)
                yield item
    finally:
        items.close()
