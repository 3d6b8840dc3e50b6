"""The review page in a real browser: Debian's Chromium, offline, from disk."""

import csv

import pandas as pd
import pytest

from ingest.correct import correct
from maskcls.relabelling.review import write_review

EVIL = "a, \"quoted\" <script>document.title='owned'</script>.png"


@pytest.fixture
def dataset(people):
    rows = [{"number": number, "mask": "not_worn"} for number in range(4)]
    rows[3]["path"] = EVIL.replace("/", "_")
    return people.write("real", rows)


@pytest.fixture
def page(browser, dataset, tmp_path):
    records = dataset.records()
    axes, proposed = ["gender", "age", "gender", "mask"], ["female", "<30", "female", "worn"]
    old = [str(records["gender"][0]), f"{records['age'][1]:g}", "male", "not_worn"]
    found = pd.DataFrame(
        {
            "rank": range(1, 5), "method": "vote", "axis": axes, "image_id": records["image_id"],
            "path": records["path"], "label": ["male", ">=60", "male", "not_worn"], "old": old,
            "proposed": proposed, "verdict": "candidate", "votes_against": 4.0, "score": 0.1,
            "people_of_label": 4, "rare": True,
        }
    )  # fmt: skip
    file = write_review(tmp_path / "my review.html", dataset, found, 10)
    context = browser.new_context(viewport={"width": 1100, "height": 800})
    opened = context.new_page()
    opened.requests, opened.errors = [], []
    opened.on("request", lambda request: opened.requests.append(request.url))
    opened.on("pageerror", lambda error: opened.errors.append(str(error)))
    opened.on("console", lambda said: opened.errors.append(said.text)
              if said.type == "error" else None)  # fmt: skip
    opened.goto(file.as_uri())
    yield opened
    assert opened.errors == []
    outside = [url for url in opened.requests if not url.startswith(("data:", "blob:"))]
    assert set(outside) == {file.as_uri()}
    assert "owned" not in opened.title()
    context.close()


def save(page, tmp_path):
    with page.expect_download() as download:
        page.get_by_role("button", name="Save FIXES.csv").click()
    assert download.value.suggested_filename == "FIXES.csv"
    path = tmp_path / "FIXES.csv"
    download.value.save_as(path)
    return path


def test_keys_decide_and_the_fixes_are_taken_by_ingest_correct(page, dataset, tmp_path):
    assert page.locator("#position").inner_text() == "1"
    page.keyboard.press("c")
    page.locator("li:visible .new").fill("27.5")
    page.locator("li:visible [data-answer=change]").click()
    page.keyboard.press("k")
    page.keyboard.press("c")
    assert page.locator("#end").is_visible()
    assert page.locator("#changed").inner_text() == "3"
    path = save(page, tmp_path)
    with path.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["axis"] for row in rows] == ["gender", "age", "mask"]
    assert rows[1]["new"] == "27.5"
    assert rows[2]["path"] == EVIL.replace("/", "_")
    assert correct(dataset, path).n_fixes == 3
    assert dataset.records()["mask"].astype(object)[3] == "worn"


def test_going_back_changes_an_answer_and_a_reload_keeps_them(page):
    page.keyboard.press("c")
    assert page.locator("#changed").inner_text() == "1"
    page.keyboard.press("u")
    page.keyboard.press("k")
    assert page.locator("#changed").inner_text() == "0"
    page.keyboard.press("s")
    page.reload()
    assert page.locator("#position").inner_text() == "3"
    page.keyboard.press("u")
    assert page.locator("li:visible [data-answer=skip]").get_attribute("aria-pressed") == "true"


def test_what_cannot_be_meant_is_said_and_nothing_is_saved(page):
    page.get_by_role("button", name="Save FIXES.csv").click()
    assert "Nothing was changed" in page.locator("#status").inner_text()
    page.keyboard.press("k")
    page.locator("li:visible .new").fill("often")
    page.locator("li:visible [data-answer=change]").click()
    assert "age in years" in page.locator("#status").inner_text()
    assert page.locator("#position").inner_text() == "2"
    page.locator("#by").fill(" ")
    page.locator("li:visible .new").fill("20")
    page.locator("li:visible [data-answer=change]").click()
    page.get_by_role("button", name="Save FIXES.csv").click()
    assert "your name" in page.locator("#status").inner_text()


def test_letters_typed_into_a_field_decide_nothing(page):
    page.locator("#by").click()
    page.keyboard.type("Kim Cusk")
    assert page.locator("#position").inner_text() == "1"
    assert page.locator("#by").input_value().endswith("Kim Cusk")
