"""The report in a real browser: Debian's Chromium, offline, from disk."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from ingest.audit.checks import run_audit
from ingest.audit.outputs import Files, write
from ingest.cli import cli as ingest

EVIL = "<script>document.title='owned'</script>"


@pytest.fixture(scope="module")
def report(make_sets) -> Path:
    sets = make_sets("browser")
    rows = [sets.row("a", f"{i:02}.png", age=20.0 + 3 * i, attribution=EVIL) for i in range(20)]
    skipped = [{"path": f"{EVIL}{i}.jpg", "reason": "no face" if i % 2 else "is empty"}
               for i in range(30)]  # fmt: skip
    photos = sets.write("a", rows, skipped=skipped)
    sets.write("s", [sets.composite("s", f"{i}.png", photos[i]) for i in range(12)])
    path = sets.root.parent / "my report.html"
    write(run_audit(sets.root, ["a", "s"], lambda items, _total, _label: items), Files(path))
    return path


@pytest.fixture
def page(browser, report):
    yield from opened_page(browser, report)


def opened_page(browser, report):
    """The report in a tab of its own; whatever went wrong inside fails the test."""
    context = browser.new_context(
        color_scheme="light", reduced_motion="reduce", viewport={"width": 1300, "height": 900}
    )
    opened = context.new_page()
    opened.requests, opened.errors = [], []
    opened.on("request", lambda request: opened.requests.append(request.url))
    opened.on("pageerror", lambda error: opened.errors.append(str(error)))
    opened.on("console", lambda said: opened.errors.append(said.text)
              if said.type == "error" else None)  # fmt: skip
    opened.goto(report.as_uri())
    yield opened
    assert opened.errors == []
    context.close()


def column(page, table: str, n: int) -> list[str]:
    return page.locator(f"#{table} tbody tr:visible > :nth-child({n})").all_inner_texts()


def test_no_request_leaves_the_file_and_no_name_runs(page, report):
    page.locator("button.thumb").first.click()
    outside = [url for url in page.requests if not url.startswith("data:")]
    assert outside == [report.as_uri()]
    assert "owned" not in page.title()


def test_a_column_sorts_by_number_both_ways(page):
    head = page.locator("#balance-cells th", has_text="Images")
    for direction, order in (("ascending", False), ("descending", True)):
        head.get_by_role("button").click()
        assert head.get_attribute("aria-sort") == direction
        counts = [int(text) for text in column(page, "balance-cells", 7)]
        assert counts == sorted(counts, reverse=order)
        assert max(counts) > 9


def test_a_filter_keeps_the_rows_that_hold_every_word(page):
    page.locator("#integrity-skipped input").fill("no face")
    reasons = column(page, "integrity-skipped", 3)
    assert len(reasons) == 15
    assert set(reasons) == {"no face"}
    assert page.locator("#integrity-skipped .count").inner_text() == "15 of 30 rows"
    page.locator("#integrity-skipped input").fill("")
    assert len(column(page, "integrity-skipped", 3)) == 30


def test_a_picture_opens_walks_and_closes_by_keyboard(page):
    thumbs = page.locator("button.thumb")
    thumbs.nth(0).focus()
    page.keyboard.press("Enter")
    viewer = page.locator("#viewer")
    assert viewer.is_visible()
    captions = [thumbs.nth(i).locator("img").get_attribute("alt") for i in range(2)]
    assert viewer.locator("figcaption").inner_text() == captions[0]
    page.keyboard.press("ArrowRight")
    assert viewer.locator("figcaption").inner_text() == captions[1]
    page.keyboard.press("Escape")
    assert not viewer.is_visible()
    assert page.evaluate("document.activeElement.className") == "thumb"


def test_the_theme_follows_the_system_and_then_the_reader(browser, page):
    def paper():
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    light = paper()
    page.emulate_media(color_scheme="dark")
    dark = paper()
    assert light != dark
    page.locator("#theme").click()
    assert paper() == light
    page.reload()
    assert paper() == light


def test_a_deep_link_opens_its_finding(page, report):
    page.goto(f"{report.as_uri()}#finding-balance.empty-cell")
    finding = page.locator('[id="finding-balance.empty-cell"]')
    assert finding.locator("details").get_attribute("open") is not None
    assert finding.locator("li", has_text="worn female >=60").first.is_visible()
    finding.locator(".title a").click()
    assert page.url.endswith("#balance")
    assert page.evaluate("document.querySelector('#balance').getBoundingClientRect().top") < 100


def test_the_keyboard_reaches_the_report_first(page):
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the report"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_landmarks_names_and_alternatives_are_there(page):
    for role in ("banner", "navigation", "main", "contentinfo"):
        assert page.get_by_role(role).count() == 1, role
    assert page.locator("h1").count() == 1
    assert page.locator("img:not([alt])").count() == 0
    assert page.locator("table:not(:has(caption))").count() == 0
    assert page.locator("thead th:not([scope])").count() == 0
    assert page.locator("svg[role=img]:not([aria-label])").count() == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_has_no_serious_objection(page, theme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is missing")
    page.emulate_media(color_scheme=theme)
    found = axe.Axe().run(page).response
    assert len(found["passes"]) > 20
    grave = [f"{fault['id']}: {node['target']}" for fault in found["violations"]
             if fault["impact"] in ("serious", "critical") for node in fault["nodes"]]  # fmt: skip
    assert grave == []


def test_a_narrow_screen_does_not_scroll_sideways(page):
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_print_shows_what_is_folded_on_white(page):
    page.emulate_media(media="print", color_scheme="dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    assert not page.locator("#theme").is_visible()
    ink = page.evaluate("getComputedStyle(document.body).color")
    assert max(int(part) for part in ink[4:-1].split(",")[:3]) < 100


@pytest.fixture(scope="module")
def portrait_report(portraits, tmp_path_factory) -> Path:
    """The report of the 520 portraits and composites of 40 of them, all by the commands."""
    from synth.cli import cli as synth

    root = tmp_path_factory.mktemp("portraits")
    path = root / "report.html"
    for command, words in (
        (ingest, ["pull", "us_congress", "--from", str(portraits)]),
        (synth, ["masks", "--src", "us_congress", "--limit", "40", "--workers", "1"]),
        (ingest, ["audit", "us_congress", "synth_v1", "--html", str(path)]),
    ):
        done = CliRunner().invoke(command, [*words, "--root", str(root / "data")])
        assert done.exit_code == 0, done.output
    return path


@pytest.fixture
def portrait_page(browser, portrait_report):
    yield from opened_page(browser, portrait_report)


@pytest.mark.portraits
def test_the_report_of_the_portraits_works_from_disk_alone(portrait_page, portrait_report):
    page = portrait_page
    assert portrait_report.stat().st_size < 15_000_000
    assert [url for url in page.requests if not url.startswith("data:")] == [
        portrait_report.as_uri()
    ]
    page.locator("#people-subgroups th", has_text="Images").get_by_role("button").click()
    counts = [int(text.replace(",", "")) for text in column(page, "people-subgroups", 6)]
    assert counts == sorted(counts)
    page.locator("#people-subgroups input").fill("chin_out female")
    assert set(column(page, "people-subgroups", 5)) == {"chin_out"}
    page.locator("#provenance button.thumb").nth(1).click()
    assert page.locator("#viewer img").evaluate("image => image.naturalWidth") > 100
    page.keyboard.press("Escape")
    page.locator('[id="finding-balance.synthetic-only"] .title a').click()
    assert page.url.endswith("#balance")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.locator("#theme").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light


@pytest.mark.portraits
def test_axe_has_no_serious_objection_to_the_portraits(portrait_page):
    test_axe_has_no_serious_objection(portrait_page, "dark")
