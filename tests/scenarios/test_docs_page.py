"""Page at /docs in a real browser: it shows the document and sends requests."""

import re

import pytest

from tests.support.chromium import PROGRAM, Page
from tests.support.deploy.proxy import Proxy
from tests.support.keys import Keys
from tests.support.program import Program, free_port

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.skipif(not PROGRAM, reason="no Chromium is installed")]

ONE = "#operations-Predictions-predict_one"
ANSWER = f"document.querySelector('{ONE} .live-responses-table')?.innerText"


@pytest.fixture
def page(tmp_path):
    page = Page(tmp_path / "chromium")
    yield page
    page.close()


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    with Program(tmp_path_factory.mktemp("docs") / "artifacts") as program:
        yield program


def shown(page):
    """Return the paths of the operations as soon as the page shows them."""
    page.wait_for("!!document.querySelector('.opblock')")
    return page.evaluate("[...document.querySelectorAll('.opblock-summary-path')].map(path => path.innerText)")


def try_out(page):
    page.click(f"{ONE} .opblock-summary-control")
    page.wait_for(f"""document.querySelector('{ONE} textarea')?.value.includes('"X"')""")
    page.click(f"{ONE} .execute")
    return page.wait_for(ANSWER)


def test_page_shows_operations_tries_an_example_and_reports_a_missing_document(page, program):
    address = f"http://127.0.0.1:{program.port}"
    page.open(f"{address}/docs")

    # The interface breaks long paths at their slashes, with invisible characters.
    paths = [re.sub("[^/{}.a-z]", "", path) for path in shown(page)]
    answer = try_out(page)

    assert {"/stream", "/batch", "/health", "/model", "/openapi.json"} <= set(paths)
    assert "200" in answer.split()
    assert "147.46394690084577" in answer
    assert page.requests[-1] == f"{address}/stream"
    assert all(asked.startswith((f"{address}/", "data:")) for asked in page.requests)
    assert page.errors == []

    page.evaluate("window.fetch = async () => new Response('', {status: 503})")
    page.evaluate("openDocument()")
    assert "503" in page.wait_for("document.getElementById('trouble').innerText")


@pytest.fixture
def prefixed(program, tmp_path):
    """The address of a real nginx that serves the program below a path."""
    port = free_port()
    way = f"location /models/ {{ proxy_pass http://127.0.0.1:{program.port}/; }}"
    server = f"access_log off; server {{ listen 127.0.0.1:{port}; {way} }}"
    with Proxy(tmp_path, {"nginx.conf": f"pid {tmp_path}/nginx.pid; events {{}} http {{ {server} }}"}, port):
        yield f"http://127.0.0.1:{port}/models"


def test_example_is_answered_from_the_page_that_the_console_below_a_path_leads_to(page, prefixed):
    page.open(f"{prefixed}/")
    page.wait_for(f"location.href === '{prefixed}/console/'")
    page.click("a[href=try]")
    page.wait_for(f"document.getElementById('curl')?.textContent.includes('{prefixed}/stream')")
    page.click("a[href='../docs']")
    shown(page)

    assert "147.46394690084577" in try_out(page)
    assert page.requests[-1] == f"{prefixed}/stream"
    assert page.errors == []


def test_page_asks_for_a_key_where_one_is_needed_and_sends_it_with_what_is_tried(page, ready, artifacts):
    key = Keys(artifacts).add()
    page.open(f"http://127.0.0.1:{ready().port}/docs")
    page.wait_for("document.getElementById('key')?.hidden === false")

    enter(page, "me.wrong")
    assert "does not take this key" in page.wait_for("document.getElementById('trouble').innerText")
    enter(page, key)
    shown(page)
    answer = try_out(page)

    assert "147.46394690084577" in answer
    assert page.evaluate("document.getElementById('key').hidden && document.getElementById('trouble').hidden")
    # The browser reports each answer 401 as an error.
    assert all("401" in error for error in page.errors)


def enter(page, key):
    page.evaluate(f"document.querySelector('#key input').value = '{key}'")
    page.click("#key button")
