"""Time training: loaders beside timm's and torchvision's, the step beside a plain timm loop.

Usage: python benchmarks/training.py [--images N] [--size H W] [--backbone NAME]

Pictures are drawn, 225×275 pixels, JPEG. Loaders get the same files and the same work (resize,
mirror, brightness, contrast, saturation), in turns; each figure is of the fastest turn. Times are
processor seconds of one thread, so that a busy machine changes little.
"""

import argparse
import io
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import numpy as np
import pandas as pd
import timm
import torch
from PIL import Image
from torch.nn import functional
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder
from torchvision.transforms import v2

from maskcls.config.heads import parse_heads
from maskcls.config.read import build_config
from maskcls.config.sections import Config
from maskcls.data.samplers import MixedSampler, RealRows
from maskcls.images.loading import training_loader
from maskcls.images.reading import ImageStore
from maskcls.network.models import FaceClassifier
from maskcls.scores.probabilities import normalise
from maskcls.training.learner import Learner, Lesson

TURNS = 3
BATCH = 32
JITTER = 0.3


def drawn(number: int) -> bytes:
    rng = np.random.default_rng(number)
    layers = [
        np.asarray(Image.fromarray(rng.integers(0, 255, (n, n, 3), np.uint8)).resize((225, 275)))
        for n in (4, 9, 24, 80)
    ]
    buffer = io.BytesIO()
    Image.fromarray(np.mean(layers, axis=0).astype(np.uint8)).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def make_files(folder: Path, count: int) -> list[str]:
    """Pictures in one folder per class, as the others' data sets want them."""
    files = []
    for number in range(count):
        path = folder / f"class{number % 3}" / f"{number:06}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(drawn(number))
        files.append(str(path))
    return files


def config_of(size: tuple[int, int], backbone: str, workers: int, cache_mb: int) -> Config:
    jitter = {"name": "ColorJitter", "brightness": [1 - JITTER, 1 + JITTER], "p": 1.0,
              "contrast": [1 - JITTER, 1 + JITTER], "saturation": [1 - JITTER, 1 + JITTER],
              "hue": [0.0, 0.0]}  # fmt: skip
    return build_config({
        "data": {"size": list(size), "workers": workers, "cache_mb": cache_mb},
        "transforms": {"train": [{"name": "HorizontalFlip", "p": 0.5}, jitter]},
        "model": {"backbone": backbone, "dropout": 0.0},
        "train": {"batch_size": BATCH, "epochs": 1},
        "optim": {"name": "adamw", "schedule": "constant", "warmup_epochs": 0.0},
    }, "benchmark")  # fmt: skip


def ours(files: list[str], config: Config) -> DataLoader:
    store = ImageStore(files, np.full((len(files), 4), np.nan), config.data)
    if store.kept is not None:
        store.read_all()
    return training_loader(store, MixedSampler(RealRows(np.arange(len(files))), [], 0), config)


def torchvisions(folder: Path, size: tuple[int, int]) -> DataLoader:
    changes = v2.Compose([
        v2.Resize(size), v2.RandomHorizontalFlip(), v2.ColorJitter(JITTER, JITTER, JITTER),
        v2.PILToTensor(),
    ])  # fmt: skip
    return DataLoader(ImageFolder(str(folder), changes), BATCH, shuffle=True, num_workers=0,
                      )  # fmt: skip


def timms(folder: Path, size: tuple[int, int]) -> Iterable[Any]:
    """The loader of timm; its random crop is held to the whole picture."""
    ratio = 225 / 275
    return timm.data.create_loader(
        timm.data.create_dataset("", str(folder)), (3, *size), BATCH, is_training=True,
        use_prefetcher=False, scale=(1.0, 1.0), ratio=(ratio, ratio), hflip=0.5,
        color_jitter=(JITTER, JITTER, JITTER), num_workers=0,
        interpolation="bilinear", device=torch.device("cpu"),
    )  # fmt: skip


def rate(loader: Iterable[Any], count: int) -> float:
    begun = time.process_time()
    for _ in loader:
        pass
    return count / (time.process_time() - begun)


def time_loaders(folder: Path, files: list[str], size: tuple[int, int]) -> None:
    loaders: dict[str, Iterable[Any]] = {
        "ours, from files": ours(files, config_of(size, "resnet10t", 0, 0)),
        "ours, decoded images in memory": ours(files, config_of(size, "resnet10t", 0, 2048)),
        "torchvision": torchvisions(folder, size),
        "timm": timms(folder, size),
    }
    for loader in loaders.values():
        rate(loader, 1)
    turns = [{name: rate(loader, len(files)) for name, loader in loaders.items()}
             for _ in range(TURNS)]  # fmt: skip
    print("| loader | images a second and worker |\n|---|---|")
    for name in loaders:
        print(f"| {name} | {max(turn[name] for turn in turns):.0f} |")


