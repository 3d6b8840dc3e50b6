import datetime
import json

import pytest

from ingest.audit.as_json import audit_dict
from ingest.audit.change import BaselineInvalid, read_baseline
from ingest.audit.checks import Options, run_audit

NOW = datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC)


def unwatched(items, _total, _label):
    return items


def audited(sets, *names, **asked):
    return run_audit(sets.root, names, unwatched, Options(**asked))


@pytest.fixture
def baseline(sets, tmp_path):
    sets.write("a", [sets.row("a", f"{i}.png", split="train") for i in range(12)])
    path = tmp_path / "old.json"
    path.write_text(json.dumps(audit_dict(audited(sets, "a"), NOW)))
    return path


def test_nothing_changed_says_so(sets, baseline):
    result = audited(sets, "a", baseline=baseline).result("change")
    assert result.findings == ()
    assert all(table.frame.empty for table in result.tables)
    assert "of 2026-01-02: 0 new findings, 0 gone" in result.sentence


def test_a_finding_that_came_and_one_that_went_are_told(sets, baseline):
    rows = [sets.row("a", f"{i}.png", split="train" if i < 12 else "test", subject=f"{i % 12}")
            for i in range(14)]  # fmt: skip
    extra = [sets.row("a", "w.png", gender="female", split="train")]
    sets.write("a", rows + extra)
    result = audited(sets, "a", baseline=baseline).result("change")
    moved = result.table("findings").set_index("finding")
    assert moved.loc["leakage.subject-across-splits", ["change", "now"]].tolist() == ["new", 2]
    assert moved.loc["balance.empty-cell", "change"] == "better"
    assert result.table("cells")["more"].tolist() == [2, 1]
    (finding,) = result.findings
    assert finding.rule == "change"
    assert "leakage.subject-across-splits" in finding.items
    assert "balance.empty-cell" not in finding.items


def test_news_of_the_baseline_itself_are_not_gone(sets, baseline, tmp_path):
    rows = [sets.row("a", f"{i}.png", split="train" if i < 12 else "test", subject=f"{i % 12}")
            for i in range(14)]  # fmt: skip
    sets.write("a", rows)
    second = audited(sets, "a", baseline=baseline)
    assert second.result("change").findings
    later = tmp_path / "later.json"
    later.write_text(json.dumps(audit_dict(second, NOW)))
    third = audited(sets, "a", baseline=later).result("change")
    assert third.table("findings").empty
    assert "0 new findings, 0 gone" in third.sentence


def test_another_data_set_is_set_beside(sets, baseline):
    rows = [sets.row("a", f"{i}.png", gender="female" if i < 6 else "male") for i in range(12)]
    sets.write("b", [*rows, sets.row("b", "x.png")])
    result = audited(sets, "a", compare="b").result("change")
    overlap = result.table("records").set_index("what")["both"]
    assert overlap["pictures, by key"] == 12
    assert overlap["pictures of both labelled differently"] == 6
    shares = result.table("shares").set_index(["axis", "value"])
    assert shares.loc[("gender", "male"), "here_share"] == 1
    assert shares.loc[("gender", "male"), "there_share"] == pytest.approx(7 / 13)
    assert "Beside b" in result.sentence


def test_without_either_there_is_no_such_section(sets, baseline):
    assert "change" not in [result.id for result in audited(sets, "a").results]


@pytest.mark.parametrize("text", ["no json", "[]", '{"findings": [{"id": "x"}]}', "{}"])
def test_what_is_no_report_is_refused(tmp_path, text):
    path = tmp_path / "old.json"
    path.write_text(text)
    with pytest.raises(BaselineInvalid, match="is no report of `ingest audit --json`"):
        read_baseline(path)
