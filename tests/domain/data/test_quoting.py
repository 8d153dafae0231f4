import re

from domain.data.quoting import PLAIN_TEXT_PATTERN, has_control_character


def test_pattern_of_plain_text_accepts_what_has_no_control_character():
    characters = [chr(code) for code in (*range(0x3000), 0xE000, 0x1F600)]

    wrong = [each for each in characters if bool(re.search(PLAIN_TEXT_PATTERN, each)) == has_control_character(each)]

    # A dollar matches before a last line break too, in Python only.
    assert wrong == ["\n"]
