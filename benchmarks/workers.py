"""How the whole `synth masks` fares: one worker against two, and its memory as sets grow."""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from compositor import sample_photos, write_photos

from ingest.card import write_card
from ingest.dataset import Dataset
from ingest.fetch import file_hash
from ingest.records import image_id, records_frame, write_records


def make_source(root: Path, paths: list[Path], count: int) -> None:
    """A data set of `count` photos that repeats the given ones as links."""
    source = Dataset(root / "photos")
    source.images.mkdir(parents=True)
    rows = []
    for number in range(count):
        path, name = paths[number % len(paths)], f"{number:06d}.jpg"
        os.link(path, source.images / name)
        rows.append({
            "image_id": image_id("photos", name), "sha256": file_hash(path), "path": name,
            "width": 225, "height": 275, "source": "photos", "subject_id": f"photos:{number}",
            "mask": "not_worn", "mask_origin": "assumed", "license": "CC0-1.0",
        })  # fmt: skip
    records = records_frame(rows)
    write_records(records, source.records_path)
    write_card(source, records, title="photos", description="", details={"purpose": "commercial"})


def run_pipeline(root: Path, workers: int, out: str) -> tuple[float, float]:
    """Seconds and peak memory (MiB of the largest process) of one `synth masks` run."""
    command = [
        sys.executable, "-m", "synth", "masks", "--src", "photos", "--incorrect", "chin,nose",
        "--worn", "--root", str(root), "--out", out, "--workers", str(workers),
    ]  # fmt: skip
    measured = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", measured, *command], check=True, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return time.perf_counter() - begun, int(done.stdout.splitlines()[-1]) / 1024


def print_scaling(paths: list[Path], count: int, root: Path) -> None:
    make_source(root, paths, count)
    one, two = (run_pipeline(root, workers, f"w{workers}")[0] for workers in (1, 2))
    print(f"{count} photos: 1 worker {one:.1f} s, 2 workers {two:.1f} s, "
          f"{one / two:.2f} times as fast (start-up included)")  # fmt: skip


def print_memory(paths: list[Path], count: int, root: Path) -> None:
    make_source(root, paths, count)
    seconds, peak = run_pipeline(root, 2, "out")
    print(f"{count} photos: peak {peak:.0f} MiB in the largest process, {seconds:.0f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, help="folder of portraits [packaged ones]")
    parser.add_argument("--different", type=int, default=40, help="photos that are repeated")
    parser.add_argument("--scaling", type=int, nargs="*", default=[3000], metavar="PHOTOS")
    parser.add_argument("--memory", type=int, nargs="*", default=[500, 5000], metavar="PHOTOS")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        photos = sample_photos(arguments.photos, arguments.different)
        paths = write_photos(photos, (225, 275), work / "photos")
        for count in arguments.scaling:
            print_scaling(paths, count, work / f"scaling{count}")
        for count in arguments.memory:
            print_memory(paths, count, work / f"memory{count}")


if __name__ == "__main__":
    main()
