"""Time the audit on generated data sets of growing size, and set it beside cleanvision.

Usage: python benchmarks/audit.py [SIZE ...] [--folder FOLDER] [--cleanvision]

Every record has a small drawn picture of its own; one in fifty is a changed copy of another.
Prints one row per size: seconds of each part, of the whole, and the planted copies found.
"""

import argparse
import hashlib
import io
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from ingest.audit.checks import run_audit
from ingest.audit.outputs import Files, write
from ingest.records import image_id, records_frame, write_records
from ingest.taxonomy import GENDERS, MASKS

WIDTH, HEIGHT = 96, 128
COPIES = 50


def drawn(number: int) -> Image.Image:
    rng = np.random.default_rng(number)
    layers = [
        np.asarray(Image.fromarray(rng.integers(0, 255, (n, n, 3), np.uint8)).resize(
            (WIDTH, HEIGHT), Image.Resampling.BILINEAR), np.float32)
        for n in (4, 9, 24)
    ]  # fmt: skip
    return Image.fromarray(np.mean(layers, axis=0).astype(np.uint8))


def changed(image: Image.Image, number: int) -> Image.Image:
    if number % 3 == 0:
        return image.resize((77, 102))
    if number % 3 == 1:
        return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return image.crop((2, 2, WIDTH - 2, HEIGHT - 2))


def make_set(root: Path, size: int) -> None:
    """Write a data set of `size` pictures, every fiftieth a changed copy of the one before."""
    images, rows = root / "made" / "images", []
    for number in range(size):
        is_copy = number % COPIES == 1
        image = changed(drawn(number - 1), number // COPIES) if is_copy else drawn(number)
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=85)
        path = f"{number // 1000:03}/{number:06}.jpg"
        (images / path).parent.mkdir(parents=True, exist_ok=True)
        (images / path).write_bytes(buffer.getvalue())
        rng = np.random.default_rng(number)
        rows.append(
            {
                "image_id": image_id("made", path),
                "sha256": hashlib.sha256(buffer.getvalue()).hexdigest(),
                "path": path,
                "width": image.width,
                "height": image.height,
                "source": "made",
                "subject_id": f"made:{number // 4}",
                "mask": MASKS[rng.integers(3)],
                "gender": GENDERS[rng.integers(2)],
                "age": float(rng.integers(5, 90)),
                "license": "CC0-1.0",
            }
        )
    write_records(records_frame(rows), root / "made" / "records.parquet")
    (root / "made" / "dataset.json").write_text(json.dumps({"maskcls": {"purpose": "research"}}))


class Stopwatch:
    """A watch as the audit takes it, that adds up the seconds of each label."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def __call__(self, items, _total, label):
        """Pass items through, taking the time."""
        start = time.perf_counter()
        yield from items
        self.seconds[label] = time.perf_counter() - start


def audit(root: Path, size: int) -> None:
    """Audit the set and print a row of the table."""
    watch, start = Stopwatch(), time.perf_counter()
    report = run_audit(root, ["made"], watch)
    checked = time.perf_counter() - start
    html = root / "audit.html"
    write(report, Files(html, root / "audit.json"))
    whole = time.perf_counter() - start
    near = len(report.result("duplicates").table("near"))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    parts = ", ".join(f"{label} {seconds:.1f}" for label, seconds in watch.seconds.items())
    print(f"{size:>7,} pictures: {whole:.1f} s ({1e3 * whole / size:.2f} ms each; checks "
          f"{checked:.1f}; {parts}), {near} of {-(-(size - 1) // COPIES)} copies, "
          f"{memory:.0f} MB, page {html.stat().st_size / 1e6:.1f} MB", flush=True)  # fmt: skip


CLEANVISION = """
import sys, time
from cleanvision import Imagelab
start = time.perf_counter()
lab = Imagelab(data_path=sys.argv[1])
lab.find_issues(n_jobs=2, verbose=False)
pairs = sum(len(s) - 1 for s in lab.info["near_duplicates"]["sets"])
print(f"cleanvision: {time.perf_counter() - start:.1f} s, {pairs} near duplicates")
print(lab.issue_summary.to_string())
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sizes", nargs="*", type=int, default=[1000, 10_000, 100_000])
    parser.add_argument("--folder", type=Path, help="Where to make the sets; default temporary.")
    parser.add_argument("--cleanvision", metavar="PYTHON", help="An interpreter that has it.")
    asked = parser.parse_args()
    for size in asked.sizes:
        with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
            make_set(Path(folder), size)
            audit(Path(folder), size)
            if asked.cleanvision:
                images = str(Path(folder) / "made" / "images")
                subprocess.run([asked.cleanvision, "-c", CLEANVISION, images], check=True,
                               stdout=sys.stdout)  # fmt: skip


if __name__ == "__main__":
    main()
