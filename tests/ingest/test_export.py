import csv
import json
import tarfile

import pandas as pd
import pytest

from ingest.records import class_indices

PEOPLE = [
    {"mask": "worn", "gender": "male", "age": 20.0},
    {"mask": "incorrect", "wear_state": "chin", "gender": "female", "age_low": 60.0,
     "age_high": 69.0, "split": "val"},
    {"mask": "not_worn", "gender": "female", "age": 59.5, "attribution": "Ann, <b>BY</b>"},
    {"mask": "not_worn", "gender": "female"},
]  # fmt: skip


@pytest.fixture
def people(make_dataset, monkeypatch):
    """Four pictures, the last of no known age."""
    dataset = make_dataset("people", PEOPLE, {"purpose": "commercial", "caveats": ["Made."]})
    monkeypatch.setenv("MASKCLS_DATA", str(dataset.folder.parent))
    return dataset


@pytest.fixture
def export(run, people, tmp_path):
    """Exports the four pictures through the command line."""

    def make(name, *more, code=0):
        result = run("export", "people", "--format", name, "--out", tmp_path / name, *more)
        assert result.exit_code == code, result.output
        return tmp_path / name, result

    return make


def labels_of(dataset):
    records = dataset.records()
    return dict(zip(records["image_id"], class_indices(records), strict=True))


def test_csv_holds_every_image_and_a_card_that_mlcroissant_reads(export, people):
    import mlcroissant

    out, result = export("csv")
    assert "4 images" in result.stdout
    table = pd.read_csv(out / "labels.csv")
    classes = table.set_index("image_id")["class"].fillna(-1).astype(int).to_dict()
    assert classes == labels_of(people)
    for path, sha in zip(table["path"], people.records()["path"], strict=True):
        assert (out / path).read_bytes() == (people.images / sha).read_bytes()
    read = mlcroissant.Dataset(jsonld=out / "dataset.json")
    assert not read.metadata.ctx.issues.errors
    assert len(list(read.records("records"))) == 4
    assert pd.read_parquet(out / "records.parquet")["image_id"].tolist() == list(classes)


def test_an_image_folder_has_a_folder_per_class(export, people):
    from torchvision.datasets import ImageFolder

    out, result = export("imagefolder")
    assert "3 images" in result.stdout
    assert "has no known class" in result.stderr
    read = ImageFolder(out)
    expected = labels_of(people)
    for path, index in read.samples:
        assert int(read.classes[index][:2]) == expected[path.rpartition("/")[2][:-4]]
    assert read.classes == ["00_worn_male_under-30", "11_incorrect_female_60-and-over",
                            "16_not-worn_female_30-59"]  # fmt: skip


def test_shards_are_read_by_webdataset_with_the_same_labels(export, people):
    import webdataset

    out, _ = export("webdataset")
    shard = out / "people-000000.tar"
    samples = list(webdataset.WebDataset(str(shard), shardshuffle=False).decode("pil"))
    assert len(samples) == 4
    found = {sample["__key__"]: sample.get("cls", -1) for sample in samples}
    assert found == labels_of(people)
    assert samples[1]["json"]["wear_state"] == "chin"
    assert samples[0]["jpg"].size == (40, 48)
    with tarfile.open(shard) as archive:
        assert {info.mtime for info in archive} == {0}


def test_the_same_records_give_the_same_shard(run, people, tmp_path):
    for name in ("a", "b"):
        run("export", "people", "--format", "webdataset", "--out", tmp_path / name)
    shards = [(tmp_path / name / "people-000000.tar").read_bytes() for name in ("a", "b")]
    assert shards[0] == shards[1]


def test_the_hub_folder_is_loaded_by_datasets(export, people, tmp_path):
    import datasets

    out, _ = export("huggingface")
    datasets.disable_progress_bars()
    read = datasets.load_dataset(str(out), cache_dir=str(tmp_path / "cache"))
    assert {split: len(rows) for split, rows in read.items()} == {"train": 3, "validation": 1}
    found = {row["image_id"]: -1 if row["class"] is None else row["class"]
             for rows in read.values() for row in rows}  # fmt: skip
    assert found == labels_of(people)
    assert read["train"][0]["image"].size == (40, 48)
    card = (out / "README.md").read_text()
    assert "license: other" in card
    assert "license_name: LicenseRef-US-government-work" in card
    assert "- Made." in card


