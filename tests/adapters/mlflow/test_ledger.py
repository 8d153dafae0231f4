import pytest

from adapters.mlflow.champion_http import HttpChampionSource
from adapters.mlflow.http_registry import HttpRegistry
from adapters.mlflow.ledger import MlflowLedger
from adapters.mlflow.names import LEDGER_HEAD_TAG, LEDGER_TAG
from domain.delivery.ledger import LedgerHead
from domain.delivery.ledger_audit import chain_problems
from domain.errors import StoreUnavailable
from tests.contracts.ledger_store import LedgerStoreContract
from tests.support.examples import NOON
from tests.support.ledgers import a_draft, a_rollout_end
from tests.support.program import free_port


class MlflowLedgerContract(LedgerStoreContract):
    @pytest.fixture
    def open_ledger(self, connect, tmp_path, model_name):
        def open_ledger(uri):
            return MlflowLedger(connect(uri), lock=tmp_path / "promotion.lock", model=model_name)

        return open_ledger

    @pytest.fixture
    def ledger(self, register, open_ledger, uri):
        """The ledger of a model with versions 1 and 2."""
        for _ in range(2):
            register()
        return open_ledger(uri)

    @pytest.fixture
    def second(self, open_ledger, uri):
        return open_ledger(uri)

    @pytest.fixture
    def unreachable_ledger(self, open_ledger, tmp_path):
        (tmp_path / "file").write_text("in the way")
        return open_ledger(f"sqlite:///{tmp_path}/file/mlflow.db")

    @pytest.fixture
    def tamper(self, client, model_name):
        def tamper(number, line):
            if line:
                client.set_model_version_tag(model_name, "1", f"{LEDGER_TAG}{number}", line)
            else:
                client.delete_model_version_tag(model_name, "1", f"{LEDGER_TAG}{number}")

        return tamper

    def test_serving_hosts_read_the_head_with_the_champion(self, store, ledger):
        store.promote("1", replacing=None, at=NOON)
        assert store.champion_ref().ledger_head == LedgerHead()

        ledger.append(a_draft())

        assert store.champion_ref().ledger_head == ledger.head()


class TestOverSqlite(MlflowLedgerContract):
    """Also what doesn't depend on how MLflow is reached."""

    def test_line_is_kept_with_its_version_and_the_head_with_the_champion(self, ledger, client, model_name):
        ledger.append(a_draft())
        head = LedgerHead.of(ledger.append(a_rollout_end("1", "1", event="aborted"))).to_text()

        tags = {name: client.get_model_version(model_name, name).tags for name in ("1", "2")}
        assert f"{LEDGER_TAG}1" in tags["1"]
        assert f"{LEDGER_TAG}2" in tags["2"]
        assert (tags["1"][LEDGER_HEAD_TAG], tags["2"].get(LEDGER_HEAD_TAG)) == (head, None)
        assert client.get_registered_model(model_name).tags[LEDGER_HEAD_TAG] == head

    def test_change_to_a_deleted_version_is_kept_with_another(self, ledger, client, model_name):
        client.delete_model_version(model_name, "1")

        assert ledger.append(a_draft()) == ledger.entries()[0]
        client.delete_model_version(model_name, "2")
        with pytest.raises(StoreUnavailable, match="no model version that could keep an entry"):
            ledger.append(a_draft())

    @pytest.mark.parametrize("is_greater", [False, True])
    def test_entry_of_another_host_that_came_first_stays(self, ledger, second, mocker, is_greater):
        """Both hosts have read the same head, and their entries differ in the order of their hashes."""
        ours = a_draft("2", "1")
        theirs = next(
            draft
            for draft in (a_draft(minutes=minutes, actor="mia@host") for minutes in range(99))
            if (LedgerHead.of(LedgerHead().next(draft)).hash > LedgerHead.of(LedgerHead().next(ours)).hash)
            == is_greater
        )
        write, written = ledger._write, []

        def write_after_another(*words):
            if not written:
                written.append(second.append(theirs))
            return write(*words)

        mocker.patch.object(ledger, "_write", side_effect=write_after_another)
        mocker.patch("adapters.mlflow.ledger.lock")

        assert ledger.append(ours).number == 2
        assert [entry.actor for entry in ledger.entries()] == ["mia@host", "kim@host"]
        assert chain_problems(ledger.lines(), ledger.head()) == ()

    def test_damaged_head_is_found_and_written_anew(self, ledger, client, model_name):
        for minutes in range(2):
            ledger.append(a_draft(minutes=minutes))
        client.set_registered_model_tag(model_name, LEDGER_HEAD_TAG, "2 0000")

        assert chain_problems(ledger.lines(), ledger.head())
        assert ledger.append(a_draft(minutes=2)).number == 3
        assert chain_problems(ledger.lines(), ledger.head()) == ()


@pytest.mark.integration
class TestOverHttp(MlflowLedgerContract):
    def test_hosts_without_mlflow_read_the_head_with_the_champion(self, store, ledger, uri, model_name):
        store.promote("1", replacing=None, at=NOON)
        ledger.append(a_draft())

        assert HttpChampionSource(HttpRegistry(uri, model=model_name)).champion_ref().ledger_head == ledger.head()

    @pytest.fixture
    def uri(self, mlflow_server):
        return mlflow_server.uri

    @pytest.fixture
    def unreachable_ledger(self, open_ledger):
        return open_ledger(f"http://127.0.0.1:{free_port()}")
