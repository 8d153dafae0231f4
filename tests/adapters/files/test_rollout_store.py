import os

import pytest

from adapters.files.csv_weights import CsvWeights
from adapters.files.model_store import FileModelStore
from adapters.files.rollout_store import FileRolloutStore
from domain.errors import StoreUnavailable
from tests.contracts.rollout_store import RolloutStoreContract


class TestFileRolloutStore(RolloutStoreContract):
    @pytest.fixture
    def models(self, tmp_path):
        return FileModelStore(tmp_path, CsvWeights())

    @pytest.fixture
    def rollouts(self, models, tmp_path):
        return FileRolloutStore(tmp_path, models)

    @pytest.fixture
    def second_rollouts(self, models, tmp_path):
        return FileRolloutStore(tmp_path, models)

    @pytest.fixture
    def unreachable_rollouts(self, tmp_path):
        (tmp_path / "file").write_text("in the way")
        root = tmp_path / "file" / "weights"
        return FileRolloutStore(root, FileModelStore(root, CsvWeights()))

    @pytest.fixture
    def path(self, tmp_path):
        """A function that returns the file of a version's state."""
        return lambda version: tmp_path / "rollouts" / f"{version}.json"

    @pytest.fixture
    def keep(self, path):
        def keep(version, text):
            path(version).parent.mkdir(exist_ok=True)
            path(version).write_text(text)

        return keep

    def test_state_that_is_no_regular_file_is_neither_waited_for_nor_followed(self, rollouts, rollout, path, keep):
        keep(rollout.champion, "")
        path(rollout.champion).unlink()
        os.mkfifo(path(rollout.champion))
        assert rollouts.read() is None

        path(rollout.champion).unlink()
        path(rollout.champion).symlink_to("/dev/zero")
        with pytest.raises(StoreUnavailable):
            rollouts.read()
