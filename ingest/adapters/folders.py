"""Layout `folders`: the folders an image lies in carry the labels."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ingest.adapters.base import Adapter, Entry, LayoutMismatch, Skipped, SourceFiles, is_image
from ingest.manifests.schema import Field, is_regex, list_of

_OPTIONS = (
    Field("folders", list, required=True, check=list_of(str)),
    Field("levels", list, required=True, check=list_of(str)),
    Field("pattern", check=is_regex),
)


def read(files: SourceFiles, options: Mapping[str, Any]) -> Iterator[Entry | Skipped]:
    """Yield the images of the first of ``folders`` that is there.

    ``levels`` names the fields that the folders below it give, from the top; the named groups
    of ``pattern``, matched against the whole file name, become fields too.
    """
    for folder in options["folders"]:
        if images := list(files.under(folder)):
            break
    else:
        folders = " or ".join(repr(folder) for folder in options["folders"])
        message = f"no file in a folder {folders}. Expected the images below it."
        raise LayoutMismatch(message)
    levels = options["levels"]
    pattern = re.compile(options.get("pattern", ".*"))
    for path, file in images:
        *above, name = path.removeprefix(f"{folder}/").split("/")
        match = pattern.fullmatch(name)
        if not is_image(name):
            yield Skipped(path, "is not an image file")
        elif len(above) != len(levels):
            yield Skipped(path, f"lies {len(above)} folders deep, not {len(levels)}")
        elif match is None:
            yield Skipped(path, "its name does not follow the source's pattern")
        else:
            fields = {key: value for key, value in match.groupdict().items() if value is not None}
            yield Entry(path, file, dict(zip(levels, above, strict=True)) | fields)


ADAPTER = Adapter(read, _OPTIONS)
