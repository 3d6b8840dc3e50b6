"""One audit: every check over the mix, and the verdict drawn from what they found."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ingest.audit.ages import check_ages
from ingest.audit.balance import check_balance
from ingest.audit.change import check_change, read_baseline
from ingest.audit.confounding import check_confounding
from ingest.audit.coverage import check_coverage
from ingest.audit.duplicates import check_duplicates
from ingest.audit.embedding import Embedder, load_embedder
from ingest.audit.face_check import find_faces
from ingest.audit.files import Watch, read_files
from ingest.audit.findings import RULES, CheckResult, Finding, counted, ranked
from ingest.audit.identity import find_same_faces
from ingest.audit.integrity import check_integrity
from ingest.audit.label_issues import check_label_issues
from ingest.audit.leakage import check_leakage
from ingest.audit.licences import check_licences, purpose_of
from ingest.audit.measures import measure_mix
from ingest.audit.mix import SYNTHETIC, Mix, open_mix
from ingest.audit.near import find_alike
from ingest.audit.predictions import read_predictions
from ingest.audit.provenance import check_provenance
from ingest.audit.quality import check_quality
from ingest.audit.subgroups import check_people
from ingest.dataset import open_dataset
from ingest.errors import AnswerIsNo, IngestError, WrongUsage
from ingest.targets import Target, read_goal, target_of_records

LIMITS = (
    "Near-duplicates are pictures of one photo; two photos of one person are told apart only by "
    "their subject. A shortcut or a wrong label that is not found may still be there.",
    "Genders and ages are as the sources state or estimate them. Nothing here says that people are "
    "treated alike by a model trained on these pictures.",
)


class AuditFailed(AnswerIsNo, IngestError):
    """An audit that found what `--fail-on` forbids."""


@dataclass(frozen=True)
class Audit:
    """Everything one audit found out.

    Attributes
    ----------
    mix : Mix
        What was audited.
    purpose : str
        Purpose it stands under.
    results : tuple of CheckResult
        One per check, in reading order.
    """

    mix: Mix
    purpose: str
    results: tuple[CheckResult, ...]

    @property
    def findings(self) -> list[Finding]:
        """All findings, worst first."""
        return ranked(finding for result in self.results for finding in result.findings)

    @property
    def level(self) -> str:
        """Severity of the worst finding that is no mere note; "good" if there is none."""
        worst = [finding.severity for finding in self.findings if finding.severity != "note"]
        return worst[0] if worst else "good"

    def result(self, check: str) -> CheckResult:
        """Result of the check of that id."""
        return next(result for result in self.results if result.id == check)

    def number_of(self, severity: str) -> int:
        """How many findings weigh that much."""
        return sum(finding.severity == severity for finding in self.findings)


@dataclass(frozen=True)
class Options:
    """What an audit is asked to do besides.

    Attributes
    ----------
    faces : bool
        Whether to look for the faces in the pictures, which takes longest.
    predictions : Path, optional
        Table of out-of-fold predictions to hold the labels against.
    compare : str, optional
        Data set to set the mix beside.
    baseline : Path, optional
        JSON of an earlier audit.
    like : str, optional
        Data set whose classes and ages the mix is held against.
    target_counts : Path, optional
        Table of the counts the classes are meant to have, instead.
    identity : Path, optional
        Manifest of a face recognition model to look for one person under two subjects with.
    """

    faces: bool = False
    predictions: Path | None = None
    compare: str | None = None
    baseline: Path | None = None
    like: str | None = None
    target_counts: Path | None = None
    identity: Path | None = None


def run_audit(
    root: Path, names: Sequence[str], watch: Watch, options: Options | None = None
) -> Audit:
    """Check one data set, or several as one mix.

    Parameters
    ----------
    root : Path
        Folder of all data sets.
    names : sequence of str
        Data sets to take together.
    watch : callable
        Shows progress while the files are read.
    options : Options, optional
        What to do besides.

    Raises
    ------
    WrongUsage
        If a name is unknown or given twice.
    """
    options = options or Options()
    predictions = read_predictions(options.predictions) if options.predictions else None
    baseline = read_baseline(options.baseline) if options.baseline else None
    target = _target(root, options)
    mix = open_mix(root, names)
    other = open_mix(root, [options.compare]) if options.compare else None
    embedder = load_embedder(options.identity, purpose_of(mix)) if options.identity else None
    results = [
        *_checks_of_pictures(mix, options.faces, embedder, predictions, watch),
        check_label_issues(mix, predictions),
        check_balance(mix, target),
        check_ages(mix, target),
        check_people(mix),
        check_coverage(mix),
        check_licences(mix),
        check_provenance(mix),
    ]
    if baseline is not None or other is not None:
        every = [finding for result in results for finding in result.findings]
        results.append(check_change(mix, every, baseline, other))
    return Audit(mix, purpose_of(mix), tuple(sorted(results, key=_reading_order)))


def _target(root: Path, options: Options) -> Target | None:
    if options.like and options.target_counts:
        message = "--like and --target-counts: both given. Expected one of them."
        raise WrongUsage(message)
    if options.like:
        return target_of_records(open_dataset(root, options.like).records(), options.like)
    if options.target_counts:
        return Target(options.target_counts.name, read_goal(options.target_counts))
    return None


_ORDER = ("change", "balance", "ages", "people", "leakage", "duplicates", "confounding", "labels",
          "quality", "coverage", "licence", "provenance", "integrity")  # fmt: skip


def _reading_order(result: CheckResult) -> int:
    return _ORDER.index(result.id)


def _checks_of_pictures(
    mix: Mix,
    look_for_faces: bool,
    embedder: Embedder | None,
    predictions: pd.DataFrame | None,
    watch: Watch,
) -> list[CheckResult]:
    """Checks that rest on the files; each picture is decoded for all of them at once."""
    files = read_files(mix, watch)
    measures = measure_mix(mix, files, watch)
    faces = find_faces(mix, files, watch) if look_for_faces else None
    alike = find_alike(mix, measures, watch)
    same = find_same_faces(mix, files, embedder, watch) if embedder else None
    return [
        check_integrity(mix, files),
        check_quality(mix, measures, faces),
        check_confounding(mix, measures),
        check_duplicates(mix, alike),
        check_leakage(mix, alike, same, predictions),
    ]


def verdict(audit: Audit) -> tuple[str, str]:
    """The answer in one sentence, and a second one that explains it."""
    problems, warnings = audit.number_of("problem"), audit.number_of("warning")
    n_made = int((audit.mix.records["kind"] == SYNTHETIC).sum())
    what = f"{counted(len(audit.mix.records) - n_made, 'real picture')} and " + counted(
        n_made, "composite"
    )
    if problems:
        return (
            "Do not train on this yet.",
            f"{counted(problems, 'problem')} stand{'s' if problems == 1 else ''} against it; "
            f"{counted(warnings, 'warning')} more want a decision. {what} were checked.",
        )
    if warnings:
        wants = "wants" if warnings == 1 else "want"
        return (
            "May be trained on. Decide on these first.",
            f"Nothing forbids it, but {counted(warnings, 'warning')} {wants} a decision. "
            f"{what} were checked.",
        )
    return "May be trained on.", f"Nothing was found that stands against it. {what} were checked."


def parse_rules(text: str | None) -> tuple[str, ...]:
    """Rules of a comma-separated list.

    Raises
    ------
    WrongUsage
        If one is unknown; the message lists all rules.
    """
    rules = tuple(part.strip() for part in (text or "").split(",") if part.strip())
    if unknown := [rule for rule in rules if rule not in RULES]:
        message = (
            f"--fail-on: unknown {', '.join(repr(rule) for rule in unknown)}. "
            f"Expected some of {', '.join(RULES)}, with commas between."
        )
        raise WrongUsage(message)
    return rules


def broken_rules(audit: Audit, rules: Iterable[str]) -> list[Finding]:
    """Findings that break one of the rules; notes break none."""
    asked = set(rules)
    return [f for f in audit.findings if f.rule in asked and f.severity != "note"]


def refuse(findings: Sequence[Finding]) -> None:
    """Refuse if there are findings.

    Raises
    ------
    AuditFailed
        With every one of them.
    """
    if findings:
        lines = "\n".join(f"  {f.rule}: {f.title}. {f.action}" for f in findings)
        message = f"audit: {counted(len(findings), 'finding')} that --fail-on forbids:\n{lines}"
        raise AuditFailed(message)
