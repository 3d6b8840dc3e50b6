"""Tables of landmarks: read, every mistake named with its line, looked up by photo."""

import numpy as np
import pytest

from ingest.faces.given import GivenLandmarks, LandmarksInvalid
from ingest.faces.layouts import EYES_NOSE_MOUTH, IBUG_68, Layout, at_layout
from ingest.faces.sparse import average_head

BLANK = np.zeros((8, 8, 3), np.uint8)


def points(layout: Layout = EYES_NOSE_MOUTH, scale: float = 1.0, at: float = 100.0) -> np.ndarray:
    return at_layout(average_head()[:, :2], layout) * scale + at


def table(*rows: tuple[str, np.ndarray]) -> str:
    count = len(rows[0][1])
    header = ",".join(f"x{k},y{k}" for k in range(count))
    lines = [f"{name},{','.join(f'{v:.2f}' for v in row.ravel())}" for name, row in rows]
    return "\n".join([f"path,{header}", *lines, ""])


def written(tmp_path, text: str, encoding: str = "utf-8"):
    path = tmp_path / "points.csv"
    path.write_text(text, encoding=encoding)
    return path


@pytest.mark.parametrize("layout", [EYES_NOSE_MOUTH, IBUG_68])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_rows_become_faces_at_their_points(layout, encoding, tmp_path):
    text = table(("a/ü 1.jpg", points(layout)), ("b.jpg", points(layout, 2.0)))
    given = GivenLandmarks.read(written(tmp_path, text, encoding))
    face = given.of(["a/ü 1.jpg"]).find(BLANK)[0]
    np.testing.assert_allclose(at_layout(face.points[:, :2], layout), points(layout), atol=2)
    assert given.of(["b.jpg"]).find(BLANK)[0].area == pytest.approx(4 * face.area, rel=0.02)


def test_several_rows_of_a_photo_are_several_faces_largest_first(tmp_path):
    text = table(("a.jpg", points(scale=0.5)), ("a.jpg", points(at=300)))
    faces = GivenLandmarks.read(written(tmp_path, text)).of(["a.jpg"]).find(BLANK)
    assert [face.points[4, 0] > 200 for face in faces] == [True, False]


def test_photo_is_known_by_the_most_exact_name_it_is_given(tmp_path):
    text = table(("a.jpg", points()), ("set/a.jpg", points(at=300)))
    given = GivenLandmarks.read(written(tmp_path, text))
    assert given.of(["set/a.jpg", "a.jpg"]).find(BLANK)[0].points[4, 0] > 200
    assert given.of(["other/a.jpg", "a.jpg"]).find(BLANK)[0].points[4, 0] < 200
    assert given.of(["b.jpg"]).find(BLANK) == []


def test_points_that_form_no_face_are_kept_apart_with_the_reason(tmp_path):
    text = table(("line.jpg", points() * [1, 0]), ("mirror.jpg", points() * [-1, 1]),
                 ("fine.jpg", points()))  # fmt: skip
    given = GivenLandmarks.read(written(tmp_path, text))
    assert given.why_none(["line.jpg"]) == "landmarks on one line"
    assert "mirrored" in given.why_none(["mirror.jpg"])
    assert given.why_none(["fine.jpg"]) == ""
    assert given.why_none(["else.jpg"]) == "no landmarks in the file"


def test_every_mistake_is_named_with_its_line(tmp_path):
    rows = [",".join(["a.jpg", *["1"] * 10])] * 12
    rows[0] = rows[0].replace(",1", ",one", 1)
    rows[1] = "a.jpg,1,2"
    rows[10] = ",".join(["", *["1"] * 8, "nan", "inf"])
    header = table(("a", points())).splitlines()[0]
    with pytest.raises(LandmarksInvalid) as refused:
        GivenLandmarks.read(written(tmp_path, "\n".join([header, *rows])))
    assert refused.value.problems == [
        "line 2: x0 is 'one'. Expected pixels",
        "line 3: 3 columns. Expected 11",
        "line 12: no path",
        "line 12: x4 is 'nan'. Expected pixels",
        "line 12: y4 is 'inf'. Expected pixels",
    ]
    assert refused.value.exit_code == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "path\n",
        "file,x0,y0,x1,y1,x2,y2,x3,y3,x4,y4\n",
        "path,x0,y0,x1,y1\n",
        "\x00\n",
        "a\n" * 9,
    ],
)
def test_other_tables_are_refused_by_their_header(text, tmp_path):
    with pytest.raises(LandmarksInvalid, match="Expected path,x0,y0"):
        GivenLandmarks.read(written(tmp_path, text))


def test_table_without_rows_holds_nothing(tmp_path):
    header = table(("a", points())).splitlines()[0]
    with pytest.raises(LandmarksInvalid, match="holds no landmarks"):
        GivenLandmarks.read(written(tmp_path, header + "\n"))


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"PAR1 is not enough"])
@pytest.mark.parametrize("name", ["x.csv", "x.parquet"])
def test_other_files_are_refused(name, content, tmp_path):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(LandmarksInvalid):
        GivenLandmarks.read(tmp_path / name)
    with pytest.raises(LandmarksInvalid, match="cannot be read"):
        GivenLandmarks.read(tmp_path / f"missing {name}")


def test_landmarks_of_a_synthetic_set_are_whole_meshes(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    mesh = (average_head() + 200).astype(np.float32)
    path = tmp_path / "landmarks.parquet"
    pq.write_table(pa.table({"photo": ["abc"], "face": [0], "points": [mesh.ravel()]}), path)
    face = GivenLandmarks.read(path).of(["set/a.jpg", "a.jpg", "abc"]).find(BLANK)[0]
    assert face.points.tobytes() == mesh.tobytes()
    pq.write_table(pa.table({"photo": ["abc", "d"], "points": [mesh.ravel(), [1.0]]}), path)
    with pytest.raises(LandmarksInvalid, match=r"row 2: 1 numbers\. Expected 1404"):
        GivenLandmarks.read(path)
    pq.write_table(pa.table({"photo": ["abc"]}), path)
    with pytest.raises(LandmarksInvalid, match="no column points"):
        GivenLandmarks.read(path)
