"""Lists and objects of a body are counted before it is parsed."""

import json
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from entrypoints.web.wire import json_body


def test_brackets_are_counted():
    for raw in (b"", b"[", b"{", b'{"X":[]}', b"[[", b"{{[", b"]}" * 9, b"[{" * 9):
        assert json_body._count_brackets(raw) == raw.count(b"[") + raw.count(b"{")


@given(
    value=st.recursive(
        st.text(st.sampled_from('[]{}"\\\n,:aé')),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(st.sampled_from('[{"\\a')), inner),
    ),
    ensure_ascii=st.booleans(),
)
def test_brackets_in_strings_are_not_counted(value, ensure_ascii):
    raw = json.dumps(value, ensure_ascii=ensure_ascii).encode()

    assert json_body._count_brackets(json_body._without_strings(raw)) == containers(value)


def containers(value):
    if isinstance(value, str):
        return 0
    return 1 + sum(map(containers, value.values() if isinstance(value, dict) else value))


def test_a_long_string_takes_memory_in_proportion_to_the_body():
    # Measured: 1.2 bytes for each byte of the body; a regular expression that repeats a group takes 125.
    assert float(subprocess.check_output([sys.executable, "-c", GROWTH], text=True)) < 10


GROWTH = """
from pathlib import Path
from entrypoints.web.wire.json_body import parse_json

def peak_kib():
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])

body = b'{"X":"' + b"[" * 4_000_000 + b'"}'
before = peak_kib()
parse_json(body, 200_000)
print((peak_kib() - before) * 1024 / len(body))
"""
