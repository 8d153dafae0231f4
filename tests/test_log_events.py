"""The page of log events and the code have the same events."""

import ast
import re
from pathlib import Path

from entrypoints.observability.logs import EXAMINED

ROOT = Path(__file__).parent.parent
ROOMS = ("domain", "application", "adapters", "entrypoints")
LEVELS = {"exception": "error"} | {level: level for level in ("debug", "info", "warning", "error", "critical")}
# Written past `logging`, by the writer that has dropped lines.
DIRECT = {("log_lines_dropped", "warning")}


def logged(tree):
    """Yield event and level of each call of a module's `log`."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name("log"), attr="log"), args=[level, ast.Constant(event), *_]):
                for choice in (level.body, level.orelse):
                    yield event, choice.attr.lower()
            case ast.Call(func=ast.Attribute(value=ast.Name("log"), attr=method), args=[ast.Constant(event), *_]):
                yield event, LEVELS[method]


def test_page_lists_every_event_with_its_level_and_marks_what_doctor_examines():
    page = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
    modules = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]

    rows = re.findall(r"^\| `(\w+)` \| ([\w, ]+) \|.*\| (✓?)[^|]*\|$", page, re.MULTILINE)

    expected = {found for path in modules for found in logged(ast.parse(path.read_text(encoding="utf-8")))} | DIRECT
    assert {(event, level) for event, levels, _ in rows for level in levels.split(", ")} == expected
    assert {event for event, _, examined in rows if examined} == EXAMINED
    assert [event for event, _, _ in rows] == sorted(event for event, _, _ in rows)
