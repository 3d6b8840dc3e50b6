"""How fast composites are made, beside the floor that any such program has to pay.

The floor is what cannot be saved: decode the photo, find the mesh, encode the results. Every
photo is timed through floor and compositor in turn, on one core, start-up apart.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import matplotlib.cbook
from PIL import Image, ImageOps
from skimage import data

from ingest.faces import FaceMesher
from ingest.faces.hands import HandFinder
from ingest.images import open_image, upright_rgb
from synth import compose
from synth.dresser import dress_photo, usable_faces
from synth.encode import Encoding
from synth.planning.settings import Settings

BAR = 2.6
"""Times the floor that 10 × the rival's rate comes to, with 3 composites a photo at 225×275."""
STATES = ("correct", "nose_out", "chin")
PARTS = ("decode", "mesh", "hands", "photometry", "drawing", "encode")
_STARTED_WITH = 2


@dataclass
class Timing:
    """Seconds by part of the work, summed over photos.

    Attributes
    ----------
    parts : Counter
        Part of `PARTS` to seconds.
    photos, composites : int
        What was done in them.
    """

    parts: Counter[str] = field(default_factory=Counter)
    photos: int = 0
    composites: int = 0

    @contextmanager
    def of(self, part: str) -> Iterator[None]:
        """Add the time of a block to a part."""
        begun = time.perf_counter()
        yield
        self.parts[part] += time.perf_counter() - begun

    def add(self, other: "Timing") -> None:
        """Count what another timing counted, too."""
        self.parts += other.parts
        self.photos += other.photos
        self.composites += other.composites

    @property
    def total(self) -> float:
        """Seconds of all parts."""
        return sum(self.parts.values())

    @property
    def floor(self) -> float:
        """Seconds of decoding, mesh and encoding alone."""
        return sum(self.parts[part] for part in ("decode", "mesh", "encode"))


def one_core() -> None:
    """Keep this process and its children on one core, where the system allows it."""
    cv2.setNumThreads(1)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def sample_photos(folder: Path | None, count: int) -> list[Image.Image]:
    """Photos of a folder, or the two packaged portraits, mirrored and repeated."""
    if folder is not None:
        paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in (".jpg", ".png"))
        if not paths:
            sys.exit(f"--photos: no .jpg or .png file below {folder}")
        return [Image.fromarray(upright_rgb(open_image(p))) for p in paths[:count]]
    grace = matplotlib.cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)
    eileen = Image.fromarray(data.astronaut()).crop((70, 0, 370, 366))
    both = [eileen, Image.open(grace).convert("RGB")]
    photos = [*both, *(ImageOps.mirror(photo) for photo in both)]
    return [photos[k % len(photos)] for k in range(count)]


def write_photos(photos: list[Image.Image], size: tuple[int, int], folder: Path) -> list[Path]:
    """Cut photos to a size and store them as JPEG files of quality 90."""
    folder.mkdir(parents=True)
    paths = [folder / f"{number:05d}.jpg" for number in range(len(photos))]
    for photo, path in zip(photos, paths, strict=True):
        fitted = ImageOps.fit(photo, size, Image.Resampling.LANCZOS, centering=(0.5, 0.3))
        fitted.save(path, quality=90)
    return paths


@dataclass(frozen=True)
class Finders:
    """What is looked for in a photo: a face always, hands if asked."""

    mesher: FaceMesher
    hands: HandFinder | None = None


def time_photo(path: Path, find: Finders, states: tuple[str, ...], timing: Timing) -> None:
    """Make the composites of one photo as the pipeline does, part by part."""
    with timing.of("decode"):
        opened = open_image(path)
        image = upright_rgb(opened)
    with timing.of("mesh"):
        faces, _ = usable_faces(image, find.mesher, "largest")
    timing.photos += bool(faces)
    if not faces:
        return
    encoding, sitters = Encoding.of(opened), dict[int, compose.Sitter]()
    if find.hands:
        with timing.of("hands"):
            hands = find.hands.find(image)
        before = timing.parts["photometry"]
        with timing.of("drawing"):
            sitters[0] = compose.Sitter.study(image, faces[0], hands)
        timing.parts["drawing"] -= timing.parts["photometry"] - before
    settings = Settings(sources=("benchmark",), states=states)
    for variant, state in enumerate(states):
        before = timing.parts["photometry"]
        with timing.of("drawing"):
            dressed = dress_photo(image, faces, path.name, variant, state, settings, sitters)
        timing.parts["drawing"] -= timing.parts["photometry"] - before
        if dressed is not None:
            timing.composites += 1
            with timing.of("encode"):
                encoding.encode(dressed.composite.image)


