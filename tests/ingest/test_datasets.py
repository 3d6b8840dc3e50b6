"""Every data set with a manifest, pulled from a miniature in its source's exact layout."""

import importlib.util
import shutil
import sys
from pathlib import Path

import pandas as pd
import pytest

from ingest.dataset import open_dataset
from ingest.manifests.read import load_manifest, manifest_names


def load(name):
    """A module beside this one; test folders are no packages, so it goes by its path."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


table = load("miniature_tools").table
MINIATURES = load("miniatures_ages").MINIATURES | load("miniatures_joined").MINIATURES
ELSEWHERE = {"all_age_faces", "us_congress", "public_portraits"}  # test_pull.py


@pytest.fixture
def pulled(run, data_root, draw, tmp_path):
    """Pulls a miniature through the command line; gives its records by path, and the result."""

    def pull(name, *more):
        mini = MINIATURES[name]
        folder = mini.write(tmp_path / "source" / name, draw)
        result = run("pull", name, "--from", folder, "--purpose", "research", "--accept", name,
                     *mini.arguments, *more)  # fmt: skip
        assert result.exit_code == 0, result.output
        return open_dataset(data_root, name).records().set_index("path"), result

    return pull


def test_every_data_set_has_a_miniature():
    assert sorted(ELSEWHERE | MINIATURES.keys()) == manifest_names()


@pytest.mark.parametrize("name", sorted(MINIATURES))
def test_a_miniature_gives_the_labels_its_source_means(pulled, data_root, name):
    mini, manifest = MINIATURES[name], load_manifest(name)
    records, _ = pulled(name)
    assert len(records) == len(mini.records or mini.pictures)
    assert all(any(picture.endswith(path) for picture in mini.records or mini.pictures)
               for path in records.index), records.index  # fmt: skip
    for path, expected in mini.labels.items():
        row = records.loc[path]
        for column, value in expected.items():
            if column == "subject":
                assert row["subject_id"] == f"{manifest.subject_namespace}:{value}", path
            elif value is None:
                assert pd.isna(row[column]), (path, column)
            else:
                assert row[column] == value, (path, column)


@pytest.mark.parametrize("name", sorted(name for name, m in MINIATURES.items() if m.wrong))
def test_wrong_files_are_listed_and_what_belongs_to_the_layout_is_not(pulled, data_root, name):
    mini = MINIATURES[name]
    pulled(name)
    skipped = open_dataset(data_root, name).card()["maskcls"]["skipped"]
    for path in mini.wrong:
        assert any(path.endswith(item["path"]) for item in skipped), (path, skipped)
    assert not [item for item in skipped if item["path"].endswith((".csv", ".mat", "_face.jpg"))]


@pytest.mark.parametrize("name", ["fairface", "agedb", "maskedface_net"])
def test_an_archive_gives_the_same_records_as_its_folder(run, data_root, draw, tmp_path, name):
    folder = MINIATURES[name].write(tmp_path / "wrap" / name, draw)
    archive = shutil.make_archive(str(tmp_path / name), "gztar", folder.parent)
    tables = []
    for source, root in ((folder, "one"), (archive, "two")):
        root = data_root / root
        done = run("pull", name, "--from", source, "--purpose", "research", "--accept", name,
                   "--root", root)  # fmt: skip
        assert done.exit_code == 0, done.output
        tables.append(open_dataset(root, name).records())
    pd.testing.assert_frame_equal(*tables)


def test_a_disputed_meaning_is_asked_for_and_kept(run, data_root, draw, tmp_path):
    folder = MINIATURES["medical_masks_p4"].write(tmp_path / "m", draw)
    arguments = ("pull", "medical_masks_p4", "--from", folder, "--purpose", "research")
    for more in ((), ("--choose", "type_order=maybe")):
        asked = run(*arguments, *more)
        assert asked.exit_code == 2
        assert "--choose type_order=correct-first or --choose type_order=bare-first" in asked.stderr
    assert run("pull", "us_congress", "--choose", "x=y").exit_code == 2
    assert not data_root.exists()
    assert run(*arguments, "--choose", "type_order=bare-first").exit_code == 0
    dataset = open_dataset(data_root, "medical_masks_p4")
    assert dataset.card()["maskcls"]["choices"] == ["type_order=bare-first"]
    assert dataset.records()["mask"].tolist() == ["not_worn", "worn"]


def test_an_unseen_licence_that_may_forbid_composites_is_not_accepted_away(run, draw, tmp_path):
    folder = MINIATURES["medical_masks_p4"].write(tmp_path / "m", draw)
    refused = run("pull", "medical_masks_p4", "--from", folder, "--accept", "medical_masks_p4",
                  "--choose", "type_order=bare-first", "--root", tmp_path / "r")  # fmt: skip
    assert refused.exit_code == 3
    assert "does not permit commercial use" in refused.stderr


def test_a_picture_whose_own_licence_is_unknown_is_left_out(pulled, data_root):
    pulled("ffhq")
    card = open_dataset(data_root, "ffhq").card()
    skipped = {item["path"]: item["reason"] for item in card["maskcls"]["skipped"]}
    assert "its own licence: NOASSERTION" in skipped["images1024x1024/68000/68194.png"]


def test_only_pictures_whose_own_licence_allows_it_are_had_for_commercial_use(
    run, data_root, draw, tmp_path
):
    mini = MINIATURES["open_images_miap"]
    folder = mini.write(tmp_path / "m", draw)
    result = run("pull", "open_images_miap", "--from", folder)
    assert result.exit_code == 0, result.output
    records = open_dataset(data_root, "open_images_miap").records()
    assert set(records["license"]) == {"CC-BY-4.0 AND CC-BY-2.0"}
    assert "validation/00b_face0.jpg: its own licence" in result.stderr


def test_sets_made_of_the_same_pictures_share_their_subjects(pulled):
    one, _ = pulled("ffhq")
    other, _ = pulled("maskedface_net")
    assert set(one["subject_id"]) & set(other["subject_id"]) == {"ffhq:2231"}
    wiki, _ = pulled("imdb_wiki")
    clean, _ = pulled("imdb_clean")
    assert "imdb_wiki:nm0000001" in set(wiki["subject_id"]) & set(clean["subject_id"])


def test_a_source_that_contradicts_itself_is_listed(pulled):
    _, result = pulled("boostcamp_mask")
    assert (
        "001498-1_male_Asian_23/mask5.jpg: gender: the source contradicts itself" in result.stderr
    )


def test_an_exported_set_is_the_same_when_pulled_again(run, data_root, portraits_like, tmp_path):
    from ingest.records import class_indices

    out = tmp_path / "out"
    assert run("export", portraits_like.name, "--format", "boostcamp", "--out", out).exit_code == 0
    done = run("pull", "boostcamp_mask", "--from", out, "--purpose", "research",
               "--accept", "boostcamp_mask")  # fmt: skip
    assert done.exit_code == 0, done.output
    again = open_dataset(data_root, "boostcamp_mask").records()
    before = dict(zip(portraits_like.records()["sha256"], class_indices(portraits_like.records()),
                      strict=True))  # fmt: skip
    assert dict(zip(again["sha256"], class_indices(again), strict=True)) == before


@pytest.fixture
def portraits_like(run, data_root, draw, tmp_path):
    """A pulled set whose every picture has a class."""
    MINIATURES["utkface"].write(tmp_path / "utk", draw)
    run("pull", "utkface", "--from", tmp_path / "utk", "--purpose", "research",
        "--accept", "utkface")  # fmt: skip
    return open_dataset(data_root, "utkface")


def test_the_parts_of_a_cloned_archive_are_joined(run, data_root, draw, tmp_path):
    MINIATURES["afad_lite"].write(tmp_path / "made", draw)
    whole = Path(shutil.make_archive(str(tmp_path / "w"), "xztar", tmp_path / "made")).read_bytes()
    clone = tmp_path / "tarball-lite"
    clone.mkdir()
    (clone / "README.md").write_text("Please cite.")
    for number, end in enumerate("abc"):
        third = len(whole) // 3 + 1
        (clone / f"AFAD-Lite.tar.xza{end}").write_bytes(whole[number * third :][:third])
    result = run("pull", "afad_lite", "--from", clone, "--purpose", "research")
    assert result.exit_code == 0, result.output
    assert "e0b3ac0d6017daa556cf49d911975f50" in result.stderr  # the made archive is another
    assert open_dataset(data_root, "afad_lite").records()["gender"].tolist() == ["female"]
    assert sorted(path.name for path in clone.iterdir())[0] == "AFAD-Lite.tar.xzaa"


def test_every_set_that_needs_a_login_says_what_to_do_before_anything_comes(run, data_root):
    for name in manifest_names():
        manifest = load_manifest(name)
        if all(file.content_url for file in manifest.distribution):
            continue
        choices = [f"--choose={q}={next(iter(c['answers']))}" for q, c in manifest.choices.items()]
        result = run("pull", name, "--purpose", "research", "--accept", name, *choices)
        assert result.exit_code in (1, 3), (name, result.output)
        if result.exit_code == 1 and name != "us_congress":
            assert f"ingest pull {name} --from PATH" in result.stderr
            assert manifest.distribution[0].instructions in result.stderr


def test_the_published_fixes_are_laid_only_when_asked_for(run, data_root, draw, tmp_path):
    people = [("000020", "male"), ("004418", "male"), ("005227", "female"), ("004432", "male"),
              ("001498-1", "male"), *((f"00636{n}", "female") for n in range(5)),
              ("006359", "female"), ("006504", "female"), ("000001", "male")]  # fmt: skip
    rows = [["id", "gender", "race", "age", "path"]]
    for number, (person, gender) in enumerate(people):
        inside = f"{person}_{gender}_Asian_30"
        rows.append([person, gender, "Asian", "30", inside])
        folder = tmp_path / "b" / "images" / inside
        folder.mkdir(parents=True)
        for name in ("mask1.jpg", "incorrect_mask.png", "normal.jpeg"):
            (folder / name).write_bytes(draw(shade=number * 10))
    table(*rows)(tmp_path / "b" / "train.csv")
    run("pull", "boostcamp_mask", "--from", tmp_path / "b", "--accept", "boostcamp_mask")
    dataset = open_dataset(data_root, "boostcamp_mask")
    before = dataset.records()
    assert set(before["gender_origin"]) == {"label"}
    result = run("correct", "boostcamp_mask")
    assert "15 fixes changed 33 labels" in result.stdout, result.output
    after = dataset.records()
    swapped = after["path"].str.contains("000020_male_Asian_30/normal")
    assert after.loc[swapped, "mask"].tolist() == ["incorrect"]
    assert after.loc[after["path"].str.contains("001498-1"), "gender"].unique() == ["female"]
    assert set(after.loc[after["path"].str.contains("000001_"), "gender_origin"]) == {"label"}


def test_fixes_that_do_not_come_with_the_program_are_not_invented(pulled, run):
    pulled("utkface")
    refused = run("correct", "utkface")
    assert refused.exit_code == 2
    assert "There are some for boostcamp_mask" in refused.stderr


def test_what_a_licence_leaves_open_for_later_is_accepted_at_the_pull(
    run, data_root, draw, tmp_path
):
    from ingest.licences.gate import LicenceRefused, pass_gate

    folder = MINIATURES["utkface"].write(tmp_path / "utk", draw)
    arguments = ("pull", "utkface", "--from", folder, "--purpose", "research")
    run(*arguments)
    with pytest.raises(LicenceRefused, match="--accept utkface --purpose research"):
        pass_gate([open_dataset(data_root, "utkface")], "synth")
    assert run(*arguments, "--accept", "utkface").exit_code == 0
    passage = pass_gate([open_dataset(data_root, "utkface")], "synth")
    assert passage.acceptances[0]["accepted"] == ["derivatives"]
    with pytest.raises(LicenceRefused):
        pass_gate([open_dataset(data_root, "utkface")], "synth", "commercial")
