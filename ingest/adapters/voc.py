"""Layout `voc`: Pascal VOC boxes, one record per boxed face, cut out."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from ingest.adapters.base import (
    Adapter,
    Box,
    Entry,
    LayoutMismatch,
    Skipped,
    SourceFiles,
    numbered,
)
from ingest.manifests.schema import Field

_OPTIONS = (
    Field("annotations", required=True),
    Field("images", required=True),
    Field("margin", float),
)
_CORNERS = ("xmin", "ymin", "xmax", "ymax")
_MAX_BYTES = 10_000_000


def read(files: SourceFiles, options: Mapping[str, Any]) -> Iterator[Entry | Skipped]:
    """Yield every box of the XML files in ``annotations``, cropped with ``margin``.

    The object's ``name`` and its other plain values (pose, truncated, difficult) are its
    fields. The image is the one that the annotation names, in the folder ``images``.
    """
    found = [pair for pair in files.under(options["annotations"]) if pair[0].endswith(".xml")]
    if not found:
        message = f"no .xml in a folder {options['annotations']!r}. Expected one per image."
        raise LayoutMismatch(message)
    for path, file in found:
        try:
            yield from _faces(files, path, file, options)
        except (ElementTree.ParseError, ValueError) as error:
            yield Skipped(path, f"is no annotation that can be read ({error})")


def _faces(
    files: SourceFiles, path: str, file: Path, options: Mapping[str, Any]
) -> Iterator[Entry | Skipped]:
    root = _parsed(file)
    name = (root.findtext("filename") or "").strip()
    image = f"{options['images']}/{name}"
    source = files.find(image) if name else None
    if source is None:
        yield Skipped(path, f"its image {name!r} is missing")
        return
    for number, face in enumerate(root.iter("object")):
        crop = numbered(image, number)
        box = _box(face, float(options.get("margin", 0.0)))
        if box is None:
            yield Skipped(crop, "its box is no box")
        else:
            fields = {part.tag: (part.text or "").strip() for part in face if len(part) == 0}
            yield Entry(crop, source, {**fields, "picture": image}, box)


def _parsed(file: Path) -> ElementTree.Element:
    """Root of a document; one with entities of its own, which could grow, is refused."""
    content = file.read_bytes()
    if len(content) > _MAX_BYTES or b"<!ENTITY" in content:
        message = "is too large or declares entities"
        raise ValueError(message)
    return ElementTree.fromstring(content)


def _box(face: ElementTree.Element, margin: float) -> Box | None:
    try:
        x0, y0, x1, y1 = (float(face.findtext(f"bndbox/{name}") or "") for name in _CORNERS)
    except ValueError:
        return None
    return Box(x0, y0, x1, y1, crop=True, margin=margin) if x1 > x0 and y1 > y0 else None


ADAPTER = Adapter(read, _OPTIONS)
