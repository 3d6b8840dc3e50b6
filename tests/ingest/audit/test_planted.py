"""Faults planted on purpose are found by the command, and counted by other means than its own."""

import importlib.util
import io
import json
import sys
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from PIL import Image

from ingest.cli import cli

CHANGES = ("scaled", "mirrored", "cropped", "compressed")


@pytest.fixture
def audit(sets, tmp_path):
    """Audits data sets through the command; gives the JSON report with tables as frames."""

    def run(*names, root=None, expect=0, more=()):
        path = tmp_path / "report.json"
        arguments = ["audit", *names, "--json", str(path), "--root", str(root or sets.root), *more]
        result = CliRunner().invoke(cli, arguments)
        assert result.exit_code == expect, result.output
        report = json.loads(path.read_text())
        report["found"] = {finding["id"]: finding for finding in report["findings"]}
        report["tables"] = {
            f"{check}.{name}": pd.DataFrame(table["rows"], columns=table["columns"])
            for check, result in report["checks"].items()
            for name, table in result["tables"].items()
        }
        return report

    return run


def column(root, name, column):
    """A column of a record table, read without the product."""
    table = pq.read_table(root / name / "records.parquet", columns=[column])
    return table.column(column).to_pylist()


def planted_copy(image, how):
    """A near-duplicate: scaled 0.8, mirrored, cropped 6 pixels, or recompressed at quality 70."""
    if how == "scaled":
        image = image.resize((round(0.8 * image.width), round(0.8 * image.height)))
    if how == "mirrored":
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if how == "cropped":
        image = image.crop((6, 6, image.width - 6, image.height - 6))
    return image, 70 if how == "compressed" else 95


