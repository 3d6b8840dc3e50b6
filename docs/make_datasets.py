"""Write ``docs/datasets.md``: what the manifests say, for choosing a data set."""

import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from ingest.licences.terms import decide, effective_terms
from ingest.manifests.read import load_manifest, manifest_names
from ingest.manifests.types import Manifest

PAGE = Path(__file__).with_name("datasets.md")
_HEAD = """# The data sets

Written from `external_manifests/datasets/*.toml` by `make docs`. What is marked second-hand was
read where others quote it, not at the owner's. None of this is legal advice: the sentence counts,
and `ingest show NAME` prints it.

"What you may do" is what `ingest pull` answers for commercial and for research use: *yes*, *no*, or
*after you accept* (something is not known, or access is tied to an agreement; `--accept NAME`).
"Composing" says whether face masks may be drawn on the pictures, "passing on" whether
`ingest export --to-share` may hand them out.

"""
_WORDS = {"allowed": "yes", "refused": "no", "needs-acceptance": "after you accept"}


def row(manifest: Manifest) -> str:
    """Line of the overview."""
    licence = manifest.license.id
    terms = effective_terms([licence])
    stated = {"owner": "", "third-party": " (second-hand)", "nobody": " (none found)"}
    cells = [
        f"[`{manifest.name}`](#{manifest.name})", manifest.about.get("ages", ""),
        manifest.about.get("over_60", ""), manifest.about.get("gender", ""),
        licence + stated[manifest.license.stated_by],
        _WORDS[decide(licence, "pull", "commercial").answer],
        _WORDS[decide(licence, "pull", "research").answer],
        terms["derivatives"], terms["redistribution"],
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def section(manifest: Manifest) -> Iterator[str]:
    """All lines on one data set."""
    statement = manifest.license
    yield f"## {manifest.name}"
    yield f"**{manifest.title}.** {' '.join(manifest.description.split())}"
    who = {"owner": "the owner", "third-party": "a third party"}.get(statement.stated_by)
    quote = f'"{statement.quote}" ({who}, <{statement.url}>)' if who else "No sentence was found."
    yield f"Licence {statement.id}: {quote} {statement.note}".rstrip()
    terms = ", ".join(f"{term.replace('_', ' ')} {value}" for term, value
                      in effective_terms([statement.id]).items())  # fmt: skip
    yield f"Terms: {terms}."
    yield f"Homepage: <{manifest.homepage}>. Cite as: {manifest.citation}"
    yield "\n".join(f"- {caveat}" for caveat in manifest.caveats)
    yield "How to get it:\n\n" + "\n".join(f"- {step}" for step in steps(manifest))


def steps(manifest: Manifest) -> Iterator[str]:
    """What to do to have the files."""
    by_hand = [file for file in manifest.distribution if not file.content_url]
    for file in by_hand:
        yield f"`{file.name}`: {file.instructions}"
    yield f"`ingest pull {manifest.name}{' --from PATH' if by_hand else ''}`"


def page() -> str:
    """The whole page."""
    manifests = [load_manifest(name) for name in manifest_names()]
    names = ("Data set", "Ages", "60 and over", "Gender", "Licence", "Commercial use",
             "Research", "Composing", "Passing on")  # fmt: skip
    lines = [
        f"| {' | '.join(names)} |",
        "|" + "---|" * len(names),
        *(row(manifest) for manifest in manifests),
    ]
    parts = ["\n".join(lines)]
    for manifest in manifests:
        parts += section(manifest)
    return _HEAD + "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