class Clock(pl.Callback):
    """Processor seconds from the second batch on."""

    def __init__(self) -> None:
        self.begun, self.steps = 0.0, 0

    def on_train_batch_end(self, *given: Any) -> None:
        """Start after the first batch, and count all."""
        self.begun = self.begun or time.process_time()
        self.steps += 1


def rows_of(count: int) -> pd.DataFrame:
    codes = {axis: np.arange(count) % n for axis, n in (("mask", 3), ("gender", 2), ("age", 3))}
    taught = {f"taught_{axis}": code for axis, code in codes.items()}
    return pd.DataFrame({**codes, **taught, "composite": False, "unlabelled": False,
                         "years": 40.0})  # fmt: skip


def our_step(config: Config, loader: DataLoader, count: int) -> float:
    heads = parse_heads(config.model.heads, "all")
    lesson = Lesson(rows_of(count), np.ones(count))
    learner = Learner(FaceClassifier(config.model, heads), heads, config, lesson, 0)
    clock = Clock()
    trainer = pl.Trainer(
        accelerator="cpu", max_epochs=1, logger=False, callbacks=[clock], enable_progress_bar=False,
        enable_checkpointing=False, enable_model_summary=False, use_distributed_sampler=False,
    )  # fmt: skip
    trainer.fit(learner, loader)
    return (time.process_time() - clock.begun) / (clock.steps - 1)


def plain_step(config: Config, loader: DataLoader, count: int) -> float:
    """What one would write by hand with timm: no trainer, no partial labels, no logging."""
    model = FaceClassifier(config.model, parse_heads(config.model.heads, "all")).train()
    optimizer = timm.optim.create_optimizer_v2(model, opt="adamw", lr=1e-3, weight_decay=0.01)
    codes = {n: torch.from_numpy(v.to_numpy()) for n, v in rows_of(count).items() if v.dtype == int}
    begun, steps = 0.0, 0
    for images, rows in loader:
        outputs = model(normalise(images, config.transforms))
        loss = torch.stack([functional.cross_entropy(logits, codes[name][rows])
                            for name, logits in outputs.items()]).sum()  # fmt: skip
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        loss.item()
        begun = begun or time.process_time()
        steps += 1
    return (time.process_time() - begun) / (steps - 1)


def time_steps(files: list[str], size: tuple[int, int], backbone: str) -> None:
    torch.set_num_threads(1)
    config = config_of(size, backbone, 0, 2048)
    still = replace(config, transforms=replace(config.transforms, train=()))
    loader = ours(files, still)
    turns: dict[str, list[float]] = {"ours": [], "a plain loop": []}
    for _ in range(TURNS):
        for name, step in (("ours", our_step), ("a plain loop", plain_step)):
            turns[name].append(step(still, loader, len(files)))
    best = {name: min(values) for name, values in turns.items()}
    changed = min(our_step(config, ours(files, config), len(files)) for _ in range(TURNS))
    print(
        f"\n| {backbone}, {size[0]}×{size[1]}, {BATCH} images, one thread | ms a step |\n|---|---|"
    )
    for name, seconds in best.items():
        print(f"| {name} | {1000 * seconds:.1f} |")
    print(f"\nours / plain: {best['ours'] / best['a plain loop']:.3f}")
    print(f"share of the step that is left with augmentation in the same thread: "
          f"{best['ours'] / changed:.2f}")  # fmt: skip


FIRST = """
import resource, sys, time
begun = time.time()
from maskcls.training.learner import Learner
plain = Learner.training_step
def step(self, batch, index):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"first batch after {time.time() - begun:.1f} s; {peak:.0f} MB at most so far")
    raise SystemExit
Learner.training_step = step
sys.argv = ["maskcls", *sys.argv[1:]]
from maskcls.cli import cli
cli()
"""


def time_to_first_batch(arguments: list[str]) -> None:
    """Start the command in a new process and stop it at its first step."""
    with tempfile.TemporaryDirectory() as runs:
        command = [sys.executable, "-c", FIRST, "train", *arguments, "--runs", runs]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = [line for line in done.stdout.splitlines() if line.startswith("first batch")]
    print(said[0] if said else f"no first batch: {done.stderr[-500:]}")


def measured(name: str, part: Callable[[], None]) -> None:
    print(f"\n## {name}\n", flush=True)
    part()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=1024)
    parser.add_argument("--size", type=int, nargs=2, default=(96, 80))
    parser.add_argument("--backbone", default="resnet10t")
    parser.add_argument("--train", nargs=argparse.REMAINDER, default=[],
                        help="options of `maskcls train`, to time its first batch")  # fmt: skip
    asked = parser.parse_args()
    size = (asked.size[0], asked.size[1])
    with tempfile.TemporaryDirectory() as folder:
        files = make_files(Path(folder), asked.images)
        measured("Loaders", lambda: time_loaders(Path(folder), files, size))
        measured("Steps", lambda: time_steps(files, size, asked.backbone))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\npeak memory of this program: {peak:.0f} MB")
    if asked.train:
        measured("First batch", lambda: time_to_first_batch(asked.train))


if __name__ == "__main__":
    main()
