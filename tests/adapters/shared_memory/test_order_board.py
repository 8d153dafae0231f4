"""Order board: shared by processes, bounded, and whole after a process was killed."""

import multiprocessing
import os
import signal

from adapters.shared_memory.order_board import LENGTH_BYTES, SLOTS, WIDTH, SharedOrderBoard
from domain.delivery.order import MAX_BY_CHARACTERS, MAX_SEEN_CHARACTERS, MAX_WHY_CHARACTERS
from tests.support.orders import an_order, order_id


def test_order_of_another_process_is_kept_and_the_same_id_is_one_order():
    board = SharedOrderBoard()
    process = multiprocessing.get_context("fork").Process(target=board.put, args=(an_order(),))
    process.start()
    process.join()

    kept = board.put(an_order(why="again"))

    assert (kept, board.orders()) == (an_order(), (an_order(),))


def test_last_orders_are_kept_by_their_times():
    board = SharedOrderBoard()

    for number in range(1, SLOTS + 4):
        board.put(an_order(number))

    assert [order.id for order in board.orders()] == [order_id(number) for number in range(4, SLOTS + 4)]


def test_longest_order_fits_its_slot():
    board, wide = SharedOrderBoard(), "\U0001f600"
    longest = an_order(
        seen=f"r:{wide * (MAX_SEEN_CHARACTERS - 2)}",
        version=wide * MAX_SEEN_CHARACTERS,
        by=wide * MAX_BY_CHARACTERS,
        why='"' * MAX_WHY_CHARACTERS,
    )

    for number in range(SLOTS):
        board.put(an_order(number, **{name: getattr(longest, name) for name in ("seen", "version", "by", "why")}))

    assert {order.why for order in board.orders()} == {longest.why}
    assert len(board.orders()) == SLOTS


def test_killed_process_leaves_no_half_of_an_order():
    board = SharedOrderBoard()
    board.put(an_order(1))

    def killed():
        memory = board._memory  # a write that ends in the middle
        memory[WIDTH : WIDTH + 60] = bytes(LENGTH_BYTES) + b"{" * 58
        os.kill(os.getpid(), signal.SIGKILL)

    process = multiprocessing.get_context("fork").Process(target=killed)
    process.start()
    process.join()
    board.put(an_order(2))

    assert [order.id for order in board.orders()] == [order_id(1), order_id(2)]
