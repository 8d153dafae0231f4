"""Console in a real browser: policy, accessibility, budget, updates, keyboard, and a phone."""

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from adapters.memory.key_store import InMemoryKeyStore
from application.access.issue_key import IssueKey
from domain.access.api_key import KeyRing, Role
from entrypoints.web.console.pages import console_pages
from tests.support.chromium import PROGRAM, Page
from tests.support.examples import SteppingClock, a_model
from tests.support.rollouts import a_served_rollout, in_rollout
from tests.support.web.console_site import ConsoleSite
from tests.support.web.console_states import console_states

AXE = Path(__file__).parents[2] / "build/axe/axe_playwright_python/axe.min.js"
WCAG = "{type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']}"
# The other rules do not depend on colors.
RULES = {"light": WCAG, "dark": "{type: 'rule', values: ['color-contrast']}"}
VIOLATIONS = """axe.run({runOnly: %s, resultTypes: ['violations']}).then(
    (found) => found.violations.map((each) => each.id + ': ' + each.nodes.map((node) => node.html).join(' ')))"""
SMALL_TARGETS = """[...document.querySelectorAll('a, button, input, select, summary')]
    .filter((each) => each.checkVisibility() && !each.closest('.skip, .sr, p, dd, li'))
    .filter((each) => each.getBoundingClientRect().height < 24).map((each) => each.outerHTML)"""
# What is wider than its card, which may cut it off or lie beside it.
OUTSIDE = """[...document.querySelectorAll('.card *')].filter((each) => !each.closest('.sr') && each.checkVisibility())
    .filter((each) => each.getBoundingClientRect().right > each.closest('.card').getBoundingClientRect().right + 1)
    .map((each) => each.outerHTML.slice(0, 120))"""
STATES = console_states()
MAX_BYTES, MAX_REQUESTS, MAX_NODES = 60_000, 6, 1_500
# Until a page shows that its server is silent.
MAX_STALE_SECONDS = 20
COMPARED = ("model?version=0.9", "model?version=gone")
TAB, ENTER = ("Tab", 9), ("Enter", 13, "\r")
# From the top of the page to the order.
MAX_STOPS = 16

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.slow,
    pytest.mark.xdist_group("console"),
    pytest.mark.skipif(not PROGRAM, reason="no Chromium is installed"),
]


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    page = Page(tmp_path_factory.mktemp("chromium"))
    yield page
    page.close()


@pytest.fixture
def page(browser):
    """The browser, as wide as a laptop, without the last test's page, errors and requests."""
    browser.open("about:blank")
    browser.resize(1280)
    browser.prefer("light")
    browser.errors.clear()
    browser.requests.clear()
    return browser


@pytest.fixture(scope="module")
def site():
    with ConsoleSite() as site:
        yield site


def visit(page, site, path=""):
    page.open(site.address + path)
    page.wait_for(f"location.href === {site.address + path!r} && document.readyState === 'complete'")


