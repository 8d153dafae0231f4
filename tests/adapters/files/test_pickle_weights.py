"""A hostile pickle is an error and runs nothing."""

import os
import pickle
import random
import struct
from pathlib import Path

import pytest

from adapters.files.pickle_weights import LARGEST, PickleWeights
from domain.errors import BrokenModel
from domain.record import from_record, to_record
from tests.examples import a_version

GOOD = PickleWeights().encode(to_record(a_version("1")))[".pkl"]


class Call:
    """Pickles as a call of `function` with `arguments`."""

    def __init__(self, function, *arguments):
        self.function, self.arguments = function, arguments

    def __reduce__(self):
        return self.function, self.arguments


def text(value: str) -> bytes:
    return b"X" + struct.pack("<I", len(value)) + value.encode()


def hostile(touched: Path) -> dict[str, bytes]:
    """Return pickles that would create the file `touched`, crash, or eat memory."""
    command = f"touch {touched}"
    calls = {
        "os.system": Call(os.system, command),
        "os.popen": Call(os.popen, command),
        "eval": Call(eval, f"open({str(touched)!r}, 'w')"),
        "exec": Call(exec, f"open({str(touched)!r}, 'w')"),
        "open": Call(open, str(touched), "w"),
        "mkdir": Call(os.mkdir, str(touched)),
        "getattr": Call(getattr, os, "system"),
    }
    pickles = {
        f"{name}, protocol {protocol}": pickle.dumps(call, protocol)
        for name, call in calls.items()
        for protocol in range(2, 6)
        if name != "getattr"
    }
    inside = to_record(a_version("1")) | {"intercept": calls["os.system"]}
    system = b"cposix\nsystem\n"
    return pickles | {
        "within a record": pickle.dumps(inside, 4),
        "protocol 0": pickle.dumps(calls["os.system"], 0),
        "GLOBAL and REDUCE": system + b"(" + text(command) + b"tR.",
        "STACK_GLOBAL": b"\x80\x04" + text("posix") + text("system") + b"\x93" + text(command) + b"\x85R.",
        "INST": b"(" + text(command) + b"iposix\nsystem\n.",
        "OBJ": b"(" + system + text(command) + b"o.",
        "NEWOBJ": b"\x80\x02" + system + text(command) + b"\x85\x81.",
        "NEWOBJ_EX": b"\x80\x04" + system + text(command) + b"\x85}\x92.",
        "BUILD": b"\x80\x02ctypes\nSimpleNamespace\n)R}" + text("x") + b"K\x01sb.",
        "numpy's runstring": b"cnumpy.testing._private.utils\nrunstring\n(" + text("1") + b"}tR.",
        "persistent object": b"Pevil\n.",
        "persistent object, binary": text("evil") + b"Q.",
        "extension code": b"\x80\x02\x82\x01.",
        "extension code 2": b"\x80\x02\x83\x01\x00.",
        "extension code 4": b"\x80\x02\x84\x01\x00\x00\x00.",
        "huge memo index": b"\x80\x02Nr\xff\xff\xff\x7f.",
        "huge bytes": b"\x80\x04\x8e" + struct.pack("<Q", 1 << 60) + b".",
        "huge text": b"\x80\x04\x8d" + struct.pack("<Q", 1 << 60) + b".",
        "huge frame": b"\x80\x04\x95" + struct.pack("<Q", (1 << 63) - 1) + b"N.",
        "huge long": b"\x80\x02\x8b\xff\xff\xff\x7f.",
        "negative long": b"\x80\x02\x8b\xff\xff\xff\xff.",
        "bytearray": pickle.dumps(bytearray(b"x" * 10), 5),
        "set": pickle.dumps({1, 2}, 4),
        "tuple": pickle.dumps((1, 2), 4),
        "deep nesting": b"\x80\x04" + b"]" * 100_000 + b"a" * 99_999 + b".",
        "list within itself": b"\x80\x04]\x94h\x00a.",
        "memo that is not there": b"\x80\x04h\x07.",
        "empty stack": b"\x80\x04a.",
        "mark missing": b"\x80\x04]e.",
        "append to a number": b"\x80\x04K\x01K\x01a.",
        "unhashable key": b"\x80\x04}]K\x01s.",
        "nothing": b"",
        "no end": GOOD[:-1],
        "two pickles": GOOD + GOOD,
        "something after the end": GOOD + b"\x00",
        "another protocol": b"\x80\xff" + GOOD[2:],
        "too many instructions": b"\x80\x04]" + b"Na" * 100_001 + b".",
        "too large": GOOD + b"\x00" * LARGEST,
        "not a pickle": b"hello",
        "another record": pickle.dumps({"schema": 1}, 4),
        "another schema": pickle.dumps(to_record(a_version("1")) | {"schema": 2}, 4),
        "true for a number": pickle.dumps(to_record(a_version("1")) | {"intercept": True}, 4),
    }


NAMES = list(hostile(Path("/nowhere")))


@pytest.mark.parametrize("name", NAMES)
def test_hostile_pickle_is_an_error_and_runs_nothing(name, tmp_path):
    touched = tmp_path / "touched"

    with pytest.raises((ValueError, BrokenModel)):
        from_record(PickleWeights().decode({".pkl": hostile(touched)[name]}), "1")

    assert not touched.exists()


def test_there_are_fifty_of_them_and_the_plain_unpickler_runs_them(tmp_path):
    touched = tmp_path / "touched"

    pickle.loads(hostile(touched)["os.system, protocol 4"])  # noqa: S301  # to show that the cases are real

    assert touched.exists()
    assert len(NAMES) >= 50


def test_mutated_pickle_is_the_model_or_an_error():
    chance = random.Random(20261123)  # noqa: S311  # not for secrets
    outcomes = {"model": 0, "error": 0}

    for _ in range(20_000):
        data = bytearray(GOOD)
        for _ in range(chance.choice((1, 1, 2, 8))):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            version = from_record(PickleWeights().decode({".pkl": bytes(data)}), "1")
        except (ValueError, BrokenModel):
            outcomes["error"] += 1
        else:
            assert version.model == a_version("1").model
            outcomes["model"] += 1

    assert outcomes["error"] > 10_000


def test_model_too_large_to_read_back_is_not_written():
    record = to_record(a_version("1")) | {"coefficients": [0.1] * 150_000}

    with pytest.raises(ValueError, match="larger than"):
        PickleWeights().encode(record)
