"""Visit of the console over HTTP: a cookie and forms, without a browser."""

import re
from urllib.parse import urlencode

from tests.support.program import requested, wait_until
from tests.support.web.console_session import order_forms

PROOF = re.compile(r'name="proof" value="([0-9a-f]{64})"')
FORM = {"Content_Type": "application/x-www-form-urlencoded"}


class ConsoleVisit:
    """A person with a key, at the address of a server or of its proxy."""

    def __init__(self, port: int, key: str) -> None:
        self.port, self.cookie = port, ""
        status, headers, _ = self.send("enter", {"key": key, "to": "rollout"})
        assert (status, headers["location"]) == (303, "enter?to=rollout&kept=1")
        self.cookie = headers["set-cookie"].partition(";")[0]

    def send(self, path: str, fields: dict[str, str], **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Send a form."""
        return requested(
            self.port, "POST", f"/console/{path}", urlencode(fields).encode(), **FORM, Cookie=self.cookie, **headers
        )

    def page(self, path: str) -> str:
        """Return a page."""
        status, _, body = requested(self.port, "GET", f"/console/{path}", Cookie=self.cookie)
        assert status == 200, (path, status)
        return body.decode()

    def form(self, action: str, path: str) -> dict[str, str]:
        """Return the fields of the form of a page that gives an order, once the page has it.

        The workers of a server follow a change of champion within half a second of each other.
        """
        found: list[dict[str, str]] = []

        def is_there() -> bool:
            found.extend(form for name, form in order_forms(self.page(path)).items() if name == action)
            return bool(found)

        wait_until(is_there, seconds=10, every=0.2)
        return found[-1]

    @property
    def proof(self) -> str:
        """Proof of the session."""
        return PROOF.search(self.page(""))[1]  # type: ignore[index]  # every page has it
