"""Whether a data set on disk is still what its records say."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ingest.dataset import Dataset
from ingest.errors import AnswerIsNo, IngestError
from ingest.fetch import file_hash
from ingest.reporting import Reporter, Silent


@dataclass
class Verified:
    """What a look at every file of a data set found.

    Attributes
    ----------
    n_files : int
        Records looked at.
    missing, changed, extra : list of str
        Paths of files that are not there, whose bytes differ, that no record names.
    """

    n_files: int = 0
    missing: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)


class DatasetChanged(AnswerIsNo, IngestError):
    """Files of a data set differ from its records."""

    def __init__(self, dataset: Dataset, found: Verified) -> None:
        self.found = found
        lines = [f"{dataset.name}: {path} {what}"
                 for what, paths in (("is missing", found.missing),
                                     ("has other bytes than when it was pulled", found.changed),
                                     ("is in no record", found.extra))
                 for path in paths]  # fmt: skip
        lines.append(f"Pull it again with `ingest pull {dataset.name}`; labels/ is kept.")
        super().__init__("\n".join(lines))


def verify(dataset: Dataset, reporter: Reporter | None = None) -> Verified:
    """Compare every image file with the hash in its record.

    Raises
    ------
    DatasetChanged
        With every file that is missing, changed or unknown.
    """
    records = dataset.records()
    found = Verified(n_files=len(records))
    rows: Iterable[tuple[str, str]] = zip(records["path"], records["sha256"], strict=True)
    for path, sha256 in (reporter or Silent()).items(rows, len(records), f"verify {dataset.name}"):
        file = dataset.image_path(path)
        if not file.is_file():
            found.missing.append(path)
        elif file_hash(file) != sha256:
            found.changed.append(path)
    found.extra = sorted(_files(dataset.images) - set(records["path"]))
    if found.missing or found.changed or found.extra:
        raise DatasetChanged(dataset, found)
    return found


def _files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