@contextmanager
def photometry_apart(timing: Timing) -> Iterator[None]:
    """Book the time inside the functions of light and camera that compositing calls."""
    names = ("estimate_light", "estimate_camera", "as_photographed", "contact_shadow")
    kept = {name: getattr(compose, name) for name in names}

    def timed(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            with timing.of("photometry"):
                return function(*args, **kwargs)

        return call

    for name, function in kept.items():
        setattr(compose, name, timed(function))
    try:
        yield
    finally:
        for name, function in kept.items():
            setattr(compose, name, function)


def throughput(paths: list[Path], find: Finders, states: tuple[str, ...], repeats: int) -> Timing:
    """Sum of the fastest run of each photo: what else the machine does slows some of them."""
    for path in paths[:_STARTED_WITH]:
        time_photo(path, find, states, Timing())
    total = Timing()
    for path in paths:
        runs = [Timing() for _ in range(repeats)]
        for timing in runs:
            with photometry_apart(timing):
                time_photo(path, find, states, timing)
        total.add(min(runs, key=lambda timing: timing.total))
    return total


def rival_seconds(checkout: Path, python: str, paths: list[Path]) -> float:
    """Seconds an image of MaskTheFace, start-up apart, by two runs of different length."""
    with tempfile.TemporaryDirectory() as name:
        spent = []
        for count in (_STARTED_WITH, len(paths)):
            folder = Path(name) / f"photos{count}"
            folder.mkdir()
            for path in paths[:count]:
                shutil.copy(path, folder)
            command = [python, "mask_the_face.py", "--path", str(folder), "--mask_type", "surgical"]
            begun = time.perf_counter()
            subprocess.run(command, cwd=checkout, check=True, stdout=subprocess.DEVNULL)
            spent.append(time.perf_counter() - begun)
            made = len(list(Path(f"{folder}_masked").glob("*")))
        return (spent[1] - spent[0]) / max(made - _STARTED_WITH, 1)


def print_throughput(arguments: argparse.Namespace, work: Path) -> None:
    photos = sample_photos(arguments.photos, arguments.count)
    heads = [f"{part} ms" for part in PARTS]
    print("| photo | composites | composites/s |", " | ".join(heads), "| floor ms | × floor |")
    print("|" + "---|" * (5 + len(PARTS)))
    with FaceMesher() as mesher:
        find = Finders(mesher, HandFinder() if arguments.hands else None)
        for size in arguments.sizes:
            paths = write_photos(photos, size, work / f"{size[0]}x{size[1]}")
            for states in (STATES, STATES[:1]):
                timing = throughput(paths, find, states, arguments.repeats)
                print(_row(size, len(states), timing), flush=True)
                if arguments.rival:
                    _print_rival(arguments, paths, timing)
    print(f"\nBar at 225×275 with 3 composites: {BAR} × floor.")


def _row(size: tuple[int, int], number: int, timing: Timing) -> str:
    each = [1000 * timing.parts[part] / timing.photos for part in PARTS]
    cells = [f"{size[0]}×{size[1]}", str(number), f"{timing.composites / timing.total:.1f}"]
    cells += [f"{ms:.2f}" for ms in (*each, 1000 * timing.floor / timing.photos)]
    return "| " + " | ".join([*cells, f"{timing.total / timing.floor:.2f}"]) + " |"


def _print_rival(arguments: argparse.Namespace, paths: list[Path], timing: Timing) -> None:
    seconds = rival_seconds(arguments.rival, arguments.rival_python, paths)
    times = timing.composites / timing.total * seconds
    print(f"  rival: {1 / seconds:.1f} images/s; ours are {times:.1f} times as many", flush=True)


def size_of(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    return int(width), int(height)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, help="folder of portraits [packaged ones]")
    parser.add_argument("--count", type=int, default=40, help="photos timed")
    parser.add_argument("--repeats", type=int, default=5, help="runs of each; the fastest counts")
    parser.add_argument("--sizes", type=size_of, nargs="*",
                        default=[(225, 275), (384, 512), (1024, 1024)])  # fmt: skip
    parser.add_argument("--hands", action="store_true", help="look for hands, too")
    parser.add_argument("--rival", type=Path, help="checkout of MaskTheFace to run beside")
    parser.add_argument("--rival-python", default=sys.executable, help="interpreter with its needs")
    arguments = parser.parse_args()
    one_core()
    with tempfile.TemporaryDirectory() as name:
        print_throughput(arguments, Path(name))


if __name__ == "__main__":
    main()
