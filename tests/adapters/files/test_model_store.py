import json
from contextlib import suppress

import pytest

from adapters.files.csv_weights import CsvWeights
from adapters.files.model_store import FileModelStore
from adapters.files.pickle_weights import PickleWeights
from domain.errors import StoreUnavailable
from domain.model.errors import CorruptModel
from domain.model.model_version import ModelVersion
from tests.contracts.model_store import ModelStoreContract
from tests.support.examples import NOON, a_lineage, a_model


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

    @pytest.fixture
    def unreachable(self, tmp_path):
        (tmp_path / "file").write_text("in the way")
        return FileModelStore(tmp_path / "file" / "weights", self.weight_format())

    @pytest.fixture
    def damage(self, root):
        return lambda version: (root / f"{version}{self.weight_format.suffixes[0]}").write_bytes(b"damaged")

    @pytest.fixture
    def saved(self, store):
        return store.save(ModelVersion("", a_model(), a_lineage()))

    @pytest.fixture
    def path(self, root, saved):
        """The file with the weights of `saved`."""
        return root / f"{saved.name}{self.weight_format.suffixes[0]}"

    def test_version_is_named_by_its_utc_time(self, store):
        assert store.save(ModelVersion("", a_model(), a_lineage(created_at=NOON))).name == "20261123T120000.000000Z"
        assert store.save(ModelVersion("", a_model(), a_lineage(created_at=NOON))).name == "20261123T120000.000001Z"

    def test_flipping_any_byte_never_yields_another_model(self, store, saved, path):
        good = path.read_bytes()

        for position in range(len(good)):
            path.write_bytes(good[:position] + bytes([good[position] ^ 0x01]) + good[position + 1 :])
            with suppress(CorruptModel):
                assert store.load(saved.name).model == saved.model

    def test_truncated_or_oversized_file_is_an_error_that_names_the_version(self, store, saved, path):
        good = path.read_bytes()
        for length, why in ((0, None), (1, None), (40, None), (65 * 1024 * 1024, "larger than")):
            path.write_bytes(good[:length])
            with path.open("ab") as file:
                file.truncate(length)

            with pytest.raises(CorruptModel, match=why) as caught:
                store.load(saved.name)
            assert caught.value.version == saved.name

    def test_reason_why_a_file_cannot_be_read_has_no_path(self, store, saved, path, root):
        path.symlink_to(path.rename(root / "elsewhere"))

        with pytest.raises(CorruptModel) as caught:
            store.load(saved.name)
        assert caught.value.why == "too many levels of symbolic links"

    def test_history_that_cannot_be_used_is_an_error_and_no_champion(self, store, root, saved):
        store.promote(saved.name, replacing=None, at=NOON)

        for content, why in (('{"schema": 2}', r"history\.json is damaged"), ('{"schema": 1}', "schema 1; .* reads 2")):
            (root / "history.json").write_text(content)
            with pytest.raises(StoreUnavailable, match=why):
                store.champion()

    def test_champion_whose_files_are_gone_is_broken(self, store, root, saved):
        store.promote(saved.name, replacing=None, at=NOON)
        (root / f"{saved.name}{self.weight_format.suffixes[-1]}").unlink()

        with pytest.raises(CorruptModel, match="its files are gone"):
            store.champion()


class TestCsvModelStore(FileModelStoreContract):
    weight_format = CsvWeights

    def test_weights_are_one_row_per_coefficient(self, store, root):
        saved = store.save(ModelVersion("", a_model(938.2378612512634, 0.1), a_lineage()))

        lines = (root / f"{saved.name}.csv").read_text().splitlines()

        assert lines == ["term,weight", "(intercept),152.91886182616167", "bmi,938.2378612512634", "bp,0.1"]

    def test_damaged_file_is_named_with_what_to_do(self, store, root, saved):
        for suffix in (".json", ".csv"):
            path = root / f"{saved.name}{suffix}"
            good = path.read_text()
            for damaged in ("<", "[]", good.replace("1", "x"), "x" * 200_000):
                path.write_text(damaged)
                with pytest.raises(CorruptModel, match=rf"its \{suffix} file .*; restore it from a backup"):
                    store.load(saved.name)
            path.write_text(good)

    def test_version_without_its_lineage_or_a_key_of_it_is_none(self, store, root, saved):
        path = root / f"{saved.name}.json"
        record = json.loads(path.read_text())
        for key in ("digest", "lineage", "schema"):
            path.write_text(json.dumps({name: value for name, value in record.items() if name != key}))
            with pytest.raises(CorruptModel):
                store.load(saved.name)

        path.unlink()
        assert store.versions() == ()


class TestPickleModelStore(FileModelStoreContract):
    weight_format = PickleWeights