def violations(page):
    """Return what axe finds in both widths and color schemes, by width and scheme."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8") + "; 0")
    found = {}
    for width in (1280, 360):
        page.resize(width)
        for scheme in ("light", "dark"):
            page.prefer(scheme)
            found[width, scheme] = page.evaluate(VIOLATIONS % RULES[scheme])
    return {place: each for place, each in found.items() if each}


def without_numbers(page):
    """Return the document without the digits of its texts, on which no rule of accessibility depends."""
    html = page.evaluate("document.documentElement.outerHTML")
    return re.sub(r">[^<]+<", lambda text: re.sub(r"\d", "0", text[0]), html)


def sign_in(page, site, web, role):
    """Show the state to a person who signs in with a new key of the role."""
    keys = InMemoryKeyStore()
    key = IssueKey(keys, SteppingClock(), os.urandom)("night-ops", (role,)).text
    web.active_keys.ring = keys.ring()
    site.show(web)
    page.open(site.address + "enter")
    page.wait_for("!!document.querySelector('input[type=password]')")
    page.evaluate("document.querySelector('input[type=password]').focus()")
    page.write(key)
    page.press(*ENTER)
    page.wait_for("document.querySelector('.who strong')?.textContent === 'night-ops'")


def paths(site):
    return [each.path for each in console_pages(site.web)]


@pytest.mark.skipif(not AXE.exists(), reason="make test-slow installs axe")
def test_pages_are_accessible_fit_a_phone_and_keep_the_policy_in_every_state(page, site):
    found, examined = {}, {}
    for state, make in STATES.items():
        site.show(make())
        for path in (*paths(site), *(COMPARED if state in ("well", "mixed", "long") else ())):
            visit(page, site, path)
            document = without_numbers(page)
            if document not in examined:
                examined[document] = found[state, path, "axe"] = violations(page)
            for width in (1280, 1010, 360, 320):
                page.resize(width)
                found[state, path, width, "outside"] = page.evaluate(OUTSIDE)
                found[state, path, width, "overflow"] = page.evaluate(
                    f"document.documentElement.scrollWidth > {width} ? [document.documentElement.scrollWidth] : []"
                )
            found[state, path, "targets"] = page.evaluate(SMALL_TARGETS)

    assert {place: each for place, each in found.items() if each} == {}
    assert len(found) > 100
    # Chromium reports the status of the version that is gone.
    assert [each for each in page.errors if not ("404" in each and each.endswith("version=gone"))] == []


@pytest.mark.skipif(not AXE.exists(), reason="make test-slow installs axe")
def test_page_to_sign_in_is_accessible_before_and_after_a_wrong_key(page, site):
    web = STATES["well"]()
    web.active_keys.ring = KeyRing()
    site.show(web)
    visit(page, site, "enter")
    before = violations(page)

    page.evaluate("document.querySelector('input[type=password]').focus()")
    page.write("me.wrong")
    page.press(*ENTER)
    page.wait_for("!!document.querySelector('[role=alert]')")

    assert (before, violations(page)) == ({}, {})
    assert not any("Content Security Policy" in error for error in page.errors)


@pytest.mark.skipif(not AXE.exists(), reason="make test-slow installs axe")
def test_operator_reaches_the_abort_of_a_rollout_by_keyboard_on_accessible_pages(page, site):
    sign_in(page, site, STATES["held"](), Role.OPERATE)
    visit(page, site, "rollout")

    for _ in range(MAX_STOPS):
        page.press(*TAB)
        if "Abort" in page.evaluate("document.activeElement.textContent"):
            break
    page.press(*ENTER)
    page.wait_for("document.activeElement?.id === 'act'")
    found = {"abort": violations(page)}
    for path in ("rollout?act=promote", "versions"):
        visit(page, site, path)
        found[path] = violations(page)
    sign_in(page, site, STATES["well"](), Role.OPERATE)
    for path in ("versions?act=rollback", "versions?act=promote&version=0.9"):
        visit(page, site, path)
        assert page.evaluate("!!document.getElementById('act')"), path
        found[path] = violations(page)

    assert {path: each for path, each in found.items() if each} == {}
    assert page.errors == []


def test_inline_style_is_reported_by_the_browser(page, site):
    visit(page, site, "control")

    assert any("Content Security Policy" in error for error in page.errors)


def test_first_visit_stays_within_its_budget(page, site):
    site.show(STATES["busy"]())
    for path in paths(site):
        page.clear_cache()
        page.requests.clear()
        visit(page, site, path)
        sizes = {
            url: page.evaluate(f"fetch({url!r}).then((r) => r.text()).then((t) => new Blob([t]).size)")
            for url in set(page.requests)
        }

        assert {urlsplit(url).netloc for url in sizes} == {urlsplit(site.address).netloc}
        assert len(sizes) <= MAX_REQUESTS
        assert sum(sizes.values()) <= MAX_BYTES, (path, sizes)
        assert page.evaluate("document.querySelectorAll('*').length") <= MAX_NODES
    assert page.errors == []


def test_new_figures_arrive_and_what_is_focused_open_or_typed_stays(page, site):
    site.show(STATES["well"]())
    visit(page, site)
    page.evaluate("document.querySelector('details').open = true; document.querySelector('summary').focus()")

    site.show(STATES["busy"]())

    page.wait_for("document.getElementById('verdict-word').textContent.includes('version 2')", seconds=6)
    assert page.evaluate("document.title").startswith("Healthy, rollout")
    assert page.evaluate("document.querySelector('details').open && document.activeElement.tagName === 'SUMMARY'")
    # The first sentence has changed, so a screen reader gets it once.
    assert "version 2" in page.evaluate("document.getElementById('status').textContent")


def test_watched_rollout_shows_one_state_takes_its_order_and_keeps_no_piece_of_the_end(page, site):
    web, champion = STATES["busy"](), a_model()
    sign_in(page, site, web, Role.OPERATE)
    visit(page, site, "rollout")
    page.evaluate("scrollTo(0, 40); document.querySelector('#pause button').focus()")

    web.current_model.replace(in_rollout(champion, a_served_rollout(a_model(951.5), weight=1000, stage=3)))
    page.wait_for("document.querySelector('#pause button').textContent.includes('10 %')", seconds=8)
    assert page.evaluate("document.activeElement === document.querySelector('#pause button') && scrollY") == 40
    assert page.evaluate("document.querySelector('nav .pill').textContent") == "10 %"
    page.click("#pause button")
    page.wait_for("document.querySelector('#order-note')?.textContent.includes('Pause')")

    web.current_model.replace(in_rollout(champion, None))
    page.wait_for("document.getElementById('verdict-word').textContent.startsWith('No rollout')", seconds=8)
    assert page.evaluate("[...document.querySelectorAll('#pause, .button.stop, .steps, nav .pill')].length") == 0


def test_refused_order_is_explained_on_a_page_that_goes_on_and_keeps_a_sheet_that_is_filled_in(page, site):
    web, champion = STATES["busy"](), a_model()
    sign_in(page, site, web, Role.OPERATE)
    visit(page, site, "rollout?act=promote")
    page.evaluate("document.querySelector('#act [name=reason]').focus()")
    page.write("sure")
    seen = page.evaluate("document.querySelector('#act [name=seen]').value")

    web.current_model.replace(in_rollout(champion, a_served_rollout(a_model(951.5), weight=1000, stage=3)))
    page.wait_for("document.querySelector('#pause button').textContent.includes('10 %')", seconds=8)
    assert page.evaluate("document.querySelector('#act [name=seen]').value") == seen
    page.press(*ENTER)
    page.wait_for("!!document.querySelector('[role=alert]')")
    first = page.evaluate("document.getElementById('fresh').textContent")
    page.wait_for(f"document.getElementById('fresh').textContent !== {first!r}", seconds=8)

    assert "Nothing was done" in page.evaluate("document.querySelector('[role=alert]').textContent")
    assert page.evaluate("location.pathname + location.search") == "/console/rollout?act=promote&version=2"
    assert page.evaluate("document.querySelector('#act [name=seen]').value") != seen


def test_page_of_a_silent_server_is_marked_as_old_within_its_bound_and_recovers(page, site):
    site.show(STATES["well"]())
    visit(page, site)
    site.answers.clear()

    page.wait_for("document.documentElement.hasAttribute('data-stale')", seconds=MAX_STALE_SECONDS)
    assert "figures are old" in page.evaluate("document.getElementById('fresh').textContent")

    site.answers.set()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for("!document.documentElement.hasAttribute('data-stale')", seconds=3)


def test_stopped_page_asks_for_nothing(page, site):
    site.show(STATES["well"]())
    visit(page, site)

    page.click("#halt")
    page.requests.clear()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    assert page.evaluate("document.getElementById('often').textContent") == "not updated"
    assert page.requests == []


def test_row_is_predicted_while_it_is_typed_and_its_address_has_it(page, site):
    site.show(STATES["mixed"]())
    visit(page, site, "try")
    before = page.evaluate("document.getElementById('y').textContent")

    page.evaluate("document.getElementById('x0').focus(); document.getElementById('x0').select()")
    page.write("150")

    page.wait_for(f"document.getElementById('y').textContent !== {before!r}", seconds=3)
    page.wait_for("location.search.includes('x.0=150')")
    assert page.evaluate("document.activeElement.id") == "x0"
    assert '"area": 150' in page.evaluate("document.getElementById('curl').textContent")
    assert site.address.replace("console/", "stream") in page.evaluate("document.getElementById('curl').textContent")


def test_slider_moves_its_field_by_keyboard(page, site):
    site.show(STATES["mixed"]())
    visit(page, site, "try?x.0=100&x.1=true&x.2=Bergen&x.3=2021-05-01")

    page.evaluate("document.querySelector('[data-for=x0]').focus()")
    page.press("ArrowRight", 39)

    page.wait_for("Number(document.getElementById('x0').value) > 100", seconds=3)
    page.wait_for("!location.search.includes('x.0=100&')", seconds=3)


def test_first_stop_of_the_keyboard_is_the_link_to_the_content_with_an_outline(page, site):
    site.show(STATES["well"]())
    visit(page, site)

    page.press(*TAB)

    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "3px"
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0


def test_page_without_script_has_its_figures_and_answers_its_form(page, site):
    site.show(STATES["mixed"]())
    page.run_scripts(enabled=False)
    try:
        visit(page, site, "try?x.0=150&x.1=true&x.2=Bergen&x.3=2021-05-01")
        first = page.evaluate("document.getElementById('y').textContent")
        page.evaluate("document.getElementById('x0').focus(); document.getElementById('x0').value = '60'")
        page.press(*ENTER)
        page.wait_for("location.search.includes('x.0=60')")
        page.wait_for("document.readyState === 'complete'")
        assert page.evaluate("document.getElementById('y').textContent") not in ("", first)
        visit(page, site)
        assert page.evaluate("document.getElementById('verdict-word').textContent").startswith("Healthy")
    finally:
        page.run_scripts(enabled=True)
