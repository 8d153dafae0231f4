"""Pickled weights: a hostile file is a corrupt model, and nothing of it runs."""

import pickle
import pickletools
import random
import tracemalloc
from pathlib import Path

import pytest

from adapters.files import pickle_weights
from adapters.files.model_store import FileModelStore
from adapters.files.pickle_weights import PLAIN, PickleWeights
from domain.model.errors import CorruptModel
from domain.model.serialization import from_record
from tests.support.examples import a_version
from tests.support.files.hostile_pickles import GOOD, NAME, RECORD, hostile, running
from tests.support.files.watched import watched

# The largest file that is read is 4 MiB, and 200,000 of the smallest objects take some 20 MiB.
MOST_MEMORY = 48 * 1024 * 1024
NAMES = list(hostile(Path("/none")))


@pytest.fixture
def store(tmp_path):
    return FileModelStore(tmp_path / "pickles", PickleWeights())


def read(data: bytes) -> object:
    return PickleWeights().decode({".pkl": data})


@pytest.mark.parametrize("name", NAMES)
def test_f07_hostile_pickle_is_a_corrupt_model_and_does_nothing(store, tmp_path, name):
    touched = tmp_path / "touched"
    root = tmp_path / "pickles"
    root.mkdir()
    (root / f"{NAME}.pkl").write_bytes(hostile(touched)[name])

    tracemalloc.start()
    with watched() as audit, pytest.raises(CorruptModel) as caught:
        store.load(NAME)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert not touched.exists()
    for event, (place, *_) in audit.events:  # the store's own files are opened
        assert event == "open"
        assert isinstance(place, int) or Path(place).is_relative_to(tmp_path)
    assert audit.modules == set()
    assert peak < MOST_MEMORY
    assert len(str(caught.value)) < 1000


def test_plain_unpickler_runs_hostile_pickles_and_ours_runs_none(tmp_path, mocker):
    mocker.patch.object(pickle_weights, "_require_data_only", autospec=True)
    for number, name in enumerate(running(tmp_path)):
        touched = tmp_path / str(number)
        data = running(touched)[name]

        with pytest.raises(ValueError, match="may hold data only"):
            read(data)
        assert not touched.exists()
        pickle.loads(data)  # noqa: S301  # to show that the cases are real
        assert touched.exists()


def test_audit_notices_what_a_pickle_does(tmp_path):
    with watched() as audit:
        pickle.loads(running(tmp_path / "touched")["os.system, protocol 4"])  # noqa: S301  # to try the audit

    assert {"pickle.find_class", "os.system"} <= {event for event, _ in audit.events}


def test_allowed_instructions_are_those_of_plain_data():
    calling = {"REDUCE", "BUILD", "NEWOBJ", "NEWOBJ_EX", "INST", "OBJ", "GLOBAL", "STACK_GLOBAL"}
    reaching = {"EXT1", "EXT2", "EXT4", "PERSID", "BINPERSID", "NEXT_BUFFER", "READONLY_BUFFER"}
    allocating = {"LONG_BINPUT", "PUT", "BINPUT", "BINBYTES8", "BINUNICODE8", "BYTEARRAY8", "LONG", "LONG4"}
    decoding = {"UNICODE", "STRING"}

    assert {opcode.name for opcode, _, _ in pickletools.genops(GOOD)} <= PLAIN
    assert {opcode.name for opcode in pickletools.opcodes} >= PLAIN
    assert not PLAIN & (calling | reaching | allocating | decoding)
    assert len(PLAIN) <= 30


def mutate(chance: random.Random, data: bytearray) -> None:
    """Change a byte or an instruction, or drop, repeat or insert a stretch."""
    place = chance.randrange(len(data) + 1)
    match chance.randrange(6):
        case 0:
            data[place : place + 1] = bytes([chance.randrange(256)])
        case 1:
            data[place : place + 1] = chance.choice(pickletools.opcodes).code.encode("latin-1")
        case 2:
            del data[place : place + chance.choice((1, 1, 4, 50))]
        case 3:
            data[place:place] = data[chance.randrange(len(data) + 1) :][: chance.choice((1, 4, 50))]
        case 4:
            data[place:place] = bytes(chance.randrange(256) for _ in range(chance.choice((1, 4, 8))))
        case 5:
            other = chance.choice(SMALL)
            start = chance.randrange(len(other) + 1)
            data[place:place] = other[start : start + chance.choice((4, 20, 200))]


SMALL = [data for data in hostile(Path("/tmp/endeavour-touched")).values() if len(data) < 4096]  # noqa: S108  # never made


def try_mutations(seed: int, count: int) -> dict[str, int]:
    """Read `count` mutations of a good pickle, each of which must be refused or the same model."""
    print(f"seed {seed}")  # noqa: T201  # pytest shows it if the test fails
    chance = random.Random(seed)  # noqa: S311  # not for secrets
    outcomes = {"model": 0, "refused": 0}
    for number in range(count):
        data = bytearray(GOOD)
        for _ in range(chance.choice((1, 1, 1, 2, 8))):
            mutate(chance, data)
        with watched() as audit:
            try:
                version = from_record(read(bytes(data)), NAME)
            except (ValueError, CorruptModel):
                outcomes["refused"] += 1
            else:
                outcomes["model"] += 1
                assert version.model == a_version(NAME).model, number
        assert (audit.events, audit.modules) == ([], set()), number
    return outcomes


@pytest.mark.parametrize("count", [2_000, pytest.param(100_000, marks=pytest.mark.soak)])
def test_mutated_pickle_is_the_model_or_an_error_and_does_nothing(count):
    outcomes = try_mutations(seed=20261123 if count == 2_000 else random.SystemRandom().randrange(2**32), count=count)

    assert outcomes["refused"] > count / 2


def test_model_too_large_to_read_back_is_not_written():
    record = RECORD | {"coefficients": [0.1] * 500_000}

    with pytest.raises(ValueError, match="larger than"):
        PickleWeights().encode(record)
