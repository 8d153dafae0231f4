"""A pointer is believed if it is one that was written, whatever else is put in its place."""

import hashlib
import json

import pytest

from adapters.files.pointer import LARGEST_MODEL, Pointer
from domain.schema import OtherSchema

POINTER = Pointer.to(b"model", "7", 3)
FIELDS = json.loads(POINTER.to_bytes())


def signed(**changes) -> bytes:
    """Return a pointer file with a checksum that is right."""
    fields = {name: value for name, value in (FIELDS | changes).items() if name != "checksum" and value != "gone"}
    text = json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
    return json.dumps(fields | {"checksum": hashlib.sha256(text).hexdigest()}).encode()


def test_pointer_survives_its_file():
    assert Pointer.from_bytes(POINTER.to_bytes()) == POINTER
    assert Pointer.from_bytes(signed()) == POINTER


def test_pointer_names_the_bytes_that_it_was_made_of_and_no_others():
    assert POINTER.names(b"model")
    assert not POINTER.names(b"modem")
    assert not POINTER.names(b"model2")


@pytest.mark.parametrize(
    "changes",
    [
        {"schema": 10**9},
        {"schema": "2"},
        {"schema": "gone"},
        {"file": "../model-" + "0" * 32 + ".json"},
        {"file": "model-" + "0" * 32 + ".json\n"},
        {"file": "model-\0.json"},
        {"file": "CURRENT"},
        {"file": 7},
        {"file": "gone"},
        {"size": 0},
        {"size": -1},
        {"size": LARGEST_MODEL + 1},
        {"size": "5"},
        {"size": None},
        {"generation": 0},
        {"generation": "1"},
        {"generation": []},
        {"more": 1},
    ],
    ids=str,
)
def test_pointer_that_could_not_have_been_written_is_refused_though_its_checksum_is_right(changes):
    with pytest.raises(ValueError, match=r"the pointer .* is damaged"):
        Pointer.from_bytes(signed(**changes))


def test_pointer_of_another_schema_names_both_schemas_and_the_way_out_whatever_else_it_holds():
    for data in (signed(schema=2), b'{"schema": 2}'):
        with pytest.raises(OtherSchema, match=r"schema 2; this one reads 1\): run that version, or let this one reach"):
            Pointer.from_bytes(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"7",
        b'"text"',
        b"{}",
        b"[" * 5000,
        b"\xff",
        b'{"checksum": 1}',
        b'{"checksum": "\xc3"}',
    ]
    + [
        json.dumps(FIELDS | {"checksum": checksum}).encode()
        for checksum in ("", "é", None, [], FIELDS["checksum"][:63])
    ],
)
def test_anything_else_is_refused(data):
    with pytest.raises(ValueError, match=r"the pointer .* is damaged"):
        Pointer.from_bytes(data)
