"""Weights as a pickle that holds data and nothing else.

A pickle is a program. This one is read before it is run: only the opcodes that build dicts, lists, strings, numbers,
True, False and None are let through, and an unpickler that resolves no name runs what is left.
"""

import io
import pickle
import pickletools
from collections.abc import Mapping
from typing import NoReturn

from domain.model.serialization import Record

MAX_WEIGHTS_BYTES = 4 * 1024 * 1024
MAX_OPCODES = 200_000

# What protocol 4 writes for plain data, and nothing that calls, imports, or allocates by a number in the file.
PLAIN = frozenset(
    {
        *("PROTO", "FRAME", "STOP", "MARK", "MEMOIZE", "BINGET", "LONG_BINGET"),
        *("NONE", "NEWTRUE", "NEWFALSE", "BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT"),
        *("SHORT_BINUNICODE", "BINUNICODE"),
        *("EMPTY_LIST", "APPEND", "APPENDS", "EMPTY_DICT", "SETITEM", "SETITEMS"),
    }
)
DATA_OPCODES = {opcode.code.encode("latin-1"): opcode for opcode in pickletools.opcodes if opcode.name in PLAIN}


class PickleWeights:
    """`<version>.pkl`: the record as plain dicts, lists, strings and numbers."""

    suffixes: tuple[str, ...] = (".pkl",)
    max_bytes = MAX_WEIGHTS_BYTES

    def encode(self, record: Record) -> Mapping[str, bytes]:
        """Return the pickle, or raise `ValueError` if it is larger than a file that is read."""
        data = pickle.dumps(record, protocol=4)
        if len(data) > MAX_WEIGHTS_BYTES:
            raise ValueError(f"it is larger than {MAX_WEIGHTS_BYTES} bytes")
        return {".pkl": data}

    def decode(self, files: Mapping[str, bytes]) -> object:
        """Return the record, or raise `ValueError` without having run anything that the file asks for."""
        data = files[".pkl"]
        _require_data_only(data)
        try:
            return _DataUnpickler(io.BytesIO(data)).load()
        except (pickle.UnpicklingError, EOFError, LookupError, TypeError, AttributeError, OverflowError) as error:
            raise ValueError(f"it is no sound pickle: {error}") from error


class _DataUnpickler(pickle.Unpickler):
    """Resolves no class, no function and no persistent object."""

    def find_class(self, module_name: str, global_name: str) -> NoReturn:
        raise pickle.UnpicklingError(f"it asks for {module_name}.{global_name}, but may hold data only")

    def persistent_load(self, pid: object) -> NoReturn:
        raise pickle.UnpicklingError(f"it asks for the persistent object {pid!r}, but may hold data only")


def _require_data_only(data: bytes) -> None:
    """Walk through the instructions as `pickletools.genops` does, but refuse one before its argument is looked at.

    To look at an argument can take long, and even import a codec.
    """
    stream = io.BytesIO(data)
    for _ in range(MAX_OPCODES):
        code = stream.read(1)
        opcode = DATA_OPCODES.get(code)
        if opcode is None:
            raise ValueError(f"it holds the instruction {code!r}, but may hold data only" if code else "it has no end")
        if opcode.arg is not None:
            opcode.arg.reader(stream)
        if opcode.name == "STOP":
            break
    else:
        raise ValueError(f"it holds more than {MAX_OPCODES} instructions")
    if stream.tell() != len(data):
        raise ValueError("something follows its end")
