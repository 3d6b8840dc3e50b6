"""Miniatures of the real sources, in their exact layouts, with drawn pictures and wrong names."""

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

Draw = Callable[..., bytes]


@dataclass
class Miniature:
    """A source of a few files.

    Attributes
    ----------
    pictures : sequence of str
        Paths of sound pictures that must become records.
    labels : mapping
        Path of a record to what its columns must hold; subjects without their namespace.
    wrong : sequence of str
        Paths of files that must be skipped and listed.
    other : mapping
        Paths of tables and other files to their content, text, bytes or a writer.
    records : sequence of str, optional
        Paths of the records where they differ from the pictures (cut out faces).
    """

    pictures: Sequence[str]
    labels: Mapping[str, Mapping[str, Any]]
    wrong: Sequence[str] = ()
    other: Mapping[str, Any] = field(default_factory=dict)
    records: Sequence[str] | None = None
    arguments: Sequence[str] = ()
    size: tuple[int, int] = (40, 48)

    def write(self, folder: Path, draw: Draw) -> Path:
        """Write all files below a folder, each picture in a shade of its own."""
        for number, path in enumerate([*self.pictures, *self.wrong]):
            kind = "PNG" if path.endswith(".png") else "JPEG"
            _write(folder / path, draw(self.size, shade=(number * 37) % 256, kind=kind))
        for path, content in self.other.items():
            _write(folder / path, content)
        return folder


def _write(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if callable(content):
        content(path)
    elif isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content, encoding="utf-8")


def table(*rows: Sequence[object], delimiter: str = ",") -> Callable[[Path], None]:
    """Writer of a text table, the first row its heading."""

    def write(path: Path) -> None:
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, delimiter=delimiter).writerows(rows)

    return write


def matlab(variable: str, **columns: Sequence[Any]) -> Callable[[Path], None]:
    """Writer of a MATLAB v5 struct of columns; texts become cells."""

    def write(path: Path) -> None:
        from scipy.io import savemat

        savemat(path, {variable: {name: _column(values) for name, values in columns.items()}})

    return write


def _column(values: Sequence[Any]) -> np.ndarray:
    if not isinstance(values[0], str):
        return np.array([values], dtype=float)
    cells = np.empty((1, len(values)), dtype=object)
    cells[0] = values
    return cells


def matlab_v73(variable: str, **columns: Sequence[Any]) -> Callable[[Path], None]:
    """Writer of a MATLAB v7.3 struct of columns: HDF5 behind MATLAB's block of 512 bytes."""

    def write(path: Path) -> None:
        import h5py

        with h5py.File(path, "w", userblock_size=512) as file:
            group, cells = file.create_group(variable), file.create_group("#refs#")
            for name, values in columns.items():
                if not isinstance(values[0], str):
                    group[name] = np.array(values, dtype=float).reshape(-1, 1)
                    continue
                references = []
                for number, text in enumerate(values):
                    codes = np.array([[ord(letter)] for letter in text], dtype=np.uint16)
                    cell = cells.create_dataset(f"{name}{number}", data=codes)
                    cell.attrs["MATLAB_class"] = np.bytes_("char")
                    references.append([cell.ref])
                group.create_dataset(name, data=references, dtype=h5py.ref_dtype)
        with path.open("r+b") as stream:
            stream.write(b"MATLAB 7.3 MAT-file".ljust(512, b"\0"))

    return write


def _ffhq(number: str, address: str, **more: str) -> dict[str, Any]:
    path = f"{int(number) // 1000 * 1000:05d}/{int(number):05d}.png"
    return {
        "category": "training",
        "metadata": {"photo_url": f"https://example.org/{number}", "author": f"Author {number}",
                     "license": "words", "license_url": address, **more},
        "image": {"file_path": f"images1024x1024/{path}", "face_landmarks": [[1.0, 2.0]] * 68},
        "thumbnail": {"file_path": f"thumbnails128x128/{path}"},
    }  # fmt: skip


_AGING = table(
    ["image_number", "age_group", "age_group_confidence", "gender", "gender_confidence"],
    [0, "20-29", 0.9, "male", 0.9], [2231, "70-120", 0.8, "female", 0.9],
    [68194, "50-69", 0.7, "female", 0.6], [1, "0-2", 0.9, "female", 0.9],
)  # fmt: skip
_MIAP = ["ImageID", "LabelName", "Confidence", "XMin", "XMax", "YMin", "YMax",
         "IsOccluded", "GenderPresentation", "AgePresentation"]  # fmt: skip
