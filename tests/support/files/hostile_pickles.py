"""Hostile pickles: they run programs, crash, take memory or time without bound, or are no record."""

import io
import os
import pickle
import struct
from pathlib import Path

from adapters.files.pickle_weights import MAX_WEIGHTS_BYTES, PickleWeights
from domain.model.serialization import to_record
from tests.support.examples import a_version

NAME = "20261123T120000.000000Z"
RECORD = to_record(a_version(NAME))
GOOD = PickleWeights().encode(RECORD)[".pkl"]


class Call:
    """Pickles as a call of `function` with `arguments`."""

    def __init__(self, function, *arguments):
        self.function, self.arguments = function, arguments

    def __reduce__(self):
        return self.function, self.arguments


def text(value: str) -> bytes:
    return b"X" + struct.pack("<I", len(value)) + value.encode()


def running(touched: Path) -> dict[str, bytes]:
    """Return pickles that create the file `touched` when `pickle.loads` reads them."""
    command = f"touch {touched}"
    call, system = Call(os.system, command), b"cposix\nsystem\n"
    return {f"os.system, protocol {protocol}": pickle.dumps(call, protocol) for protocol in range(6)} | {
        "as a key of a record": pickle.dumps(RECORD, 4)[:-1] + pickle.dumps(call, 4)[2:-1] + b"K\x01s.",
        "INST": b"(X" + text(command)[1:] + b"iposix\nsystem\n.",
        "OBJ": b"(" + system + text(command) + b"o.",
        "the call after a good record": GOOD[:-1] + system + text(command) + b"\x85R0.",
    }


def reaching() -> dict[str, bytes]:
    """Return pickles that import, set attributes or refer to objects outside."""
    return {
        "attribute of a good record": GOOD[:-1] + b"}" + text("x") + b"K\x01sb.",
        "import of a module by name": b"\x80\x04" + text("antigravity") + text("webbrowser") + b"\x93.",
        "persistent object": b"Pevil\n.",
        "extension code": b"\x80\x02\x82\x01.",
        "buffer from outside": b"\x80\x05\x97.",
    }


def eating() -> dict[str, bytes]:
    """Return pickles that take memory or time without bound."""
    bomb = b"\x80\x04]\x94" + b"".join(b"]\x94(" + b"h%c" % index * 20 + b"e" for index in range(40))
    return {
        "huge memo index": b"\x80\x02Nr\xff\xff\xff\x7f.",
        "huge index to get": b"\x80\x02j\xff\xff\xff\xff.",
        "text longer than the file": b"\x80\x02X\xff\xff\xff\x7fabc.",
        "huge frame": b"\x80\x04\x95" + struct.pack("<Q", (1 << 63) - 1) + b"N.",
        "frame beyond any size": b"\x80\x04\x95" + struct.pack("<Q", (1 << 64) - 1) + b"N.",
        "deep nesting": b"\x80\x04" + b"]" * 90_000 + b"a" * 89_999 + b".",
        "deep nesting where the schema should be": placed("schema", b"]" * 90_000 + b"a" * 89_999),
        "list that holds itself often": bomb + b".",
        "list that holds itself often, as the schema": placed("schema", bomb[2:]),
        "list that holds itself often, as the name": placed("name", bomb[2:]),
        "list that holds itself often, as the coefficients": placed("coefficients", bomb[2:]),
        "list within itself": b"\x80\x04]\x94h\x00a.",
        "list within itself as the terms": placed("terms", b"]\x94h\x00a"),
        "too many instructions": b"\x80\x04]" + b"Na" * 100_001 + b".",
        "too large": GOOD + b"\x00" * MAX_WEIGHTS_BYTES,
    }


def placed(key: str, value: bytes) -> bytes:
    """Return a record whose `key` has the object that the instructions `value` make."""
    rest = io.BytesIO()
    pickler = pickle.Pickler(rest, 4)
    pickler.fast = True  # without a memo, so that its places are those of `value`
    pickler.dump({name: value for name, value in RECORD.items() if name != key})
    place = value.count(b"\x94")
    return b"\x80\x04" + value + b"\x94" + rest.getvalue()[11:-1] + text(key) + b"h%cs." % place


def unsound() -> dict[str, bytes]:
    """Return files that are no pickle, or a part of one."""
    return {
        "nothing": b"",
        "not a pickle": b"hello",
        "no end": GOOD[:-1],
        "end alone": b".",
        "two pickles": GOOD + GOOD,
        "another protocol": b"\x80\xff" + GOOD[2:],
        "empty stack": b"\x80\x04a.",
        "mark missing": b"\x80\x04]e.",
        "append to a number": b"\x80\x04K\x01K\x01a.",
        "unhashable key": b"\x80\x04}]K\x01s.",
        "key without a value": b"\x80\x04}(K\x01u.",
        "text that is no text": b"\x80\x02X\x01\x00\x00\x00\xff.",
        "key twice, and the second is another": GOOD[:-1] + text("intercept") + b"G" + struct.pack(">d", 1.0) + b"s.",
        "another name": pickle.dumps(RECORD | {"name": "7"}, 4),
        "nothing for a record": pickle.dumps(None, 4),
    }


def hostile(touched: Path) -> dict[str, bytes]:
    """Return all of them by name; those that run a program create the file `touched`."""
    return running(touched) | reaching() | eating() | unsound()
