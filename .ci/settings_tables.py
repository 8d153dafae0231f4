"""Tables of docs/settings.md: writes them from the declarations in entrypoints/settings.py."""

import re
from pathlib import Path

from marshmallow.validate import OneOf, Range, Regexp

from entrypoints.settings import DECLARED, Setting

PAGE = Path(__file__).parent.parent / "docs/settings.md"
TABLE = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
FORMS = {
    "bool": "`true`, `false`",
    "folder": "path",
    "tracking_uri": "URL",
    "endpoint": "HOST:PORT",
    "address": "address",
    "networks": "addresses and networks, separated by commas",
    "cluster": "`local:N`, or `tcp://` or `tls://` of a scheduler",
    "replicas": "URLs, separated by commas",
    "page": "URL",
}
HEAD = "| variable | default | values | what it sets |\n|---|---|---|---|\n"


def updated(page: str) -> str:
    """Return the text of the page with every table as the program declares its settings."""
    return TABLE.sub(lambda found: f"{found[1]}{HEAD}{_rows(found[2])}{found[3]}", page)


def _rows(section: str) -> str:
    return "".join(
        f"| `{setting.variable}` | {_default(setting)} | {_values(setting)} | {setting.help} |\n"
        for setting in DECLARED.values()
        if setting.section == section
    )


def _default(setting: Setting) -> str:
    # Paths are shown as they are below the data folder, and that folder below the current one.
    default = setting.default_in(Path() if setting.variable == DECLARED["data_dir"].variable else Path("artifacts"))
    if default in (None, "", ()):
        return ""
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _values(setting: Setting) -> str:
    if isinstance(setting.rule, Range):
        least, most = (None if end is None else f"{end:,.10g}" for end in (setting.rule.min, setting.rule.max))
        return f"{least} to {most}" if least and most else f"at least {least}" if least else f"at most {most}"
    if isinstance(setting.rule, OneOf):
        return ", ".join(f"`{choice}`" for choice in setting.rule.choices)
    if isinstance(setting.rule, Regexp):
        return setting.rule.error.removeprefix("Must be a ").removesuffix(".")
    return FORMS.get(setting.parse, "text")


if __name__ == "__main__":
    PAGE.write_text(updated(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