_ADIENCE = ["user_id", "original_image", "face_id", "age", "gender", "x", "y", "dx", "dy",
            "tilt_ang", "fiducial_yaw_angle", "fiducial_score"]  # fmt: skip
_BY = "https://creativecommons.org/licenses/by/2.0/"


def _megaage(name: str) -> Miniature:
    base = f"{name}/{name}"  # archives of it are sometimes nested
    return Miniature(
        pictures=[f"{base}/train/1.jpg", f"{base}/train/2.jpg", f"{base}/test/1.jpg"],
        wrong=[f"{base}/train/99.jpg"],
        other={f"{base}/list/train_name.txt": "1.jpg\n2.jpg\n3.jpg\n",
               f"{base}/list/train_age.txt": "4\n70\n30\n",
               f"{base}/list/test_name.txt": "1.jpg\n", f"{base}/list/test_age.txt": "61\n"},
        labels={f"{name}/train/1.jpg": {"age": 4, "split": "train", "subject": "train/1.jpg"},
                f"{name}/test/1.jpg": {"age": 61, "split": "test", "subject": "test/1.jpg"}},
    )  # fmt: skip


MINIATURES: dict[str, Miniature] = {
    "megaage": _megaage("megaage"),
    "megaage_asian": _megaage("megaage_asian"),
    "utkface": Miniature(
        pictures=["UTKFace/39_1_1_20170116224149881.jpg.chip.jpg",
                  "UTKFace/116_0_4_20170120134921760.jpg.chip.jpg"],
        wrong=["UTKFace/61_1_20170109142408075.jpg.chip.jpg", "UTKFace/a_1_1_2.jpg.chip.jpg"],
        labels={"UTKFace/39_1_1_20170116224149881.jpg.chip.jpg": {"age": 39, "gender": "female"},
                "UTKFace/116_0_4_20170120134921760.jpg.chip.jpg": {"age": 116, "gender": "male"}},
    ),
    "utkface_in_the_wild": Miniature(
        pictures=["part1/39_1_1_20170116224149881.jpg", "part3/2_0_0_20170116224149882.jpg"],
        wrong=["part1/61_1_20170109142408075.jpg", "part1/61_3_20170109150557335.jpg",
               "part2/39_1_20170116174525125.jpg", "part2/53__0_20170116184028385.jpg"],
        labels={"part1/39_1_1_20170116224149881.jpg":
                {"age": 39, "gender": "female", "subject": "39/1/1/20170116224149881"}},
    ),
    "fairface": Miniature(
        pictures=[f"fairface-img-margin025-trainval/{name}" for name in
                  ("train/1.jpg", "train/2.jpg", "train/3.jpg", "val/1.jpg")],
        wrong=["fairface-img-margin025-trainval/val/77.jpg"],
        other={
            "fairface_label_train.csv": table(
                ["file", "age", "gender", "race", "service_test"],
                ["train/1.jpg", "50-59", "Male", "East Asian", "True"],
                ["train/2.jpg", "9-Mar", "Female", "Indian", "False"],
                ["train/3.jpg", "more than 70", "Female", "White", "False"],
            ),
            "fairface_label_val.csv": table(
                ["file", "age", "gender", "race", "service_test"],
                ["val/1.jpg", "Oct-19", "Male", "Black", "True"],
            ),
        },
        labels={
            "fairface-img-margin025-trainval/train/1.jpg":
            {"age_low": 50, "age_high": 59, "gender": "male", "split": "train"},
            "fairface-img-margin025-trainval/train/2.jpg": {"age_low": 3, "age_high": 9},
            "fairface-img-margin025-trainval/train/3.jpg": {"age_low": 70, "age_high": None},
            "fairface-img-margin025-trainval/val/1.jpg": {"age_low": 10, "split": "val"},
        },
    ),
    "imdb_wiki": Miniature(
        pictures=["wiki_crop/17/10000217_1981-05-05_2009.jpg", "wiki_crop/48/5_x_2010.jpg",
                  "imdb_crop/01/nm0000001_rm124825600_1899-5-9_1968.jpg"],
        wrong=["wiki_crop/48/unlisted.jpg"],
        other={
            "wiki_crop/wiki.mat": matlab(
                "wiki", dob=[723671.0, 703186.0, 1.0], photo_taken=[2009.0, 1964.0, 2010.0],
                full_path=["17/10000217_1981-05-05_2009.jpg", "12/gone_1.jpg", "48/5_x_2010.jpg"],
                gender=[1.0, 1.0, float("nan")], face_score=[4.3, float("-inf"), 1.0],
                name=["Sami Jauhojärvi", "Nobody", "Someone"],
            ),
            "imdb_crop/imdb.mat": matlab_v73(
                "imdb", dob=[693726.0], photo_taken=[1968.0], gender=[0.0],
                full_path=["01/nm0000001_rm124825600_1899-5-9_1968.jpg"],
            ),
        },
        labels={
            "wiki_crop/17/10000217_1981-05-05_2009.jpg":
            {"age": 28, "age_origin": "estimated", "gender": "male", "subject": "10000217"},
            "wiki_crop/48/5_x_2010.jpg": {"age": None, "gender": None, "subject": "5"},
            "imdb_crop/01/nm0000001_rm124825600_1899-5-9_1968.jpg":
            {"age": 69, "gender": "female", "subject": "nm0000001"},
        },
    ),
    "imdb_clean": Miniature(
        pictures=["data/imdb-clean-1024/01/nm0000001_rm1_1899-5-9_1968.jpg",
                  "data/imdb-clean-1024/02/nm0000002_rm2_1950-1-1_2010.jpg"],
        wrong=["data/imdb-clean-1024/02/unlisted.jpg"],
        other={
            "csvs/imdb_train_new_1024.csv": table(
                ["filename", "age", "gender", "x_min", "y_min", "x_max", "y_max"],
                ["01/nm0000001_rm1_1899-5-9_1968.jpg", 69, "M", 5, 6, 30, 40],
            ),
            "csvs/imdb_test_new_1024.csv": table(
                ["filename", "age", "gender", "x_min", "y_min", "x_max", "y_max"],
                ["02/nm0000002_rm2_1950-1-1_2010.jpg", 60, "F", 1, 2, 20, 30],
            ),
            "csvs/imdb_train_new.csv": table(
                ["filename", "age", "gender", "x_min", "y_min", "x_max", "y_max"],
                ["01/nm0000001_rm1_1899-5-9_1968.jpg", 69, "M", 500, 600, 3000, 4000],
            ),
        },
        labels={"imdb-clean-1024/01/nm0000001_rm1_1899-5-9_1968.jpg":
                {"age": 69, "gender": "male", "face_x0": 5, "face_y1": 40, "split": "train",
                 "subject": "nm0000001"}},
    ),
    "b3fd": Miniature(
        pictures=["B3FD_images/imdb/1.jpg", "B3FD_images/cacd/2.jpg"],
        wrong=["B3FD_images/cacd/unlisted.jpg"],
        other={
            "B3FD_metadata/B3FD_age.csv": table(
                ["path", "age"], ["imdb/1.jpg", 61], ["cacd/2.jpg", 33], ["cacd/gone.jpg", 1]),
            "B3FD_metadata/B3FD-IMDB_age_gender.csv": table(
                ["path", "age", "gender"], ["imdb/1.jpg", 61, 0]),
        },
        labels={"B3FD_images/imdb/1.jpg": {"age": 61, "gender": "female"},
                "B3FD_images/cacd/2.jpg": {"age": 33, "gender": None}},
    ),
    "afad": Miniature(
        pictures=["AFAD-Full/15/111/638660-0.jpg", "AFAD-Full/15/111/638660-1.jpg",
                  "AFAD-Full/61/112/7-0.jpg"],
        wrong=["AFAD-Full/61/112/noname.jpg", "AFAD-Full/61/8-0.jpg"],
        other={"AFAD-Full/15/111/Thumbs.db": b"x"},
        labels={"AFAD-Full/15/111/638660-1.jpg": {"age": 15, "gender": "male", "subject": "638660"},
                "AFAD-Full/61/112/7-0.jpg": {"age": 61, "gender": "female", "subject": "7"}},
    ),
    "afad_lite": Miniature(
        pictures=["AFAD-Lite/18/112/5-0.jpg"],
        wrong=["AFAD-Lite/18/112/extra/6-0.jpg"],
        labels={"AFAD-Lite/18/112/5-0.jpg": {"age": 18, "gender": "female", "subject": "5"}},
    ),
    "appa_real": Miniature(
        pictures=[f"appa-real-release/{path}" for path in
                  ("train/000000.jpg", "valid/000001.jpg", "test/000002.jpg")],
        wrong=["appa-real-release/test/999999.jpg"],
        other={
            "appa-real-release/train/000000.jpg_face.jpg": b"never looked at",
            "appa-real-release/train/000000.jpg.mat": b"never looked at",
            **{f"appa-real-release/gt_avg_{name}.csv": table(
                ["file_name", "num_ratings", "apparent_age_avg", "apparent_age_std", "real_age"],
                [f"00000{number}.jpg", 38, 4.5, 1.2, 4 + number])
               for number, name in enumerate(("train", "valid", "test"))},
        },
        labels={"appa-real-release/valid/000001.jpg": {"age": 5, "split": "valid", "gender": None}},
    ),
    "agedb": Miniature(
        pictures=["AgeDB/0_MariaCallas_35_f.jpg", "AgeDB/1_PenélopeCruz_101_f.jpg",
                  "AgeDB/2_A_B_7_m.jpg"],
        wrong=["AgeDB/3_NoAge_m.jpg"],
        labels={"AgeDB/0_MariaCallas_35_f.jpg":
                {"age": 35, "gender": "female", "subject": "MariaCallas"},
                "AgeDB/1_PenélopeCruz_101_f.jpg": {"subject": "PenélopeCruz", "age": 101},
                "AgeDB/2_A_B_7_m.jpg": {"gender": "male", "subject": "A_B"}},
    ),
    "cacd": Miniature(
        pictures=["CACD2000/53_Robin_Williams_0001.jpg", "CACD2000/16_Selena_Gomez_0002.jpg"],
        wrong=["CACD2000/99_Not_Listed_0001.jpg"],
        other={"celebrity2000_meta.mat": matlab(
            "celebrityImageData", age=[53.0, 16.0, 20.0], identity=[1.0, 2.0, 2.0],
            year=[2004.0, 2008.0, 2012.0], birth=[1951.0, 1992.0, 1992.0],
            name=["53_Robin_Williams_0001.jpg", "16_Selena_Gomez_0002.jpg", "20_gone.jpg"],
        )},
        labels={"CACD2000/53_Robin_Williams_0001.jpg":
                {"age": 53, "age_origin": "estimated", "subject": "1", "gender": None}},
    ),
    "morph2": Miniature(
        pictures=["Album2/009055_1M54.JPG", "Album2/009056_0F60.JPG"],
        other={"morph_2008_nonCommercial.csv": table(
            ["id_num", "picture_num", "dob", "doa", "race", "gender", "facial_hair", "age",
             "age_diff", "glasses", "photo"],
            ["009055", 1, "", "", "B", "M", "", 54, 0, "", "Album2/009055_1M54.JPG"],
            ["009056", 0, "", "", "W", "F", "", 60, 0, "", "Album2/009056_0F60.JPG"],
            ["009057", 0, "", "", "W", "F", "", 60, 0, "", "Album2/gone.JPG"],
        )},
        labels={"Album2/009055_1M54.JPG": {"age": 54, "gender": "male", "subject": "009055"}},
    ),
    "adience": Miniature(
        pictures=["faces/30601258@N03/coarse_tilt_aligned_face.1.10399646885_67c7d20df9_o.jpg",
                  "faces/30601258@N03/coarse_tilt_aligned_face.2.10424815813_e94629b1ec_o.jpg",
                  "faces/7153718@N04/coarse_tilt_aligned_face.3.a_o.jpg"],
        wrong=["faces/7153718@N04/coarse_tilt_aligned_face.9.unlisted_o.jpg"],
        other={
            "fold_0_data.txt": table(
                _ADIENCE,
                ["30601258@N03", "10399646885_67c7d20df9_o.jpg", 1, "(25, 32)", "f"] + [0] * 7,
                ["30601258@N03", "10424815813_e94629b1ec_o.jpg", 2, "None", "u"] + [0] * 7,
                delimiter="\t"),
            "fold_1_data.txt": table(
                _ADIENCE, ["7153718@N04", "a_o.jpg", 3, "(60, 100)", "m"] + [0] * 7,
                delimiter="\t"),
        },
        labels={
            "faces/30601258@N03/coarse_tilt_aligned_face.1.10399646885_67c7d20df9_o.jpg":
            {"age_low": 25, "age_high": 32, "gender": "female", "subject": "30601258@N03"},
            "faces/30601258@N03/coarse_tilt_aligned_face.2.10424815813_e94629b1ec_o.jpg":
            {"age_low": None, "gender": None},
            "faces/7153718@N04/coarse_tilt_aligned_face.3.a_o.jpg":
            {"age_low": 60, "age_high": 100, "split": "1"},
        },
    ),
    "lagenda": Miniature(
        size=(200, 100),
        pictures=["LAGENDA/00a.jpg", "LAGENDA/00b.jpg"],
        wrong=["LAGENDA/unlisted.jpg"],
        other={"LAGENDA/lagenda_annotation.csv": table(
            ["img_name", "age", "gender", "face_x0", "face_y0", "face_x1", "face_y1",
             "person_x0", "person_y0", "person_x1", "person_y1"],
            ["00a.jpg", 61, "F", 10, 10, 60, 70, 0, 0, 90, 100],
            ["00a.jpg", 7, "M", 120, 20, 160, 60, 100, 0, 190, 100],
            ["00a.jpg", -1, -1, -1, -1, -1, -1, 0, 0, 20, 30],
            ["00b.jpg", 30, "M", 190, 90, 199, 99, 0, 0, 20, 30],
        )},
        records=["LAGENDA/00a_face0.jpg", "LAGENDA/00a_face1.jpg"],
        labels={"LAGENDA/00a_face0.jpg": {"age": 61, "gender": "female", "subject": "00a",
                                          "width": 80, "height": 94, "license":
                                          "CC-BY-2.0 AND LicenseRef-LAGENDA"},
                "LAGENDA/00a_face1.jpg": {"age": 7, "gender": "male", "subject": "00a"}},
    ),
    "open_images_miap": Miniature(
        size=(200, 100),
        pictures=["train/00a.jpg", "validation/00b.jpg"],
        other={
            "open_images_extended_miap_boxes_train.csv": table(
                _MIAP, ["00a", "/m", 1, 0.1, 0.5, 0, 1, 0, "Predominantly Feminine", "Older"],
                ["00a", "/m/01g317", 1, 0.5, 1, 0.2, 0.8, 0, "Unknown", "Young"]),
            "open_images_extended_miap_boxes_val.csv": table(
                _MIAP, ["00b", "/m/01g317", 1, 0, 1, 0, 1, 0, "Predominantly Masculine", "Middle"]),
            "image_ids_and_rotation.csv": table(
                ["ImageID", "Subset", "OriginalLandingURL", "License", "Author"],
                ["00a", "train", "https://example.org/a", _BY, "Ann"],
                ["00b", "val", "https://example.org/b", "https://example.org/unheard", "Bob"]),
        },
        wrong=[],
        records=["train/00a_face0.jpg", "train/00a_face1.jpg"],
        labels={"train/00a_face0.jpg":
                {"gender": "female", "age": None, "attribution": "Ann", "width": 80,
                 "url": "https://example.org/a", "license": "CC-BY-4.0 AND CC-BY-2.0"},
                "train/00a_face1.jpg": {"gender": None, "subject": "00a"}},
    ),
    "ffhq": Miniature(
        pictures=["images1024x1024/00000/00000.png", "images1024x1024/02000/02231.png"],
        wrong=["images1024x1024/68000/68194.png"],
        other={
            "ffhq-dataset-v2.json": json.dumps({
                "0": _ffhq("0", _BY),
                "2231": _ffhq("2231", "https://creativecommons.org/licenses/by-nc/2.0/"),
                "68194": _ffhq("68194", "https://example.org/unheard"),
            }),
            "ffhq_aging_labels.csv": _AGING,
        },
        labels={"images1024x1024/00000/00000.png":
                {"age_low": 20, "gender": "male", "license": "CC-BY-2.0 AND CC-BY-NC-SA-4.0",
                 "attribution": "Author 0", "subject": "0", "split": "training"},
                "images1024x1024/02000/02231.png":
                {"age_low": 70, "license": "CC-BY-NC-2.0 AND CC-BY-NC-SA-4.0",
                 "subject": "2231"}},
    ),
    "maskedface_net": Miniature(
        pictures=["CMFD/02000/02231_Mask.jpg", "IMFD/68000/68194_Mask_Mouth_Chin.jpg",
                  "IMFD/00000/00001_Mask_Nose_Mouth.jpg", "IMFD/00000/00002_Mask_Chin.jpg"],
        wrong=["IMFD/68000/68194.jpg"],
        other={"ffhq_aging_labels.csv": _AGING},
        labels={
            "CMFD/02000/02231_Mask.jpg":
            {"mask": "worn", "wear_state": "correct", "mask_origin": "synthetic", "age_low": 70,
             "gender": "female", "subject": "2231"},
            "IMFD/68000/68194_Mask_Mouth_Chin.jpg": {"mask": "incorrect", "wear_state": "nose_out"},
            "IMFD/00000/00001_Mask_Nose_Mouth.jpg": {"wear_state": "chin_out", "subject": "1"},
            "IMFD/00000/00002_Mask_Chin.jpg": {"wear_state": "chin", "age_low": None},
        },
    ),
    "medical_masks_p4": Miniature(
        pictures=["images/000001_1_000010_MALE_25.jpg", "images/000002_4_000010_MALE_25.jpg"],
        wrong=["images/unlisted.jpg"],
        other={"df_part_4.csv": table(
            ["ID", "TYPE", "USER_ID", "GENDER", "AGE", "name", "size_mb"],
            [1, 1, 10, "MALE", 25, "000001_1_000010_MALE_25.jpg", 1.5],
            [2, 4, 10, "MALE", 25, "000002_4_000010_MALE_25.jpg", 1.5])},
        arguments=("--choose", "type_order=correct-first"),
        labels={"images/000001_1_000010_MALE_25.jpg":
                {"mask": "worn", "wear_state": "correct", "gender": "male", "subject": "10"},
                "images/000002_4_000010_MALE_25.jpg": {"mask": "not_worn", "wear_state": "none"}},
    ),
    "kface": Miniature(
        pictures=["High/19062421/S001/L1/E01/C1.jpg", "High/19062421/S002/L1/E01/C7.jpg"],
        wrong=["High/19062421/S001/C1.jpg"],
        other={"High/19062421/S001/L1/E01/C1.txt": "1 2 3 4"},
        labels={"High/19062421/S001/L1/E01/C1.jpg":
                {"mask": "not_worn", "gender": None, "subject": "19062421"},
                "High/19062421/S002/L1/E01/C7.jpg": {"mask": None, "subject": "19062421"}},
    ),
    "boostcamp_mask": Miniature(
        pictures=["train/images/000001_female_Asian_45/mask1.jpg",
                  "train/images/000001_female_Asian_45/incorrect_mask.png",
                  "train/images/000001_female_Asian_45/normal.jpeg",
                  "train/images/001498-1_male_Asian_23/mask5.jpg",
                  "eval/images/cbc5c6e168e63498590db46022617123f1fe1268.jpg"],
        wrong=["train/images/000001_female_Asian_45/other.jpg",
               "train/images/000009_female_Asian_45/mask1.jpg"],
        other={
            "train/images/000001_female_Asian_45/._mask1.jpg": b"\0",
            "train/train.csv": table(
                ["id", "gender", "race", "age", "path"],
                ["000001", "female", "Asian", 45, "000001_female_Asian_45"],
                ["001498-1", "female", "Asian", 23, "001498-1_male_Asian_23"]),
            "eval/info.csv": table(
                ["ImageID", "ans"], ["cbc5c6e168e63498590db46022617123f1fe1268.jpg", 0]),
        },
        labels={
            "images/000001_female_Asian_45/mask1.jpg":
            {"mask": "worn", "gender": "female", "age": 45, "subject": "000001", "split": "train"},
            "images/000001_female_Asian_45/incorrect_mask.png":
            {"mask": "incorrect", "wear_state": None},
            "images/000001_female_Asian_45/normal.jpeg": {"mask": "not_worn"},
            "images/001498-1_male_Asian_23/mask5.jpg": {"gender": None, "subject": "001498-1"},
            "images/cbc5c6e168e63498590db46022617123f1fe1268.jpg":
            {"mask": None, "gender": None, "split": "test"},
        },
    ),
}  # fmt: skip
