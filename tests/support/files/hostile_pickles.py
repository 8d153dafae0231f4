"""Hostile pickles: they run programs, crash, take memory or time without bound, or are no record."""

import io
import os
import pickle
import struct
from pathlib import Path

from adapters.files.pickle_weights import LARGEST, PickleWeights
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
    nested = pickle.dumps(call, 2)
    return {f"os.system, protocol {protocol}": pickle.dumps(call, protocol) for protocol in range(6)} | {
        "os.mkdir": pickle.dumps(Call(os.mkdir, str(touched)), 4),
        "eval": pickle.dumps(Call(eval, f"__import__('pathlib').Path({str(touched)!r}).touch()"), 4),
        "exec": pickle.dumps(Call(exec, f"import pathlib; pathlib.Path({str(touched)!r}).touch()"), 4),
        "within a record": pickle.dumps(RECORD | {"intercept": call}, 4),
        "as a key of a record": pickle.dumps(RECORD, 4)[:-1] + pickle.dumps(call, 4)[2:-1] + b"K\x01s.",
        "pickle within a pickle": pickle.dumps(Call(pickle.loads, nested), 4),
        "GLOBAL and REDUCE": system + b"(" + text(command) + b"tR.",
        "STACK_GLOBAL": b"\x80\x04" + text("posix") + text("system") + b"\x93" + text(command) + b"\x85R.",
        "INST": b"(X" + text(command)[1:] + b"iposix\nsystem\n.",
        "OBJ": b"(" + system + text(command) + b"o.",
        "numpy's runstring": b"cnumpy.testing._private.utils\nrunstring\n("
        + text(f"import pathlib; pathlib.Path({str(touched)!r}).touch()")
        + b"}tR.",
        "a good record after the call": system + text(command) + b"\x85R0" + GOOD[2:],
        "the call after a good record": GOOD[:-1] + system + text(command) + b"\x85R0.",
        "the call behind the memo": system + b"q\x000h\x00" + text(command) + b"\x85R.",
    }


def reaching() -> dict[str, bytes]:
    """Return pickles that import, construct, set attributes or refer to objects outside."""
    namespace = b"ctypes\nSimpleNamespace\n"
    return {
        "NEWOBJ": b"\x80\x02" + namespace + b")\x81.",
        "NEWOBJ_EX": b"\x80\x04" + namespace + b")}\x92.",
        "BUILD": b"\x80\x02" + namespace + b")R}" + text("x") + b"K\x01sb.",
        "attribute of a good record": GOOD[:-1] + b"}" + text("x") + b"K\x01sb.",
        "import of a module": b"cthis\ns\n.",
        "import of a module by name": b"\x80\x04" + text("antigravity") + text("webbrowser") + b"\x93.",
        "name in the builtins": b"c__builtin__\ngetattr\n.",
        "name that does not exist": b"cno.such.module\nname\n.",
        "persistent object": b"Pevil\n.",
        "persistent object, binary": text("evil") + b"Q.",
        "extension code": b"\x80\x02\x82\x01.",
        "extension code of two bytes": b"\x80\x02\x83\x01\x00.",
        "extension code of four bytes": b"\x80\x02\x84\x01\x00\x00\x00.",
        "buffer from outside": b"\x80\x05\x97.",
        "read-only buffer": b"\x80\x05\x97\x98.",
    }


def eating() -> dict[str, bytes]:
    """Return pickles that take memory or time without bound."""
    bomb = b"\x80\x04]\x94" + b"".join(b"]\x94(" + b"h%c" % index * 20 + b"e" for index in range(40))
    return {
        "huge memo index": b"\x80\x02Nr\xff\xff\xff\x7f.",
        "huge memo index as text": b"Np4294967295\n.",
        "huge index to get": b"\x80\x02j\xff\xff\xff\xff.",
        "huge bytes": b"\x80\x04\x8e" + struct.pack("<Q", 1 << 60) + b".",
        "bytes beyond any size": b"\x80\x04\x8e" + struct.pack("<Q", (1 << 64) - 1) + b".",
        "huge text": b"\x80\x04\x8d" + struct.pack("<Q", 1 << 60) + b".",
        "text longer than the file": b"\x80\x02X\xff\xff\xff\x7fabc.",
        "huge bytearray": b"\x80\x05\x96" + struct.pack("<Q", 1 << 60) + b".",
        "huge frame": b"\x80\x04\x95" + struct.pack("<Q", (1 << 63) - 1) + b"N.",
        "frame beyond any size": b"\x80\x04\x95" + struct.pack("<Q", (1 << 64) - 1) + b"N.",
        "huge long": b"\x80\x02\x8b\xff\xff\xff\x7f.",
        "long of negative length": b"\x80\x02\x8b\xff\xff\xff\xff.",
        "number of many digits": b"L" + b"9" * 100_000 + b"L\n.",
        "deep nesting": b"\x80\x04" + b"]" * 90_000 + b"a" * 89_999 + b".",
        "deep nesting where the schema should be": placed("schema", b"]" * 90_000 + b"a" * 89_999),
        "list that holds itself often": bomb + b".",
        "list that holds itself often, as the schema": placed("schema", bomb[2:]),
        "list that holds itself often, as the name": placed("name", bomb[2:]),
        "list that holds itself often, as the coefficients": placed("coefficients", bomb[2:]),
        "list within itself": b"\x80\x04]\x94h\x00a.",
        "list within itself as the features": placed("features", b"]\x94h\x00a"),
        "too many instructions": b"\x80\x04]" + b"Na" * 100_001 + b".",
        "too large": GOOD + b"\x00" * LARGEST,
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
        "something after the end": GOOD + b"\x00",
        "another protocol": b"\x80\xff" + GOOD[2:],
        "memo that is not there": b"\x80\x04h\x07.",
        "empty stack": b"\x80\x04a.",
        "mark missing": b"\x80\x04]e.",
        "append to a number": b"\x80\x04K\x01K\x01a.",
        "unhashable key": b"\x80\x04}]K\x01s.",
        "key without a value": b"\x80\x04}(K\x01u.",
        "text that is no text": b"\x80\x02X\x01\x00\x00\x00\xff.",
        "text that takes a codec": b"V\\u00e9\n.",
        "text escaped oddly": b"S'\\z'\n.",
        "bytearray": pickle.dumps(bytearray(b"x" * 10), 5),
        "set": pickle.dumps({1, 2}, 4),
        "tuple": pickle.dumps((1, 2), 4),
        "complex number": pickle.dumps(1j, 4),
        "key twice, and the second is another": GOOD[:-1] + text("intercept") + b"G" + struct.pack(">d", 1.0) + b"s.",
        "another name": pickle.dumps(RECORD | {"name": "7"}, 4),
        "nothing for a record": pickle.dumps(None, 4),
    }


def hostile(touched: Path) -> dict[str, bytes]:
    """Return all of them by name; those that run a program create the file `touched`."""
    return running(touched) | reaching() | eating() | unsound()
