"""The `synth` command line: masks on bare faces, with the label measured."""

import sys
from pathlib import Path
from typing import Any

import click

from ingest.cli_support import CONTEXT, Group, bar, purpose_option, root_option, with_options
from synth.pseudo.cli import pseudo_gender


@click.group(cls=Group, context_settings=CONTEXT)
@click.version_option(package_name="maskcls")
def cli() -> None:
    """Compose correctly and incorrectly worn masks on photographs of bare faces.

    Example: synth masks --src all_age_faces --incorrect chin,nose
    """


_what_options = with_options(
    click.option("--src", "sources", multiple=True, required=True, help="Data set of bare faces."),
    click.option(
        "--incorrect", metavar="STATES", help="Ways to wear it wrong: nose,chin,… or all."
    ),
    click.option("--worn", is_flag=True, help="Correctly worn masks, too."),
    click.option("--include-bare", is_flag=True, help="Put the photo itself into the set, too."),
    click.option("--per-image", type=int, help="Composites of one photo.  [default: 1 per state]"),
    click.option("--garments", metavar="NAMES", help="Families to draw from.  [default: all]"),
)
_which_options = with_options(
    click.option("--min-age", type=float, help="Leave out photos that may show someone younger."),
    click.option("--max-age", type=float, help="Leave out photos that may show someone older."),
    click.option("--limit", type=int, metavar="PHOTOS", help="Most photos to use."),
    click.option("--like", metavar="NAME",
                 help="Fill the classes this set is short of, up to its median class."),
    click.option("--target-counts", type=click.Path(dir_okay=False, path_type=Path),
                 metavar="FILE", help="Fill classes to the counts of a CSV (class,count)."),
    click.option("--framing", type=click.Choice(["original", "target", "face"]),
                 default="original", show_default=True,
                 help="Cut photos first: 384×512 like the target set's, or close to the face."),
    click.option("--faces", type=click.Choice(["largest", "all"]), default="largest",
                 show_default=True, help="Which faces of a photo to dress."),
)  # fmt: skip
_face_options = with_options(
    click.option("--landmarks", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
                 help="Use the source's own landmarks: CSV (path,x0,y0,…) or landmarks.parquet."),
    click.option("--backend", type=click.Choice(["mediapipe", "dlib"]), default="mediapipe",
                 show_default=True, help="What finds the faces otherwise."),
    click.option("--predictor", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
                 help="Shape predictor of 5, 68 or 468 points, for dlib."),
    click.option("--occlusion", type=click.Choice(["off", "hands"]), default="off",
                 show_default=True, help="What is looked for and stays in front of the mask."),
    click.option("--predictor-license", metavar="ID",
                 help="Licence of a predictor that is not dlib's own."),
)  # fmt: skip
_run_options = with_options(
    click.option("--mattes", is_flag=True, help="Write alpha mattes and COCO annotations, too."),
    click.option("--seed", type=int, default=0, show_default=True, help="Of every choice."),
    click.option("--workers", type=click.IntRange(1), default=1, show_default=True,
                 help="Processes; the result does not depend on it."),
    click.option("--out", metavar="NAME", help="Name of the set.  [default: next free synth_vN]"),
    click.option("--dry-run", is_flag=True, help="Say what would be made, and stop."),
    purpose_option,
    root_option,
)  # fmt: skip


@cli.command()
@_what_options
@_which_options
@_face_options
@_run_options
def masks(
    workers: int,
    out: str | None,
    dry_run: bool,
    purpose: str | None,
    root: Path | None,
    **chosen: Any,
) -> None:
    """Put masks on the faces of a data set; without --incorrect and --worn, both kinds.

    An interrupted run continues when the same command is given again.

    Example: synth masks --src us_congress --incorrect chin,nose --min-age 60
    """
    from ingest.dataset import data_root
    from synth.messages import announcement, summary
    from synth.pipeline import prepare, run
    from synth.planning.settings import settings_from

    job = prepare(data_root(root), settings_from(**chosen), out=out, purpose=purpose,
                  workers=workers)  # fmt: skip
    click.echo(announcement(job), err=not dry_run)
    if not dry_run:
        with bar(len(job.plan), "photos") as shown:
            outcome = run(job, shown.update)
        click.echo(summary(outcome))


@cli.command()
@click.argument("name")
@click.argument("image_id")
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path), help="Write the image here.")
@root_option
def rebuild(name: str, image_id: str, to: Path | None, root: Path | None) -> None:
    """Make one composite again from its record, and compare it with the recorded hash.

    Example: synth rebuild synth_v1 0f3c9a1be2d47788aa10
    """
    from ingest.atomic import atomic_path
    from ingest.dataset import data_root
    from ingest.errors import ANSWER_IS_NO, DONE
    from synth.rebuild import rebuild as make_again

    rebuilt = make_again(data_root(root), name, image_id)
    if to:
        with atomic_path(to) as temporary:
            temporary.write_bytes(rebuilt.content)
    verdict = "identical to the record" if rebuilt.identical else "differs from the record"
    click.echo(f"{rebuilt.path}: {verdict}")
    sys.exit(DONE if rebuilt.identical else ANSWER_IS_NO)


@cli.command()
@click.argument("name")
@click.option(
    "--people", type=click.IntRange(1), default=6, show_default=True, help="Photos shown."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Which photos.")
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path), help="File to write.")
@root_option
def preview(name: str, people: int, seed: int, to: Path | None, root: Path | None) -> None:
    """Write a contact sheet: each photo beside its composites.

    Example: synth preview synth_v1 --people 12
    """
    from ingest.dataset import data_root
    from synth.preview import make_preview

    click.echo(make_preview(data_root(root), name, people, to, seed))


@cli.command("garments")
@click.option(
    "--to",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a contact sheet of all families here, as a PNG.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Which garments are shown.")
def list_garments(to: Path | None, seed: int) -> None:
    """List the families `--garments` takes: share, wear states, and with --to pictures of each.

    Example: synth garments --to garments.png
    """
    from synth.catalogue import list_families, write_catalogue

    for entry in list_families():
        click.echo(f"{entry.name:<13}{entry.weight:>6.1%}  {entry.purpose}")
        click.echo(f"{'':<13}{'':>6}  worn {', '.join(entry.states)}")
    if to:
        click.echo(f"pictures: {write_catalogue(to, seed)}")


cli.add_command(pseudo_gender)
