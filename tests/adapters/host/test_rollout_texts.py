from adapters.host.rollout_texts import RolloutTexts
from domain.delivery.rollout import Action, RolloutRecord, RolloutRequest
from domain.delivery.rollout_text import request_to_text, to_text
from tests.support.rollouts import a_rollout

ROLLOUT = a_rollout()
ABORT = RolloutRequest(ROLLOUT.id, Action.ABORT, "kim", "", 1)
STATE, REQUEST = to_text(ROLLOUT), request_to_text(ABORT)


def test_request_that_is_damaged_or_about_another_rollout_leaves_the_state(caplog):
    texts = RolloutTexts()

    found = [texts.record("1", STATE, text) for text in ("{", "{", REQUEST, REQUEST.replace("-2", "-3"), None, "{")]

    assert [record.request for record in found] == [None, None, ABORT, None, None, None]
    assert {record.rollout for record in found} == {ROLLOUT}
    assert [(record.what, record.version) for record in caplog.records] == [("request", "1")] * 2


def test_request_without_a_state_is_none():
    assert RolloutTexts().record("1", None, REQUEST) is None
    assert RolloutTexts().record("1", STATE, None) == RolloutRecord(ROLLOUT)
