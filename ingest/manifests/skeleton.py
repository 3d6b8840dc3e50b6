"""The commented beginning of a manifest: sound as it stands, to be filled in."""

import datetime
import re
from pathlib import Path

from ingest.atomic import write_text
from ingest.errors import IngestError, WrongUsage

_NAME = re.compile(r"[a-z0-9][a-z0-9_]*")
_HEAD = """\
# Manifest of a data set. docs/manifest-reference.md explains every key.
# Check it with `ingest check {file}`, then `ingest pull {file} --from PATH`.
name = "{name}"                    # becomes the folder below the data root
title = "{name}"
description = "What the pictures show, how many, of whom."
homepage = "https://example.org"
citation = ""
subject_namespace = "{name}"       # sets made of the same pictures share it
derived_from = []                  # names of the sets whose pictures these are
caveats = []                       # what a user should know: biases, traps, second-hand facts

[license]
id = "NOASSERTION"                 # one of `ingest licences`, several joined by AND
quote = ""                         # the sentence, word for word, and nothing but what you read
url = ""                           # where it stands
read_on = {today}
stated_by = "nobody"               # owner, or third-party (second-hand), or nobody
attribution = ""                   # credit line

[[distribution]]                   # one per file to get
name = "{name}.zip"
# content_url = "https://…"        # or gdrive:<file id>, or hf:<owner>/<name>/<path>
# mirrors = []                     # further addresses, tried in order
# sha256 = "…"                     # published by the source; or md5
hash_note = "none was found"       # why there is no hash
instructions = "How to get the file by hand."

[layout]
{layout}
[labels]                           # what the fields mean; leave out what the source does not say
{labels}
# [declared]                       # counts the source states
# images = 0
# subjects = 0
"""
_MASK = 'mask = { assume = "not_worn" }   # a set of bare faces\n'
_LAYOUTS = {
    "filename_pattern": (
        """\
adapter = "filename_pattern"
folders = ["faces"]                # the first that is there is read; or all: every_folder = true
pattern = '(?P<person>\\d+)_(?P<age>\\d+)_(?P<code>[01])\\.jpg'   # of the whole file name
""",
        _MASK
        + """\
gender = { field = "code", values = { 0 = "male", 1 = "female" } }
age = { field = "age" }
subject = { field = "person" }
""",
    ),
    "table": (
        """\
adapter = "table"
tables = ["labels.csv"]            # CSV, text, JSON, YAML or MATLAB; those that are there
image = "faces/{file}"             # path of a row's image, with columns in braces
""",
        _MASK
        + """\
gender = { field = "gender", values = { M = "male", F = "female" } }
age = { field = "age", bins = { "50-59" = [50, 59], "more than 70" = [70] } }
subject = { field = "person" }
""",
    ),
    "folders": (
        """\
adapter = "folders"
folders = ["faces"]
levels = ["age", "code"]           # what the folders below it say, from the top
""",
        _MASK
        + """\
gender = { field = "code", values = { men = "male", women = "female" } }
age = { field = "age" }
""",
    ),
    "voc": (
        """\
adapter = "voc"
annotations = "annotations"        # folder of XML files
images = "images"
margin = 0.3                       # what a cut out face takes along, as a share of its box
""",
        """\
mask = { field = "name", values = { with_mask = "worn", without_mask = "not_worn" } }
subject = { field = "picture" }
""",
    ),
    "listing": (
        """\
adapter = "listing"

[[layout.items]]
path = "one.jpg"
fields = { person = "one", gender = "female", age = "61" }
""",
        _MASK
        + """\
gender = { field = "gender", values = { male = "male", female = "female" } }
age = { field = "age" }
subject = { field = "person" }
""",
    ),
    "boostcamp": (
        """\
adapter = "boostcamp"              # train.csv and images/<id>_<gender>_<race>_<age>/
""",
        """\
# Photos that composites.csv lists were composed; the rest are named for how the mask is worn.
mask = [
    { field = "composed", origin = "synthetic", \
values = { mask = "worn", incorrect_mask = "incorrect", normal = "not_worn" } },
    { field = "worn", \
values = { mask = "worn", incorrect_mask = "incorrect", normal = "not_worn" } },
]
gender = { field = "gender", values = { male = "male", female = "female" } }
age = { field = "age" }
subject = { field = "person" }
split = { field = "set" }
""",
    ),
}


class SkeletonRefused(WrongUsage, IngestError):
    """A manifest that cannot be begun under that name or in that place."""


def skeleton(name: str, layout: str, file: str) -> str:
    """Text of the beginning of a manifest; `file` is where it will lie."""
    how, labels = _LAYOUTS[layout]
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    return _HEAD.format(name=name, file=file, today=today, layout=how, labels=labels)


def write_skeleton(name: str, layout: str, path: Path) -> Path:
    """Write the beginning of a manifest; nothing is written over.

    Raises
    ------
    SkeletonRefused
        If the name cannot be one, the layout is unknown or the file is there.
    """
    if not _NAME.fullmatch(name):
        message = f"name {name!r} cannot be used. Expected lower-case letters, digits and '_'."
        raise SkeletonRefused(message)
    if layout not in _LAYOUTS:
        message = f"layout {layout!r} is unknown. Expected one of {', '.join(sorted(_LAYOUTS))}."
        raise SkeletonRefused(message)
    if path.exists():
        message = f"{path}: is there already. Expected a new file. Name another with --out."
        raise SkeletonRefused(message)
    write_text(path, skeleton(name, layout, str(path)))
    return path