def test_the_boostcamp_layout_names_photos_by_how_the_mask_sits(export):
    out, _ = export("boostcamp")
    with (out / "train.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert rows[0] == {"id": "000001", "gender": "male", "race": "unknown", "age": "20",
                       "path": "000001_male_unknown_20"}  # fmt: skip
    assert sorted(p.relative_to(out / "images").as_posix() for p in out.rglob("*.jpg")) == [
        "000001_male_unknown_20/mask1.jpg",
        "000002_female_unknown_60/incorrect_mask.jpg",
        "000003_female_unknown_59/normal.jpg",
    ]


def test_a_person_with_many_photos_goes_on_under_a_second_id(run, make_dataset, tmp_path):
    one = {"mask": "worn", "gender": "male", "age": 70.0, "subject_id": "many:x"}
    make_dataset("many", [one] * 7 + [{**one, "mask": "incorrect", "age": 71.0}])
    out = tmp_path / "out"
    run("export", "many", "--format", "boostcamp", "--out", out, "--root", tmp_path / "root")
    folders = {p.name: sorted(f.name for f in p.iterdir()) for p in (out / "images").iterdir()}
    assert folders == {
        "000001_male_unknown_70": [f"mask{n}.jpg" for n in range(1, 6)],
        "000001-1_male_unknown_70": ["mask1.jpg", "mask2.jpg"],
        "000001-2_male_unknown_71": ["incorrect_mask.jpg"],
    }
    assert (out / "subjects.csv").read_text().splitlines()[1] == "000001,many:x"


def test_people_stay_whole_and_composites_composed_when_pulled_again(run, make_dataset, tmp_path):
    one, other = ({"mask": "incorrect", "gender": "male", "age": 70.0, "subject_id": f"many:{name}"}
                  for name in "xy")  # fmt: skip
    composed = {"mask_origin": "synthetic", "parent_id": "0123456789abcdef"}
    make_dataset("many", [one, one, {**one, **composed}, other])
    root, out = tmp_path / "root", tmp_path / "out"
    run("export", "many", "--format", "boostcamp", "--out", out, "--root", root)
    pulled = run(
        "pull", "boostcamp_mask", "--from", out, "--accept", "boostcamp_mask", "--root", root
    )
    assert pulled.exit_code == 0, pulled.output
    table = pd.read_parquet(root / "boostcamp_mask" / "records.parquet")
    assert table["subject_id"].value_counts().to_dict() == {
        "boostcamp_mask:000001": 3, "boostcamp_mask:000002": 1,
    }  # fmt: skip
    assert table["mask_origin"].value_counts().to_dict() == {"label": 3, "synthetic": 1}


@pytest.mark.parametrize("name", ["csv", "imagefolder", "boostcamp", "webdataset", "huggingface"])
def test_every_export_says_whom_to_credit(export, name):
    out, _ = export(name)
    with (out / "ATTRIBUTION.csv").open() as stream:
        rows = {row["path"]: row for row in csv.DictReader(stream)}
    assert "Ann, <b>BY</b>" in {row["attribution"] for row in rows.values()}
    for path in rows:
        assert (out / path.partition(":")[0]).is_file()
    assert "LicenseRef-US-government-work" in (out / "NOTICE").read_text()


def test_sharing_asks_for_the_permission_to_redistribute(run, make_dataset, tmp_path):
    dataset = make_dataset("closed", [{"license": "LicenseRef-AI-Hub"}],
                           {"purpose": "research", "acceptances": [
                               {"license": "LicenseRef-AI-Hub", "purpose": "research",
                                "accepted": ["gated", "derivatives"]}]})  # fmt: skip
    root, out = dataset.folder.parent, tmp_path / "out"
    arguments = ("export", "closed", "--format", "csv", "--out", out, "--root", root)
    refused = run(*arguments, "--to-share")
    assert refused.exit_code == 3
    assert "does not permit redistribution" in refused.stderr
    assert not out.exists()
    assert run(*arguments).exit_code == 0
    assert "Not to be passed on." in (out / "NOTICE").read_text()
    assert run(*arguments, "--purpose", "commercial").exit_code == 2