def found_inside(whole, part):
    """How well the middle of one picture is found inside another: OpenCV's template matching."""
    width, height = part.size
    middle = part.convert("L").crop((width // 5, height // 5, width * 4 // 5, height * 4 // 5))
    views = [np.asarray(view.resize((round(view.width * scale), round(view.height * scale))))
             for view in (middle, middle.transpose(Image.Transpose.FLIP_LEFT_RIGHT))
             for scale in (1.0, 1.25)]  # fmt: skip
    ground = np.asarray(whole.convert("L"))
    return max(cv2.matchTemplate(ground, view, cv2.TM_CCOEFF_NORMED).max() for view in views)


@pytest.mark.portraits
@pytest.mark.parametrize("how", [CHANGES, ("all of it",)], ids=["each of the four", "all of it"])
def test_thirty_near_duplicates_among_the_portraits(portraits, sets, audit, how):
    photos = sorted((portraits / "congress").rglob("*.jpg"))
    real = [sets.row("real", path.name, picture=Image.open(path), save={"quality": "keep"})
            for path in photos]  # fmt: skip
    sets.write("real", real)
    chosen = np.random.default_rng(7).choice(len(photos), 30, replace=False)
    copies, expected = [], {}
    for number, index in enumerate(chosen):
        image, quality = Image.open(photos[index]).convert("RGB"), 95
        for change in CHANGES if how == ("all of it",) else (how[number % len(how)],):
            image, strongest = planted_copy(image, change)
            quality = min(quality, strongest)
        name = f"copy{number}.jpg"
        copies.append(sets.row("planted", name, picture=image, save={"quality": quality},
                               subject=photos[index].stem))  # fmt: skip
        expected[frozenset({photos[index].name, name})] = change
    sets.write("planted", copies)
    near = audit("real", "planted")["duplicates"]["near"]
    pairs = {frozenset(one["pair"]) for one in near}
    assert len(pairs & set(expected)) >= 28
    assert len(pairs - set(expected)) <= 5
    alike = [found_inside(*(Image.open(path) for path in (photos[index], copy)))
             for index, copy in zip(chosen, copies_on_disk(sets, copies), strict=True)]  # fmt: skip
    assert sum(value > 0.97 for value in alike) == 30


def copies_on_disk(sets, copies):
    return [sets.root / "planted" / "images" / row["path"] for row in copies]


def test_ten_people_across_splits(sets, audit):
    sets.write("a", [sets.row("a", f"{i}.png", subject=f"p{i}", split="train") for i in range(30)])
    sets.write("b", [sets.row("b", f"{i}.png", subject=f"p{i + 20}", split="test")
                     for i in range(25)])  # fmt: skip
    people = set(column(sets.root, "a", "subject_id")) & set(column(sets.root, "b", "subject_id"))
    assert len(people) == 10
    report = audit("a", "b", more=("--fail-on", "leakage"), expect=3)
    assert report["found"]["leakage.subject-across-splits"]["count"] == 10
    assert set(report["tables"]["leakage.subjects"]["subject_id"]) == people


def test_maskedface_net_beside_ffhq(audit, tmp_path):
    minis = load("miniatures_joined").MINIATURES
    root = tmp_path / "pulled"
    for name in ("ffhq", "maskedface_net"):
        folder = minis[name].write(tmp_path / name, drawn)
        done = CliRunner().invoke(cli, ["pull", name, "--from", str(folder), "--purpose",
                                        "research", "--root", str(root)])  # fmt: skip
        assert done.exit_code == 0, done.output
    numbers = [{int(Path(path).stem[:5]) for path in column(root, name, "path")}
               for name in ("ffhq", "maskedface_net")]  # fmt: skip
    report = audit("ffhq", "maskedface_net", root=root)
    row = report["tables"]["leakage.derived"].iloc[0]
    assert (row["dataset"], row["other"], row["common"]) == ("ffhq", "maskedface_net", "ffhq")
    assert row["shared_subjects"] == len(numbers[0] & numbers[1]) == 1
    assert report["found"]["leakage.derived-sets"]["items"] == ["ffhq and maskedface_net"]


def load(name):
    """A module of the folder above; test folders are no packages."""
    if "miniature_tools" not in sys.modules and name != "miniature_tools":
        load("miniature_tools")
    path = Path(__file__).parents[1] / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def drawn(size, shade, kind):
    """Bytes of a picture like no other shade's."""
    rng = np.random.default_rng(shade)
    stream = io.BytesIO()
    Image.fromarray(rng.integers(0, 255, (size[1], size[0], 3), np.uint8)).save(stream, kind)
    return stream.getvalue()


def test_fifteen_swapped_labels_with_predictions(sets, audit):
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 2, 200)
    swapped = set(rng.choice(200, 15, replace=False).tolist())
    words = ("male", "female")
    rows = [sets.row("a", f"{i}.png", gender=words[truth[i] ^ (i in swapped)]) for i in range(200)]
    sets.write("a", rows)
    female = np.where(truth == 1, 0.9, 0.1) + rng.uniform(-0.08, 0.08, 200)
    oof = pd.DataFrame({"image_id": [row["image_id"] for row in rows], "fold": 0})
    oof = oof.assign(score_gender_male=1 - female, score_gender_female=female)
    oof.to_parquet(sets.root / "oof.parquet")
    said = np.array([words.index(word) for word in column(sets.root, "a", "gender")])
    assert int((said != (female > 0.5)).sum()) == 15
    report = audit("a", more=("--predictions", str(sets.root / "oof.parquet")))
    disputed = report["tables"]["labels.disputed"]
    assert set(disputed["path"]) == {f"{i}.png" for i in swapped}
    assert disputed["suspect"].all()
    assert report["found"]["labels.disputed"]["severity"] == "warning"


def test_twenty_orphan_composites(sets, audit):
    photos = sets.write("a", [sets.row("a", f"{i}.png") for i in range(10)])
    lost = [sets.row("gone", f"{i}.png") for i in range(20)]
    made = [sets.composite("s", f"{i}.png", photo) for i, photo in enumerate(photos + lost)]
    sets.write("s", made)
    known = set(column(sets.root, "a", "image_id")) | set(column(sets.root, "s", "image_id"))
    orphans = [path for path, parent in zip(column(sets.root, "s", "path"),
                                            column(sets.root, "s", "parent_id"), strict=True)
               if parent not in known]  # fmt: skip
    assert len(orphans) == 20
    report = audit("a", "s", more=("--fail-on", "provenance"), expect=3)
    assert report["found"]["provenance.orphan"]["count"] == 20
    assert report["tables"]["provenance.orphans"]["path"].tolist() == orphans


def test_a_source_that_alone_fills_a_class_with_its_own_jpeg_quality(sets, audit, scene):
    def photo(source, i, quality, **labels):
        return sets.row(source, f"{i}.jpg", subject=f"{source}{i}", picture=scene(hash((i, quality))
                        % 10_000, 60, 75), save={"quality": quality}, **labels)  # fmt: skip

    ages = (25.0, 40.0, 70.0)
    sets.write("a", [photo("a", i, 92, age=ages[i % 3],
                           gender="male" if i % 3 == 2 or i % 2 else "female")
                     for i in range(60)])  # fmt: skip
    sets.write("b", [photo("b", i, 60, age=70.0, gender="female") for i in range(20)])
    tables = {name: {hash(str(Image.open(path).quantization))
                     for path in (sets.root / name / "images").iterdir()}
              for name in ("a", "b")}  # fmt: skip
    assert len(tables["a"]) == len(tables["b"]) == 1
    assert not tables["a"] & tables["b"]
    report = audit("a", "b", more=("--fail-on", "confounding"), expect=3)
    assert "not_worn female >=60" in report["found"]["balance.one-source"]["items"]
    strong = report["tables"]["confounding.factors"].query("strength >= 0.5")
    blamed = {(row.label, row.factor) for row in strong.itertuples()}
    assert ("not_worn female >=60", "JPEG quality") in blamed
    assert ("not_worn female >=60", "source") in blamed
    named = strong[strong["factor"] == "JPEG quality"]["shortcut"]
    assert named.str.contains("JPEG quality above 7").any()


def test_twelve_unreadable_files(sets, audit):
    rows = sets.write("a", [sets.row("a", f"{i:02}.jpg") for i in range(40)])
    folder = sets.root / "a" / "images"
    for i, row in enumerate(rows[:12]):
        path = folder / row["path"]
        content = path.read_bytes()
        path.write_bytes((content[: len(content) // 2], b"", b"no picture", content[40:])[i % 4])
    unreadable = sorted(path.name for path in folder.iterdir() if not readable(path))
    assert len(unreadable) == 12
    report = audit("a", more=("--fail-on", "integrity"), expect=3)
    assert report["found"]["integrity.unreadable"]["count"] == 12
    assert report["tables"]["integrity.broken"]["path"].tolist() == unreadable
    assert report["tables"]["integrity.broken"]["reason"].ne("").all()


def readable(path):
    """Whether Pillow alone decodes a file."""
    try:
        with Image.open(path) as image:
            image.load()
    except OSError:
        return False
    return True


def test_a_missing_licence(sets, audit):
    rows = [sets.row("a", f"{i}.png", license="NOASSERTION" if i == 3 else "CC-BY-4.0")
            for i in range(8)]  # fmt: skip
    sets.write("a", rows)
    assert column(sets.root, "a", "license").count("NOASSERTION") == 1
    report = audit("a", more=("--fail-on", "licence"), expect=3)
    assert report["found"]["licence.missing"]["count"] == 1
    effective = report["tables"]["licence.effective"].iloc[0]
    assert effective["license"] == "CC-BY-4.0 AND NOASSERTION"
    assert effective["commercial"] == "unknown"
