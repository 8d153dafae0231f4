import getpass
import json
import socket

from domain.promotion.history import PromotionHistory
from tests.entrypoints.cli.test_models import OTHER


def test_history_of_an_empty_store_prints_the_command_that_begins_one(endeavour):
    code, out, _ = endeavour("history")
    assert code == 0
    assert out.startswith("no promotions yet in sqlite:///")
    assert out.endswith("; `endeavour train` makes the first\n")
    assert endeavour("history", "--json")[1] == "[]\n"
    assert endeavour("history", "--at", "2026-11-01") == (0, "nothing was in production\n", "")


def test_history_has_who_when_what_and_why(endeavour):
    endeavour(*OTHER)
    endeavour("train")
    endeavour("rollback", "--why", "complaints")
    endeavour("promote", "2")

    code, out, err = endeavour("history")
    entries = json.loads(endeavour("history", "--json")[1])

    operator = f"{getpass.getuser()}@{socket.gethostname()}"
    assert (code, err) == (0, "")
    assert [(entry["number"], entry["event"], entry["version"], entry["replaced"]) for entry in entries] == [
        (1, "promote", "1", None),
        (2, "promote", "2", "1"),
        (3, "rollback", "1", "2"),
        (4, "promote", "2", "1"),
    ]
    assert [entry["actor"] for entry in entries] == ["train, run 1", "train, run 2", operator, operator]
    assert entries[0]["why"].startswith("nothing is in production yet; hold-out R² 0.")
    assert [entry["why"] for entry in entries[2:]] == ["complaints", "by hand"]
    assert out.splitlines()[3].split()[:1] == ["3"]
    assert f"rollback  1              2       {operator}" in out.splitlines()[3]


def test_champion_of_a_time_is_printed_with_its_change(endeavour):
    endeavour(*OTHER)
    endeavour("train")
    first, second = json.loads(endeavour("history", "--json")[1])

    assert endeavour("history", "--at", first["at"])[1].startswith("version 1, since 20")
    assert endeavour("history", "--at", "2999-01-01T12:00Z")[1].startswith("version 2, since 20")
    assert endeavour("history", "--at", "1999-01-01")[1] == "nothing was in production\n"
    answer = json.loads(endeavour("history", "--at", second["at"], "--json")[1])
    assert (answer["version"], answer["change"]) == ("2", second)
    code, _, err = endeavour("history", "--at", "noon")
    assert (code, "write a time such as 2026-11-01T12:00Z" in err) == (2, True)


def test_history_before_the_first_entry_is_what_this_replaced(endeavour, container):
    endeavour(*OTHER)
    endeavour("train")
    state = container.mlflow_store()._state
    state.history = PromotionHistory(state.history.changes[1:])
    del state.ledger[0]

    assert endeavour("history", "--at", "1999-01-01")[1] == "version 1, since before the first entry\n"
