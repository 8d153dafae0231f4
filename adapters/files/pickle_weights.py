"""Weights as a pickle that holds data and nothing else.

A pickle is a program. This one is read before it is run: only the opcodes that build dicts, lists, strings, numbers,
True, False and None are let through, and an unpickler that resolves no name runs what is left.
"""

import io
import pickle
import pickletools
from collections.abc import Mapping
from typing import NoReturn

from domain.record import Record

LARGEST = 1024 * 1024
MOST_OPCODES = 200_000

# What protocol 4 writes for plain data, and nothing that calls, imports, or allocates by a number in the file.
PLAIN = frozenset(
    {
        *("PROTO", "FRAME", "STOP", "MARK", "MEMOIZE", "BINGET", "LONG_BINGET"),
        *("NONE", "NEWTRUE", "NEWFALSE", "BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT"),
        *("SHORT_BINUNICODE", "BINUNICODE"),
        *("EMPTY_LIST", "APPEND", "APPENDS", "EMPTY_DICT", "SETITEM", "SETITEMS"),
    }
)


class PickleWeights:
    """`<version>.pkl`: the record as plain dicts, lists, strings and numbers."""

    suffixes: tuple[str, ...] = (".pkl",)

    def encode(self, record: Record) -> Mapping[str, bytes]:
        """Return the pickle, or raise `ValueError` if `decode` would refuse it as too large."""
        return {".pkl": _bounded(pickle.dumps(record, protocol=4))}

    def decode(self, files: Mapping[str, bytes]) -> object:
        """Return the record, or raise `ValueError` without having run anything the file asks for."""
        data = _bounded(files[".pkl"])
        _refuse_anything_but_data(data)
        try:
            return _DataUnpickler(io.BytesIO(data)).load()
        except (
            pickle.UnpicklingError,
            EOFError,
            IndexError,
            KeyError,
            TypeError,
            AttributeError,
            OverflowError,
        ) as error:
            raise ValueError(f"it is no sound pickle: {error}") from error


class _DataUnpickler(pickle.Unpickler):
    """Resolves no class, no function and no persistent object."""

    def find_class(self, module_name: str, global_name: str) -> NoReturn:
        raise pickle.UnpicklingError(f"it asks for {module_name}.{global_name}, but may hold data only")

    def persistent_load(self, pid: object) -> NoReturn:
        raise pickle.UnpicklingError(f"it asks for the persistent object {pid!r}, but may hold data only")


def _bounded(data: bytes) -> bytes:
    if len(data) > LARGEST:
        raise ValueError(f"it is larger than {LARGEST} bytes")
    return data


def _refuse_anything_but_data(data: bytes) -> None:
    end = -1
    for count, (opcode, _, position) in enumerate(pickletools.genops(data)):
        if opcode.name not in PLAIN:
            raise ValueError(f"it holds the instruction {opcode.name}, but may hold data only")
        if count >= MOST_OPCODES:
            raise ValueError(f"it holds more than {MOST_OPCODES} instructions")
        end = position if position is not None else end
    if end != len(data) - 1:
        raise ValueError("something follows its end")
