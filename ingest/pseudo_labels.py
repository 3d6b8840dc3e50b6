"""What the card of a data set says of labels that models gave, as long as they lie over it."""

from collections.abc import Mapping
from typing import Any

from ingest.atomic import write_json
from ingest.card import read_details
from ingest.dataset import Dataset
from ingest.errors import IngestError
from ingest.licences.terms import PURPOSES

PERCEIVED = (
    "Labels of origin 'pseudo' are a model's guess at how people are perceived, not who they are. "
    "Use them to train and to count classes in bulk; never to tell or decide anything about a "
    "person, and never to score a model."
)
_KEY = "pseudo_labels"
_KEPT = ("purpose", "caveats")


def noted_labels(dataset: Dataset) -> dict[str, Any]:
    """What the card says of pseudo labels, by axis; empty if there are none."""
    noted = _noted(dataset)
    return dict(noted["axes"]) if noted else {}


def _noted(dataset: Dataset) -> dict[str, Any] | None:
    """Our part of the card, which anyone may have edited."""
    noted = read_details(dataset).get(_KEY)
    if noted is None or _is_sound(noted):
        return noted
    message = (
        f"{dataset.card_path}: {_KEY} cannot be read. Expected what `synth pseudo-gender` writes "
        f"there. Pull {dataset.name} again, or remove that part."
    )
    raise IngestError(message)


def _is_sound(noted: Any) -> bool:
    if not isinstance(noted, dict) or set(noted) != {"before", "axes"}:
        return False
    before, axes = noted["before"], noted["axes"]
    return (
        isinstance(before, dict)
        and set(before) == set(_KEPT)
        and isinstance(before["caveats"] or [], list)
        and isinstance(axes, dict)
        and all(isinstance(one, dict) and one.get("purpose") in PURPOSES for one in axes.values())
    )


def note_labels(dataset: Dataset, labels: Mapping[str, Any]) -> None:
    """Say in the card which pseudo labels there are; as it was before, if there are none.

    Parameters
    ----------
    dataset : Dataset
        Its card is rewritten.
    labels : mapping
        Axis to what is known of its labels; ``purpose`` is what they may be used for, and the
        set is held to the strictest.
    """
    noted, card = _noted(dataset), dataset.card()
    details = card.setdefault("maskcls", {})
    details.pop(_KEY, None)
    before = noted["before"] if noted else {name: details.get(name) for name in _KEPT}
    for name, value in before.items():
        if value is None:
            details.pop(name, None)
        else:
            details[name] = value
    if labels:
        held = [before["purpose"], *(about["purpose"] for about in labels.values())]
        details["purpose"] = "research" if "research" in held else "commercial"
        details["caveats"] = [*(before["caveats"] or []), PERCEIVED]
        details[_KEY] = {"before": before, "axes": dict(labels)}
    write_json(dataset.card_path, card)
