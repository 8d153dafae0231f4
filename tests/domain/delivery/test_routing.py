"""Routing: the same keys in every process, more of them at a higher weight, and others under another salt."""

import subprocess
import sys

import pytest

from domain.delivery.routing import BUCKETS, Routing

SALT = "9f3c1e2a5b6c7d8e"
USERS = [f"user-{number}" for number in range(20_000)]
PRINT_BUCKETS = """
from domain.delivery.routing import Routing
routing = Routing("9f3c1e2a5b6c7d8e", 0)
print([routing.bucket(f"user-{number}") for number in range(200)])
"""


def test_buckets_are_those_of_the_reference():
    for salt, buckets in (
        (SALT, {"customer-8812345": 7566, "customer-8812346": 9186}),
        ("0" * 16, {"a": 6850, "ü": 5794, "x" * 128: 4522}),
    ):
        assert {key: Routing(salt, 0).bucket(key) for key in buckets} == buckets


def test_higher_weight_adds_keys_and_removes_none():
    chosen: set[str] = set()
    for weight, share in ((0, 0.0), (100, 0.00915), (500, 0.04815), (1000, 0.0968), (2500, 0.2484), (5000, 0.4984)):
        more = set(filter(Routing(SALT, weight).is_challenger, USERS))

        assert chosen <= more
        assert len(more) / len(USERS) == share
        chosen = more
    assert all(map(Routing(SALT, BUCKETS).is_challenger, USERS))


def test_other_salt_chooses_other_keys():
    first, second = (set(filter(Routing(salt, 1000).is_challenger, USERS)) for salt in (SALT, "0" * 16))

    # Independent choices of a tenth share a hundredth of 20,000 keys; their standard deviation is 14.
    assert abs(len(first & second) - 200) < 5 * 14


def test_buckets_are_equal_in_processes_with_other_hash_seeds():
    printed = [
        subprocess.run(
            [sys.executable, "-c", PRINT_BUCKETS], env={"PYTHONHASHSEED": seed}, check=True, capture_output=True
        )
        for seed in ("1", "2")
    ]

    assert {process.stdout for process in printed} == {
        b"%a\n" % [Routing(SALT, 0).bucket(user) for user in USERS[:200]]
    }


def test_malformed_salt_or_weight_is_refused():
    for salt, weight in (("", 1), (SALT[:-1], 1), (SALT.upper(), 1), (SALT, -1), (SALT, BUCKETS + 1)):
        with pytest.raises(ValueError, match="a routing takes"):
            Routing(salt, weight)