def test_a_filled_folder_is_not_written_over(export, tmp_path):
    (tmp_path / "csv").mkdir()
    (tmp_path / "csv" / "mine.txt").write_text("mine")
    _, result = export("csv", code=2)
    assert "is there already" in result.stderr
    assert [p.name for p in (tmp_path / "csv").iterdir()] == ["mine.txt"]


def test_a_missing_file_is_left_out_and_listed(export, people):
    (people.images / "0.jpg").unlink()
    _, result = export("csv")
    assert "skipped: 0.jpg: its file is missing" in result.stderr
    assert "3 images" in result.stdout


def test_nothing_to_export_leaves_nothing(run, make_dataset, tmp_path):
    make_dataset("blank")
    result = run("export", "blank", "--format", "imagefolder", "--out", tmp_path / "out",
                 "--root", tmp_path / "root")  # fmt: skip
    assert result.exit_code == 1
    assert "no image can be exported" in result.stderr
    assert not (tmp_path / "out").exists()


def test_licences_writes_the_credits_of_a_mix(run, people, tmp_path):
    result = run("licences", "people", "all_age_faces", "--out", tmp_path / "credits", "--json")
    assert json.loads(result.stdout)["terms"]["commercial"] == "unknown"
    text = (tmp_path / "credits" / "NOTICE").read_text()
    assert "no sentence of the owner is known" in text
    assert "Not known, so ask the owner: commercial, derivatives, redistribution" in text
    rows = pd.read_csv(tmp_path / "credits" / "ATTRIBUTION.csv")
    assert rows["path"].tolist() == [f"people/{n}.jpg" for n in range(4)]


@pytest.mark.portraits
def test_the_real_portraits_are_read_back_with_the_same_labels(run, data_root, portraits, tmp_path):
    import datasets
    import mlcroissant
    import webdataset

    assert run("pull", "us_congress", "--from", portraits).exit_code == 0
    from ingest.dataset import open_dataset

    pulled = open_dataset(data_root, "us_congress")
    expected = labels_of(pulled)
    for name in ("csv", "webdataset", "huggingface", "boostcamp"):
        done = run("export", "us_congress", "--format", name, "--out", tmp_path / name)
        assert done.exit_code == 0, done.output
    table = pd.read_csv(tmp_path / "csv" / "labels.csv")
    assert table.set_index("image_id")["class"].to_dict() == expected
    card = mlcroissant.Dataset(jsonld=tmp_path / "csv" / "dataset.json")
    read = {row["records/image_id"].decode(): row for row in card.records("records")}
    genders = pulled.records().set_index("image_id")["gender"].astype(str).to_dict()
    assert {key: row["records/gender"].decode() for key, row in read.items()} == genders
    shard = str(tmp_path / "webdataset" / "us_congress-000000.tar")
    samples = webdataset.WebDataset(shard, shardshuffle=False).decode()
    assert {sample["__key__"]: sample["cls"] for sample in samples} == expected
    datasets.disable_progress_bars()
    hub = datasets.load_dataset(str(tmp_path / "huggingface"), cache_dir=str(tmp_path / "cache"))
    rows = hub["train"].select_columns(["image_id", "class"])
    assert {row["image_id"]: row["class"] for row in rows} == expected
    done = run("pull", "boostcamp_mask", "--from", tmp_path / "boostcamp", "--accept",
               "boostcamp_mask")  # fmt: skip
    assert done.exit_code == 0, done.output
    again = open_dataset(data_root, "boostcamp_mask").records()
    before = dict(zip(pulled.records()["sha256"], expected.values(), strict=True))
    assert dict(zip(again["sha256"], class_indices(again), strict=True)) == before
