"""What `synth masks` tells its user before and after it works."""

from ingest.taxonomy import CLASS_NAMES
from synth.pipeline import Job, Outcome

_SHOWN_SKIPS = 12


def announcement(job: Job) -> str:
    """What a run is going to make, and what it cannot."""
    plan = job.plan
    lines = [f"{job.target.name}: up to {plan.images} images of {len(plan)} photos"]
    for cell in plan.cells:
        line = (
            f"  {CLASS_NAMES[cell.index]}: have {cell.have}, want {cell.goal}, "
            f"make {cell.make} from {cell.photos} photos"
        )
        lines.append(f"{line}; {cell.why_short}" if cell.why_short else line)
    return "\n".join(lines)


def summary(outcome: Outcome) -> str:
    """What a run made, skipped and left out, and what to type next."""
    name = outcome.dataset.name
    lines = [f"{name}: {outcome.images} images in {outcome.dataset.folder}"]
    if not outcome.fresh:
        lines[0] += " (made before with the same settings; nothing to do)"
    for reason, count in sorted(outcome.left_out.items()):
        lines.append(f"left out: {count} photos that {reason}")
    if outcome.skipped:
        lines.append(f"skipped: {len(outcome.skipped)} (all listed in dataset.json)")
        lines += [f"  {photo}: {why}" for photo, why in outcome.skipped[:_SHOWN_SKIPS]]
    return "\n".join([*lines, f"train with it: maskcls train --extra {name}"])
