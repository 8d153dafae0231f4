"""Routes of the console: addresses, headers, files, and the bound on pages that are made at once."""

import re
import threading
from urllib.parse import urljoin

import pytest

from entrypoints.web.app import create_app
from entrypoints.web.console.assets import TYPES
from entrypoints.web.console.pages import console_pages
from tests.support.web.dependencies import web_dependencies

POLICY = {
    "default-src": "'none'",
    **dict.fromkeys(("script-src", "style-src", "connect-src", "img-src", "form-action"), "'self'"),
    **dict.fromkeys(("base-uri", "frame-ancestors"), "'none'"),
}
OF_PAGES = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
ADDRESSES = re.compile(r'(?:href|src|action|data-address)="([^"]*)"')


@pytest.fixture
def paths(web):
    return [f"/console/{page.path}" for page in console_pages(web)]


def test_console_without_its_slash_is_sent_to_an_address_beside_it(client):
    response = client.get("/console")

    assert (response.status_code, response.headers["Location"]) == (303, "console/")


def test_page_is_html_under_its_policy_with_and_without_a_model(client, one_feature, paths):
    for path in paths:
        response = one_feature.get(path, headers={"Accept-Encoding": "gzip"})

        assert (response.status_code, response.mimetype, response.content_encoding) == (200, "text/html", None), path
        assert {name: response.headers.getlist(name) for name in OF_PAGES} == {n: [v] for n, v in OF_PAGES.items()}
        (policy,) = response.headers.getlist("Content-Security-Policy")
        assert dict(rule.strip().split(" ", 1) for rule in policy.split(";")) == POLICY


def test_page_answers_without_a_model(client, paths):
    assert {path: client.get(path).status_code for path in paths} == dict.fromkeys(paths, 200)


def test_addresses_in_a_page_are_relative_and_lead_to_what_is_there(one_feature, paths):
    for path in paths:
        addresses = set(ADDRESSES.findall(one_feature.get(path).text))

        assert {"console.css", "console.js", "mark.svg", "./"} <= addresses
        assert [each for each in addresses if each.startswith(("/", "http", "//"))] == []
        for address in addresses - {"#main", "../rollout"}:  # there is no rollout
            assert one_feature.get(urljoin(f"http://localhost{path}", address)).status_code in (200, 405), address


def test_page_has_no_inline_style_or_script(one_feature, paths):
    for path in paths:
        text = one_feature.get(path).text

        assert re.findall(r"<style|\sstyle=|\son\w+=|<script(?![^>]*src=)|javascript:", text) == [], path


def test_file_is_asked_for_again_and_sent_once(client):
    for name, kind in TYPES.items():
        first = client.get(f"/console/{name}")
        again = client.get(f"/console/{name}", headers={"If-None-Match": first.headers["ETag"]})

        assert (first.status_code, first.mimetype, first.headers.getlist("Cache-Control")) == (200, kind, ["no-cache"])
        assert (again.status_code, again.data) == (304, b"")


def test_third_page_at_once_is_refused_and_the_next_one_is_not(mocker):
    web = web_dependencies(max_concurrent_requests=8)
    go, entered = threading.Event(), threading.Semaphore(0)

    def waiting(models):
        entered.release()
        assert go.wait(10)
        return False

    mocker.patch.object(type(web.current_model), "is_loaded", mocker.PropertyMock(side_effect=lambda: waiting(web)))
    app = create_app(web)
    threads = [threading.Thread(target=app.test_client().get, args=("/console/",)) for _ in range(2)]
    for thread in threads:
        thread.start()
        assert entered.acquire(timeout=10)

    refused = app.test_client().get("/console/")
    go.set()
    for thread in threads:
        thread.join()

    assert (refused.status_code, refused.json["code"], refused.headers["Retry-After"]) == (503, "overloaded", "1")
    assert app.test_client().get("/console/").status_code == 200
