"""The command, from a trained run to labels on disk and back."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from PIL import Image

NONE = {"gender": None, "gender_origin": None}


def content(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.*")}


def edit_json(path, **changes):
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_faces_get_the_gender_they_have_with_whence_it_comes(synth, place, unlabelled):
    before = content(unlabelled.folder)
    result = synth("--src", "faces")
    assert result.exit_code == 0, result.output
    records = unlabelled.records()
    got = records[records["gender"].notna()]
    assert len(got) > 50
    numbers = got["path"].str.removesuffix(".png").astype(int)
    assert (got["gender"].astype(object) == np.array(["male", "female"])[numbers % 2]).mean() > 0.95
    assert set(got["gender_origin"]) == {"pseudo"}
    assert got["gender_confidence"].between(0.5, 1).all()
    overlay = pd.read_parquet(unlabelled.folder / "labels" / "pseudo_gender.parquet")
    assert set(overlay["made_by"]) == {"run g (CC0-1.0, for commercial)"}
    about = unlabelled.card()["maskcls"]["pseudo_labels"]["axes"]["gender"]
    assert about["n_labelled"] == len(got)
    assert about["datasets"] == [{"name": "taught", "role": "data", "licenses": {"CC0-1.0": 200}}]
    assert {row["gender"] for row in about["errors_out_of_fold"]} == {"male", "female"}
    assert "never to tell or decide anything about a person" in unlabelled.card_path.read_text()
    page = (unlabelled.folder / "pseudo_gender.html").read_text()
    assert all(part in page for part in ("Risk and coverage", "Least certain accepted", "svg"))
    assert synth("--undo").stdout == "faces: pseudo labels of gender removed\n"
    assert content(unlabelled.folder) == before
    assert synth("--undo").exit_code == 3


def test_only_confident_labels_are_taught(synth, unlabelled):
    from maskcls.data.rows import load_rows

    assert synth("--src", "faces").exit_code == 0
    path = unlabelled.folder / "labels" / "pseudo_gender.parquet"
    overlay = pd.read_parquet(path)
    overlay["confidence"] = np.where(overlay.index % 2, 0.96, 0.94).astype("float32")
    overlay.to_parquet(path)
    confidence = unlabelled.records()["gender_confidence"].fillna(0).to_numpy()
    taught = load_rows(unlabelled, min_confidence=0.95)["taught_gender"] >= 0
    assert taught.tolist() == (confidence >= 0.95).tolist()
    assert 0 < taught.sum() < len(taught)


def test_what_weakens_the_promise_is_said(synth, place, unlabelled):
    run = place / "runs" / "g"
    edit_json(run / "metrics.json", stand_in=True)
    text = (run / "config.toml").read_text()
    (run / "config.toml").write_text(text.replace('crop = "image"', 'crop = "face"'))
    said = synth("--src", "faces").stdout
    assert "The run is a stand-in" in said
    assert "60 faces have no face box" in said


def test_made_twice_it_is_the_same(synth, unlabelled):
    assert synth("--src", "faces").exit_code == 0
    first = content(unlabelled.folder)
    assert synth("--src", "faces", "--model", "g").exit_code == 0
    assert content(unlabelled.folder) == first


def test_without_src_every_set_that_lacks_it_and_rows_with_a_label_keep_it(synth, write_people):
    numbers = range(300, 340)
    wrong = {"gender": lambda n: "female" if n < 310 else None,
             "gender_origin": lambda n: "label" if n < 310 else None}  # fmt: skip
    half = write_people("half", numbers, **wrong)
    whole = write_people("whole", range(340, 344))
    result = synth()
    assert result.exit_code == 0, result.output
    assert "whole" not in result.stdout
    records = half.records()
    labelled = records["gender_origin"].astype(object) == "label"
    assert labelled.sum() == 10
    assert set(records.loc[labelled, "gender"]) == {"female"}
    assert not (whole.folder / "labels").exists()


def test_the_layout_of_megaage_asian_works_as_written(synth, place, tmp_path):
    from ingest.cli import cli

    base = tmp_path / "download" / "megaage_asian" / "megaage_asian"
    for part, numbers in (("train", range(400, 440)), ("test", range(440, 450))):
        (base / part).mkdir(parents=True)
        for number in numbers:
            draw_like(number).save(base / part / f"{number}.jpg", quality=95)
        (base / "list").mkdir(exist_ok=True)
        names = "".join(f"{number}.jpg\n" for number in numbers)
        (base / "list" / f"{part}_name.txt").write_text(names)
        (base / "list" / f"{part}_age.txt").write_text("44\n" * len(numbers))
    root = str(place / "data")
    pulled = CliRunner().invoke(cli, [
        "pull", "megaage_asian", "--from", str(tmp_path / "download"), "--purpose", "research",
        "--accept", "megaage_asian", "--root", root,
    ])  # fmt: skip
    assert pulled.exit_code == 0, pulled.output
    result = synth("--src", "megaage_asian")
    assert result.exit_code == 0, result.output
    assert "megaage_asian: gender of " in result.stdout
    card = json.loads((place / "data" / "megaage_asian" / "dataset.json").read_text())
    assert card["maskcls"]["purpose"] == "research"


def test_ages_are_labelled_by_group_in_the_same_way(synth, place, write_people):
    from maskcls.cli import cli

    by_hair = {"age": lambda n: (45.0, 70.0)[n % 2]}
    write_people("aged", range(500, 660), **by_hair)
    faces = write_people("ageless", range(700, 730), age=None, age_origin=None)
    options = (
        "--target", "age", "--data", "aged", "--folds", "2", "--no-pretrained", "--name", "a",
        "--set", "model.backbone=test_resnet", "--set", "data.size=32", "--set", "train.epochs=5",
        "--set", "transforms.train=[]", "--root", str(place / "data"),
        "--runs", str(place / "runs"),
    )  # fmt: skip
    assert CliRunner().invoke(cli, ["train", *options]).exit_code == 0
    result = synth("--axis", "age", "--src", "ageless")
    assert result.exit_code == 0, result.output
    records = faces.records()
    got = records[records["age_origin"].astype(object) == "pseudo"]
    assert len(got) > 20
    older = got["path"].str.removesuffix(".png").astype(int) % 2 == 1
    assert (got["age_low"] == np.where(older, 60, 30)).mean() > 0.9
    assert (got["age_high"].isna() == older).mean() > 0.9
    assert got["age"].isna().all()
    assert synth("--axis", "age", "--undo").exit_code == 0
    assert faces.records()["age_low"].isna().all()


def draw_like(number):
    """As the people of conftest."""
    hair = (230, 190, 60) if number % 2 else (30, 20, 60)
    image = Image.new("RGB", (40, 48), (170, 170, 170))
    image.paste(hair, (6, 2, 35, 23))
    image.paste((220, 180, 160), (9, 14, 31, 46))
    return image


def refused(synth, dataset, *arguments, says, code=3):
    before = content(dataset.folder)
    result = synth(*arguments)
    assert result.exit_code == code, result.output
    assert says in result.stderr
    assert "Traceback" not in result.output
    assert content(dataset.folder) == before


def test_a_promise_that_needs_more_people_is_not_made(synth, unlabelled):
    refused(synth, unlabelled, "--src", "faces", "--min-precision", "0.98",
            says="0.98 takes at least 149, all of them right")  # fmt: skip


def test_a_run_tried_on_forty_people_says_how_many_it_takes(synth, place, write_people, unlabelled):
    from maskcls.cli import cli

    write_people("forty", range(40))
    options = (
        "--target", "gender", "--data", "forty", "--folds", "2", "--no-pretrained", "--name", "f",
        "--set", "model.backbone=test_resnet", "--set", "data.size=32", "--set", "train.epochs=1",
        "--root", str(place / "data"), "--runs", str(place / "runs"),
    )  # fmt: skip
    assert CliRunner().invoke(cli, ["train", *options]).exit_code == 0
    refused(synth, unlabelled, "--src", "faces", "--model", "f",
            says=" labelled people; 0.95 takes at least 59, all of them right")  # fmt: skip


def test_a_set_that_has_gender_is_refused(synth, write_people):
    whole = write_people("whole", range(300, 304))
    refused(synth, whole, "--src", "whole", says="already has gender")


def test_a_run_taught_on_the_people_is_refused(synth, write_people, unlabelled):
    again = write_people("again", range(4), **NONE)  # the files of people it was taught
    refused(synth, again, "--src", "again", says="was taught")
    result = synth()  # others are labelled all the same
    assert result.exit_code == 0
    assert "passed over: again" in result.stderr


def test_a_run_for_research_labels_nothing_commercial(synth, place, unlabelled):
    edit_json(place / "runs" / "g" / "lineage.json", purpose="research")
    refused(synth, unlabelled, "--src", "faces", says="--purpose research")
    assert synth("--src", "faces", "--purpose", "research").exit_code == 0
    assert unlabelled.card()["maskcls"]["purpose"] == "research"  # as long as the labels are there
    assert synth("--undo", "--src", "faces").exit_code == 0
    assert unlabelled.card()["maskcls"]["purpose"] == "commercial"


def test_a_licence_that_forbids_is_refused(synth, write_people):
    forbidden = write_people("nc", range(300, 304), license="CC-BY-NC-4.0", **NONE)
    refused(synth, forbidden, "--src", "nc", says="CC-BY-NC-4.0")


def test_a_run_without_the_axis_or_without_folds_is_refused(synth, place, unlabelled):
    refused(synth, unlabelled, "--src", "faces", "--model", "g", "--axis", "mask",
            says="predicts gender, not mask")  # fmt: skip
    (place / "runs" / "g" / "oof.parquet").unlink()
    refused(synth, unlabelled, "--src", "faces", "--model", "g", says="--folds none")
    refused(synth, unlabelled, "--src", "faces", code=1,
            says="maskcls train --target gender --data us_congress")  # fmt: skip
    shutil.rmtree(place / "runs" / "g")
    refused(synth, unlabelled, "--model", "g", code=2, says="no run 'g'")


def test_a_run_whose_epochs_the_held_out_people_chose_is_refused(synth, place, unlabelled):
    metrics = place / "runs" / "g" / "metrics.json"
    models = json.loads(metrics.read_text())["models"]
    edit_json(metrics, models=[{**model, "selected_by": "macro_f1"} for model in models])
    refused(synth, unlabelled, "--src", "faces", "--model", "g", says="seems surer than it is")


def test_people_whose_label_is_a_guess_prove_nothing(synth, place, unlabelled):
    assert synth("--src", "faces").exit_code == 0
    records = place / "data" / "taught" / "records.parquet"
    frame = pd.read_parquet(records)
    frame["gender_origin"] = (
        frame["gender_origin"].astype(object).where(frame.index >= 150, "pseudo")
    )
    from ingest.records import conform, write_records

    write_records(conform(frame), records)
    assert synth("--undo").exit_code == 0
    refused(synth, unlabelled, "--src", "faces", says="25 labelled people")


@pytest.mark.parametrize("value", ["1", "0.2", "often"])
def test_a_precision_that_cannot_be_meant_is_wrong_usage(synth, unlabelled, value):
    refused(synth, unlabelled, "--min-precision", value, code=2, says="--min-precision")
