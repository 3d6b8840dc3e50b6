"""The commands that look: list, show, verify, licences, and every help."""

import json
import os
import subprocess
import sys


def test_list_shows_manifests_and_what_is_here(run, pulled):
    assert "all_age_faces" in run("list").stdout
    rows = {row["name"]: row for row in json.loads(run("list", "--json").stdout)}
    assert rows["us_congress"]["images"] == 5
    assert rows["all_age_faces"]["pulled"] is False


def test_show_tells_the_sentence_and_what_lies_on_disk(run, pulled):
    text = run("show", "us_congress").stdout
    assert "has assured us that all photos are public domain" in text
    assert "5 of 5 people" in text
    assert "unverified-local" in text
    assert "no sentence is known" in run("show", "all_age_faces").stdout
    disputed = run("show", "medical_masks_p4").stdout
    assert "--choose type_order=correct-first or --choose type_order=bare-first" in disputed
    assert "made of      ffhq" in run("show", "maskedface_net").stdout


def test_an_unknown_data_set_is_refused(refused, run, data_root):
    refused(run("pull", "us_congres"), 2, "Did you mean 'us_congress'")
    refused(run("show", "nothing"), 2, "There are adience, afad, ")
    refused(run("verify", "nothing"), 2, "no data set 'nothing'")


def test_verify_finds_what_changed(refused, run, pulled):
    assert "all 5 files" in run("verify", "us_congress").stdout
    images = pulled / "images" / "congress" / "225x275"
    (images / "A000001.jpg").write_bytes(b"other")
    (images / "B000002.jpg").unlink()
    (images / "new.jpg").touch()
    refused(run("verify", "us_congress"), 3, "A000001.jpg has other bytes",
            "B000002.jpg is missing", "new.jpg is in no record")  # fmt: skip


def test_licences_answers_for_a_mix(refused, run, data_root):
    text = run("licences", "us_congress", "all_age_faces").stdout
    assert "together: LicenseRef-US-government-work AND NOASSERTION" in text
    assert "credit for us_congress: Government Printing Office" in text
    assert "train a model, research: not settled (NOASSERTION: on what terms" in text
    alone = run("licences", "us_congress").stdout
    assert "compose face masks on the pictures, commercial: yes\n" in alone
    assert "pass the pictures on, research: yes\n" in alone
    assert "commercial: no (CC-BY-NC-SA-4.0 does not permit" in run("licences", "ffhq").stdout
    mix = json.loads(run("licences", "us_congress", "--json").stdout)
    assert {one["answer"] for one in mix["uses"]} == {"allowed"}
    assert mix["terms"]["commercial"] == "yes"
    assert "CC-BY-NC-4.0" in run("licences").stdout
    refused(run("licences", "nothing"), 2, "no manifest")


def test_help_ends_with_an_example_and_is_light():
    code = (
        "import sys; from click.testing import CliRunner; from ingest.cli import cli\n"
        "for name in ['', *cli.commands]:\n"
        "    result = CliRunner().invoke(cli, [*([name] if name else []), '--help'])\n"
        "    assert result.exit_code == 0 and 'Example: ingest' in result.output, name\n"
        "heavy = {'torch', 'pandas', 'numpy', 'cv2', 'mediapipe', 'PIL'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=os.getcwd(),
                   env={**os.environ, "PYTHONPATH": os.getcwd()})  # fmt: skip
