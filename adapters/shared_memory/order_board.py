"""Order board: the last orders that a serving host has accepted, in memory that its processes share."""

import json
import mmap
from collections.abc import Iterator

from adapters.shared_memory.process_lock import ProcessLock
from domain.delivery.order import Order
from domain.ports import OrderBoard

# The longest order takes some 2,100 bytes: texts of 464 characters, each of four bytes at most.
SLOTS, WIDTH, LENGTH_BYTES = 16, 4096, 2


class SharedOrderBoard(OrderBoard):
    """A ring of slots that child processes inherit; made before they are forked.

    A slot begins with the length of its text, which is written last: a process that is killed leaves no half of an
    order.
    """

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, SLOTS * WIDTH)
        self._lock = ProcessLock()

    def put(self, order: Order) -> Order:
        """Keep the order in the slot of the oldest one, or return the one that has its id."""
        with self._lock.held():
            kept = dict(self._read())
            for same in kept.values():
                if same.id == order.id:
                    return same
            free = [slot for slot in range(SLOTS) if slot not in kept]
            self._write(free[0] if free else min(kept, key=lambda slot: kept[slot].at), order)
        return order

    def orders(self) -> tuple[Order, ...]:
        """Return the kept orders by their times."""
        with self._lock.held():
            return tuple(sorted((order for _, order in self._read()), key=lambda order: (order.at, order.id)))

    def _read(self) -> Iterator[tuple[int, Order]]:
        for slot in range(SLOTS):
            start = slot * WIDTH
            length = int.from_bytes(self._memory[start : start + LENGTH_BYTES])
            if length:
                text = self._memory[start + LENGTH_BYTES : start + LENGTH_BYTES + length]
                yield slot, Order.from_values(json.loads(text))

    def _write(self, slot: int, order: Order) -> None:
        text, start = json.dumps(order.to_values(), ensure_ascii=False).encode(), slot * WIDTH
        body = start + LENGTH_BYTES
        self._memory[start:body] = bytes(LENGTH_BYTES)
        self._memory[body : body + len(text)] = text
        self._memory[start:body] = len(text).to_bytes(LENGTH_BYTES)
