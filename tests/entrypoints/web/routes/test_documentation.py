"""The page at /docs is whole, comes from this server alone, and runs under its own policy."""

import gzip
import re
from html.parser import HTMLParser
from importlib import resources

from entrypoints.web.static import ASSETS

LOADED = {("script", "src"), ("link", "href"), ("img", "src")}


class Page(HTMLParser):
    """The files that a page loads, and its inline scripts and styles."""

    def __init__(self, text):
        super().__init__()
        self.loaded, self.inline, self._inside = [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self._inside = tag
        self.loaded += [value for name, value in attrs if (tag, name) in LOADED]
        self.inline += [(tag, name) for name, _ in attrs if name == "style" or name.startswith("on")]

    def handle_data(self, data):
        if self._inside in ("script", "style") and data.strip():
            self.inline.append((self._inside, data))


def test_page_loads_each_served_file_and_no_other_and_has_no_inline_script_or_style(client):
    page = Page(client.get("/docs").text)  # also without a model

    assert sorted(page.loaded) == sorted(f"docs/{name}" for name in ASSETS)
    assert page.inline == []


def test_file_of_the_page_is_served_with_its_type(one_feature):
    for name, kind in ASSETS.items():
        response = one_feature.get(f"/docs/{name}")

        assert (response.status_code, response.mimetype) == (200, kind)
        assert len(response.data) > 200


def test_file_is_compressed_for_those_who_accept_it_and_sent_once(one_feature):
    path = "/docs/swagger-ui-bundle.js"
    plain = one_feature.get(path, headers={"Accept-Encoding": "gzip;q=0, br"})
    packed = one_feature.get(path, headers={"Accept-Encoding": "gzip, deflate, br"})
    again = one_feature.get(path, headers={"If-None-Match": packed.headers["ETag"]})

    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 3
    assert (packed.headers["Content-Encoding"], plain.headers.get("Content-Encoding")) == ("gzip", None)
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
    assert (again.status_code, again.data) == (304, b"")


def test_policy_allows_what_the_page_does_from_this_server_only(one_feature):
    for path in ("/docs", "/docs/start.js"):
        response = one_feature.get(path)

        (policy,) = response.headers.getlist("Content-Security-Policy")
        rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
        assert rules["default-src"] == rules["frame-ancestors"] == rules["base-uri"] == rules["form-action"] == "'none'"
        assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
        assert "unsafe" not in policy
        assert "*" not in policy
        assert response.headers.getlist("Cache-Control") == ["private, max-age=3600"]


def test_index_sends_browsers_to_the_console_and_is_json_for_others(client):
    browsers = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    statuses = {browsers: 303} | dict.fromkeys(("*/*", "text/html;q=0.5,*/*", "nonsense", ""), 200)

    for accept, status in statuses.items():
        for ask in (client.get, client.head):
            response = ask("/", headers={"Accept": accept} if accept else {})
            assert (response.status_code, response.headers["Vary"]) == (status, "Accept")
            assert response.headers.get("Location") == ("console/" if status == 303 else None)
            assert status == 303 or response.mimetype == "application/json"


def test_index_leads_to_routes_that_are_there_relative_to_itself(one_feature):
    links = one_feature.get("/").json.values()

    assert {one_feature.get(f"/{link}").status_code for link in links} == {200}


def test_our_own_files_name_no_other_place():
    for name in ("page.html", "start.js", "page.css"):
        text = resources.files("entrypoints.web.static").joinpath(name).read_text(encoding="utf-8")
        assert re.findall(r"(?:https?:)?//[\w.]+", re.sub(r"^\s*// .*$", "", text, flags=re.MULTILINE)) == [], name


def test_nothing_else_is_served_from_there(one_feature):
    for path in (
        *("/docs/", "/docs/page.html", "/docs/__init__.py", "/docs/swagger-ui.js", "/docs/start.js/"),
        *("/docs/../app.py", "/docs/..%2fapp.py", "/docs/%2e%2e%2fapp.py", "/docs/\0", "/docs//start.js"),
    ):
        assert one_feature.get(path).status_code == 404, path
