from base64 import urlsafe_b64decode, urlsafe_b64encode
from struct import pack

import pytest

from domain.delivery.errors import InvalidFeedbackToken
from domain.delivery.feedback_keys import FeedbackKey, FeedbackKeys
from domain.delivery.feedback_token import MAX_CHARACTERS, FeedbackToken, rollout_mark

OLD, NEW = FeedbackKey(1, bytes(range(32))), FeedbackKey(2, bytes(range(32, 64)))
KEYS = FeedbackKeys((OLD,))
ALONE = FeedbackToken("42", -1.5, None, 1_795_916_270, 2**63 + 5)
PAIRED = FeedbackToken("é" * 32, 0.0, 1.7e308, 0, 0, rollout_mark("20261128T090412Z-42"))


def test_token_is_read_as_it_was_issued():
    for token in (ALONE, PAIRED):
        text = token.to_text(KEYS)

        assert FeedbackToken.from_text(text, KEYS) == token
        assert len(text) <= MAX_CHARACTERS
        assert text.replace("-", "").replace("_", "").isalnum()


def test_text_with_any_flipped_bit_is_refused():
    text = ALONE.to_text(KEYS).encode()
    raw = urlsafe_b64decode(text + b"==")
    flipped = [
        bytes(byte ^ 1 << bit if place == at else byte for place, byte in enumerate(of))
        for of in (text, raw)
        for at in range(len(of))
        for bit in range(8)
    ]
    texts = [change.decode("latin-1") for change in flipped[: len(text) * 8]]
    texts += [urlsafe_b64encode(change).rstrip(b"=").decode() for change in flipped[len(text) * 8 :]]
    others = ["", "A", "é" * 80, text.decode() + "=", text.decode() + "AAAA", text.decode()[:-4], "A" * 10**6]

    for changed in (*texts, *others):
        with pytest.raises(InvalidFeedbackToken):
            FeedbackToken.from_text(changed, KEYS)


def test_predictions_of_a_token_cannot_be_read_without_the_key():
    raw = urlsafe_b64decode(ALONE.to_text(KEYS) + "=")

    assert pack(">d", ALONE.champion) not in raw
    assert bytes(4) in raw  # the mark of no rollout is not masked


def test_both_keys_are_accepted_and_the_first_one_signs():
    before, after = ALONE.to_text(FeedbackKeys((OLD, NEW))), ALONE.to_text(FeedbackKeys((NEW, OLD)))

    for text in (before, after):
        assert FeedbackToken.from_text(text, FeedbackKeys((NEW, OLD))) == ALONE
    assert FeedbackToken.from_text(after, FeedbackKeys((NEW,))) == ALONE
    with pytest.raises(InvalidFeedbackToken):
        FeedbackToken.from_text(before, FeedbackKeys((NEW,)))


def test_lines_of_keys_are_read_and_no_error_repeats_a_secret():
    first, second = (f"{key.number}:{key.secret.hex()}" for key in (OLD, NEW))
    assert FeedbackKeys.from_text(f"{first}\n\n {second.upper()}\r\n") == FeedbackKeys((OLD, NEW))

    malformed = ["", "\n", first[:-1], f"{first}0", f"9{first}9", f"256{first[1:]}", f"{first}\n{first}", f"x{first}"]
    for text in (*malformed, f"{first}\n{second}\n3{second[1:]}"):
        with pytest.raises(ValueError, match=r"key|line") as error:
            FeedbackKeys.from_text(text)
        assert OLD.secret.hex()[:8] not in str(error.value) + repr(KEYS)
