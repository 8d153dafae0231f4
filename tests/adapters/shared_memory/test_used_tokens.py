import multiprocessing
import secrets

from adapters.shared_memory.used_tokens import NONCES, SharedUsedTokens

FORK = multiprocessing.get_context("fork")


def test_nonces_are_new_once_in_all_processes():
    used, counted = SharedUsedTokens(), FORK.Value("i", 0)
    nonces = [secrets.randbits(64) for _ in range(10_000)]

    def deliver():
        mine = sum(sum(used.add(nonces[at : at + 100])) for at in range(0, len(nonces), 100))
        with counted.get_lock():
            counted.value += mine

    processes = [FORK.Process(target=deliver) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()

    assert counted.value == len(nonces)


def test_nonce_is_new_again_after_eight_later_ones_with_its_places():
    used, sets = SharedUsedTokens(), NONCES // 8
    same_places = [2**63 + number * sets for number in range(9)]

    assert used.add(same_places[:8]) == [True] * 8
    assert used.add(same_places[:8]) == [False] * 8
    assert used.add(same_places[8:] + same_places[:2]) == [True, True, True]
