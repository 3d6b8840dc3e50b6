"""Miniatures of the sources with boxes, several tables, own licences or masks."""

import json
from typing import Any

from miniature_tools import Miniature, table


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


MINIATURES: dict[str, Miniature] = {
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
