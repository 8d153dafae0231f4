"""Session of the console for tests: a key, its cookie and the forms of a page."""

import os
import re
from html import unescape
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from adapters.memory.key_store import InMemoryKeyStore
from application.access.issue_key import IssueKey
from domain.access.api_key import Role
from entrypoints.web.app import create_app
from entrypoints.web.dependencies import WebDependencies
from tests.support.examples import SteppingClock

FORM = re.compile(r'<form[^>]*action="order"[^>]*>(.*?)</form>', re.DOTALL)
FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


def order_forms(page: str) -> dict[str, dict[str, str]]:
    """Return the hidden fields of the forms of a page that give orders, by action."""
    forms = [{name: unescape(value) for name, value in FIELD.findall(form)} for form in FORM.findall(page)]
    return {form["action"]: form for form in forms}


def words(text: str) -> str:
    """Return the words of a page as people read them."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", text)).split())


def place(response: TestResponse) -> tuple[int, str]:
    """Return the status of a response and where it sends the browser."""
    return response.status_code, response.headers.get("Location", "")


class ConsoleSession:
    """A person who has signed in with a key of these roles."""

    def __init__(self, web: WebDependencies, *roles: Role) -> None:
        store = InMemoryKeyStore()
        self.key = IssueKey(store, SteppingClock(), os.urandom)("night-ops", roles or (Role.OPERATE,)).text
        web.active_keys.ring = store.ring()
        self.client: FlaskClient = create_app(web).test_client()
        self.client.post("/console/enter", data={"key": self.key})

    def form(self, action: str, address: str) -> dict[str, str]:
        """Return the fields of a form of a page."""
        return order_forms(self.client.get(f"/console/{address}").text)[action]

    def send(self, fields: dict[str, str], **options: Any) -> TestResponse:
        """Send a form."""
        return self.client.post("/console/order", data=fields, **options)
