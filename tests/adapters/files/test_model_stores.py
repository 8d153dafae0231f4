import json
import subprocess
import sys
from contextlib import suppress

import pytest

from adapters.files.csv_weights import CsvWeights
from adapters.files.model_store import FileModelStore
from adapters.files.pickle_weights import PickleWeights
from domain.errors import BrokenModel, StoreUnavailable
from tests.contracts.model_store import ModelStoreContract
from tests.examples import NOON, a_lineage, a_model


class FileModelStoreContract(ModelStoreContract):
    weight_format: type

    @pytest.fixture
    def root(self, tmp_path):
        return tmp_path / "weights"

    @pytest.fixture
    def store(self, root):
        return FileModelStore(root, self.weight_format())

    @pytest.fixture
    def second(self, root):
        return FileModelStore(root, self.weight_format())

    def test_version_is_named_by_its_utc_time(self, store):
        assert store.save(a_model(), a_lineage(created_at=NOON)).name == "20261123T120000.000000Z"
        assert store.save(a_model(), a_lineage(created_at=NOON)).name == "20261123T120000.000001Z"

    def test_flipping_any_byte_never_yields_another_model(self, store, root):
        saved = store.save(a_model(), a_lineage())
        suffix = self.weight_format.suffixes[0]
        path = root / f"{saved.name}{suffix}"
        good = path.read_bytes()

        for position in range(len(good)):
            path.write_bytes(good[:position] + bytes([good[position] ^ 0x01]) + good[position + 1 :])
            with suppress(BrokenModel):
                assert store.load(saved.name).model == saved.model

    @pytest.mark.parametrize("length", [0, 1, 40])
    def test_truncated_file_is_an_error_that_names_the_version(self, store, root, length):
        saved = store.save(a_model(), a_lineage())
        path = root / f"{saved.name}{self.weight_format.suffixes[0]}"
        path.write_bytes(path.read_bytes()[:length])

        with pytest.raises(BrokenModel) as caught:
            store.load(saved.name)

        assert caught.value.version == saved.name

    def test_oversized_file_is_refused_unread(self, store, root):
        saved = store.save(a_model(), a_lineage())
        with (root / f"{saved.name}{self.weight_format.suffixes[0]}").open("ab") as file:
            file.truncate(65 * 1024 * 1024)

        with pytest.raises(BrokenModel, match="larger than"):
            store.load(saved.name)

    def test_damaged_history_is_an_error_and_no_champion(self, store, root):
        store.promote(store.save(a_model(), a_lineage()).name, replacing=None, at=NOON)
        (root / "history.json").write_text('{"schema": 1}')

        with pytest.raises(StoreUnavailable, match=r"history\.json is damaged"):
            store.champion()

    def test_history_of_another_schema_names_both_schemas(self, store, root):
        store.promote(store.save(a_model(), a_lineage()).name, replacing=None, at=NOON)
        (root / "history.json").write_text('{"schema": 2}')

        with pytest.raises(StoreUnavailable, match=r"schema 2; this one reads 1"):
            store.champion()

    def test_champion_whose_files_are_gone_is_broken(self, store, root):
        name = store.save(a_model(), a_lineage()).name
        store.promote(name, replacing=None, at=NOON)
        (root / f"{name}{self.weight_format.suffixes[-1]}").unlink()

        with pytest.raises(BrokenModel, match="its files are gone"):
            store.champion()

    def test_full_disk_keeps_nothing_of_the_new_and_all_of_the_old(self, store, root):
        saved = store.save(a_model(), a_lineage())
        before = sorted(path.name for path in root.iterdir())

        program = f"""
import resource, signal, sys
from pathlib import Path
from {FileModelStore.__module__} import FileModelStore
from {self.weight_format.__module__} import {self.weight_format.__name__}
from domain.errors import StoreUnavailable
from tests.examples import a_lineage, a_model
store = FileModelStore(Path({str(root)!r}), {self.weight_format.__name__}())
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
try:
    store.save(a_model(2.0), a_lineage())
except StoreUnavailable:
    sys.exit(7)
"""
        finished = subprocess.run([sys.executable, "-c", program], check=False)

        assert finished.returncode == 7
        assert sorted(path.name for path in root.iterdir()) == before
        assert store.load(saved.name) == saved

    def test_directory_that_cannot_be_made_is_reported(self, tmp_path):
        (tmp_path / "file").write_text("in the way")
        store = FileModelStore(tmp_path / "file" / "weights", self.weight_format())

        with pytest.raises(StoreUnavailable):
            store.save(a_model(), a_lineage())


class TestCsvModelStore(FileModelStoreContract):
    weight_format = CsvWeights

    def test_weights_are_one_row_per_coefficient(self, store, root):
        saved = store.save(a_model(938.2378612512634, 0.1), a_lineage())

        lines = (root / f"{saved.name}.csv").read_text().splitlines()

        assert lines == ["term,weight", "(intercept),152.91886182616167", "bmi,938.2378612512634", "bp,0.1"]

    @pytest.mark.parametrize("suffix", [".json", ".csv"])
    def test_damaged_file_is_named_with_what_to_do(self, store, root, suffix):
        saved = store.save(a_model(), a_lineage())
        good = (root / f"{saved.name}{suffix}").read_text()
        for damaged in ("<", "[]", good.replace("1", "x"), "x" * 200_000):
            (root / f"{saved.name}{suffix}").write_text(damaged)

            with pytest.raises(BrokenModel, match=rf"its \{suffix} file .*; restore it from a backup"):
                store.load(saved.name)

    def test_edited_weights_do_not_match_their_digest(self, store, root):
        saved = store.save(a_model(1.0), a_lineage())
        path = root / f"{saved.name}.csv"
        path.write_text(path.read_text().replace("bmi,1.0", "bmi,2.0"))

        with pytest.raises(BrokenModel, match="digest"):
            store.load(saved.name)

    def test_missing_lineage_means_no_version(self, store, root):
        saved = store.save(a_model(), a_lineage())
        (root / f"{saved.name}.json").unlink()

        assert store.versions() == ()

    @pytest.mark.parametrize("key", ["digest", "lineage", "schema"])
    def test_lineage_without_a_key_is_refused(self, store, root, key):
        saved = store.save(a_model(), a_lineage())
        path = root / f"{saved.name}.json"
        record = json.loads(path.read_text())
        del record[key]
        path.write_text(json.dumps(record))

        with pytest.raises(BrokenModel):
            store.load(saved.name)


class TestPickleModelStore(FileModelStoreContract):
    weight_format = PickleWeights
