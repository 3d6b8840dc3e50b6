import base64
import hashlib
import re

import pandas as pd
import pytest
from markupsafe import Markup

from ingest.report import page
from ingest.report.text import as_text

EVIL = '"><img src=x onerror=alert(1)>'


def everything(text: str) -> page.Page:
    """A page with every kind of block, each carrying `text` wherever text can stand."""
    thumb = page.Thumb("data:image/png;base64,AAAA", text)
    blocks = [
        page.table_view("t", text, pd.DataFrame({"name": [text] * 20, "n": range(20)}), 15),
        page.Chart(Markup("<svg></svg>"), text),
        page.Gallery([(text, [thumb, page.Thumb("", text)])]),
        page.Grid(text, [text], [page.GridRow(text, [page.GridCell(text, text, [("real", 0.5)],
                  text, [thumb])], text, 1)], [("real", text)]),
        page.Quotes(text, [page.Quote(text, text, text, text)]),
    ]  # fmt: skip
    notice = page.Notice("finding-x", "warning", text, text, "s", [text], 3)
    section = page.Section("s", text, text, blocks, "warning")
    facts = [page.Fact(text, text, text)]
    return page.Page(text, text, text, "warning", text, facts, [notice], blocks[:1], [section],
                     [text])  # fmt: skip


def test_no_text_becomes_markup():
    html = page.render(everything(EVIL))
    assert "<img src=x" not in html
    assert html.count("&lt;img src=x") > 20


def test_the_policy_allows_the_pages_own_script_and_no_other():
    html = page.render(everything("plain"))
    script = re.search(r"<script>(.*?)</script>", html, re.DOTALL).group(1)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html).group(1)
    assert "default-src 'none'" in policy
    assert f"script-src 'sha256-{digest}'" in policy


def test_tables_say_how_many_rows_there_are_in_all():
    html = page.render(everything("plain"))
    assert "The first 15 of 20; all are in the JSON." in html


def test_ids_are_unique_and_links_lead_somewhere():
    html = page.render(page.Page(
        "k", "t", "v", "good", "l",
        notices=[page.Notice("finding-a.b", "note", "t", "a", "one")],
        sections=[page.Section("one", "One", "."), page.Section("two", "Two", ".")],
    ))  # fmt: skip
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(ids)


def test_columns_of_numbers_are_marked_and_keep_a_sort_key():
    view = page.table_view("t", "c", pd.DataFrame({"some_name": ["a"], "images": [1234]}))
    assert list(view.columns) == [("Some name", False), ("Images", True)]
    assert view.rows == [[("a", "a"), ("1,234", "1234")]]


@pytest.mark.parametrize(
    "value, text",
    [(None, "–"), (float("nan"), "–"), (pd.NA, "–"), (float("inf"), "∞"), (True, "yes"),
     (0.1234, "0.12"), (-1200, "-1,200"), ("x" * 400, "x" * 300 + " …")],
)  # fmt: skip
def test_values_read_well(value, text):
    assert as_text(value)[0] == text


def test_an_odd_backtick_stays_a_backtick():
    assert page.code_spans("a ` b <c>") == Markup("a ` b &lt;c&gt;")
