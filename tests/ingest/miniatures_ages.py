"""Miniatures of the sources that are known by file name, list or one table."""

from miniature_tools import Miniature, matlab, matlab_v73, table


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
}  # fmt: skip
