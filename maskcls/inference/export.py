"""Models of a run for other programs: ONNX or torch's ExportedProgram, checked, with lineage."""

from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ingest.atomic import atomic_folder, write_json, write_text
from maskcls.config.heads import WORDS, Head
from maskcls.config.members import Member
from maskcls.config.sections import TransformsConfig
from maskcls.errors import ArgumentRefused, ExportFailed, ExtraMissing, PurposeRefused
from maskcls.inference.ensemble import ENSEMBLE
from maskcls.inference.scoring import Loaded, load_scorer, weight_files
from maskcls.inference.thresholds import thresholds_of
from maskcls.network.models import FaceClassifier
from maskcls.runs.folder import CALIBRATION, Run
from maskcls.scores.probabilities import normalise

TOLERANCE = 1e-4
"""Largest difference of a probability between torch and what was written."""
SUFFIX = {"onnx": ".onnx", "exported-program": ".pt2"}


class Probabilities(nn.Module):
    """Probabilities of every head from RGB values 0–255, as one tensor per head."""

    def __init__(
        self, model: FaceClassifier, heads: tuple[Head, ...], config: TransformsConfig
    ) -> None:
        super().__init__()
        self.model, self.names, self.config = model, [head.name for head in heads], config

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """One tensor of shape (B, n_classes) a head, from images (B, 3, H, W)."""
        outputs = self.model(normalise(images, self.config))
        return tuple(outputs[name].softmax(dim=1) for name in self.names)


def export(run: Run, form: str, out: Path, purpose: str | None = None) -> str:
    """Write every model of a run, with its card, lineage and how to use it.

    Parameters
    ----------
    run : Run
        A finished run, not an ensemble.
    form : {"onnx", "exported-program"}
        ONNX is compared with torch by onnxruntime, the program by loading it again.
    out : Path
        Folder to write; must not exist.
    purpose : {"commercial", "research"}, optional
        What the result is for; none for what the run was trained for.

    Returns
    -------
    str
        What was written.

    Raises
    ------
    PurposeRefused
        If the run was trained for research only.
    ArgumentRefused, ExtraMissing, ExportFailed
        If `out` exists, the run is an ensemble, onnx is not installed, or what was written
        does not give the same probabilities.
    """
    _refuse(run, form, out, purpose)
    scorer = load_scorer(run)
    about: dict[str, Any] = {"run": run.name, "format": form, "models": []}
    with atomic_folder(out) as folder:
        for part in scorer.parts:
            about["models"] += _write_part(run, part, form, folder)
        if (run.folder / CALIBRATION).is_file():
            about["temperature"] = scorer.temperatures
        if limits := thresholds_of(run, False):
            about["thresholds"] = limits
        write_json(folder / "usage.json", about)
        for name in ("lineage.json", "model_card.md"):
            write_text(folder / name, (run.folder / name).read_text(encoding="utf-8"))
    worst = max(model["largest_difference"] for model in about["models"])
    count = len(about["models"])
    return f"{out}: {count} models, card and lineage; largest difference to torch {worst:.1e}"


def _refuse(run: Run, form: str, out: Path, purpose: str | None) -> None:
    if out.exists():
        message = f"--out {out}: exists. Expected a new folder. Choose another."
        raise ArgumentRefused(message)
    if (run.folder / ENSEMBLE).is_file():
        names = ", ".join(run.read_json(ENSEMBLE)["runs"])
        message = f"{run.name}: an ensemble. Expected a run. Export each of its runs: {names}."
        raise ArgumentRefused(message)
    trained_for = run.read_json("lineage.json")["purpose"]
    if purpose == "commercial" and trained_for == "research":
        message = (
            f"{run.name}: was trained for research; its licences were never asked for commercial "
            "use. Expected --purpose research. Train again with --purpose commercial."
        )
        raise PurposeRefused(message)
    if form == "onnx":
        try:
            import onnxruntime  # noqa: F401
            import onnxscript  # noqa: F401
        except ImportError as error:
            message = (
                f"--format onnx: {error.name} is not installed. Expected the extra. Install "
                "maskcls[onnx], or use --format exported-program."
            )
            raise ExtraMissing(message) from error


def _write_part(run: Run, part: Loaded, form: str, folder: Path) -> list[dict[str, Any]]:
    member, written = part.member, []
    for path, model in zip(weight_files(run, member), part.models, strict=True):
        module = Probabilities(model, member.heads, member.config.transforms).cpu().eval()
        module.model.to(memory_format=torch.contiguous_format)
        file = folder / (path.stem + SUFFIX[form])
        difference = WRITERS[form](module, member, file)
        if not difference <= TOLERANCE:
            message = (
                f"{file.name}: its probabilities differ from torch's by {difference:.1e}. Expected "
                f"at most {TOLERANCE:.0e}. Nothing was written; report this backbone."
            )
            raise ExportFailed(message)
        written.append(_usage(file, member, difference))
    return written


def _usage(file: Path, member: Member, difference: float) -> dict[str, Any]:
    height, width = member.config.data.size
    outputs = {head.name: [" ".join(words) for words in _words(head)] for head in member.heads}
    return {
        "file": file.name,
        "input": {"name": "images", "shape": ["batch", 3, height, width], "values": "RGB, 0–255",
                  "crop": member.config.data.crop, "background": member.config.data.background,
                  "transforms": list(member.config.transforms.always)},
        "outputs": outputs,
        "largest_difference": difference,
    }  # fmt: skip


def _words(head: Head) -> list[tuple[str, ...]]:
    return list(product(*(WORDS[axis] for axis in head.axes)))


def _example(member: Member) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return 255 * torch.rand(2, 3, *member.config.data.size, generator=generator)


def _largest_difference(module: nn.Module, outputs: Any, images: Tensor) -> float:
    with torch.inference_mode():
        expected = module(images)
    pairs = zip(expected, outputs, strict=True)
    return max(float((a - torch.as_tensor(b)).abs().max()) for a, b in pairs)


def _program(module: nn.Module, images: Tensor) -> Any:
    batch = torch.export.Dim("batch", min=1, max=4096)
    with torch.no_grad():
        return torch.export.export(module, (images,), dynamic_shapes=({0: batch},))


def _write_program(module: Probabilities, member: Member, file: Path) -> float:
    images = _example(member)
    torch.export.save(_program(module, images), file)
    again = torch.export.load(file).module()
    three = torch.cat([images, images[:1]])
    return _largest_difference(module, again(three), three)


def _write_onnx(module: Probabilities, member: Member, file: Path) -> float:
    import onnxruntime

    images = _example(member)
    program: Any = torch.onnx.export(
        _program(module, images), input_names=["images"], output_names=module.names, verbose=False
    )
    program.save(str(file), external_data=False)
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    three = torch.cat([images, images[:1]])
    return _largest_difference(module, session.run(None, {"images": three.numpy()}), three)


WRITERS: dict[str, Callable[[Probabilities, Member, Path], float]] = {
    "onnx": _write_onnx, "exported-program": _write_program,
}  # fmt: skip
