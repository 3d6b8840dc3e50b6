"""Settings that do not go together, refused before any work."""

from collections.abc import Iterator

from maskcls.config.members import Member, members_of
from maskcls.config.sections import Config
from maskcls.data.dosing import chosen_classes
from maskcls.data.extras import check_teaches, parse_extra
from maskcls.errors import ConfigInvalid
from maskcls.network.losses import OF_COSINE, parse_loss
from maskcls.network.optim import check_optimizer

TOGETHER = "the settings together"


def check_config(config: Config) -> None:
    """Refuse a configuration whose parts do not fit together.

    Raises
    ------
    ConfigInvalid
        With every such problem.
    ArgumentRefused
        If a loss, optimiser, head or extra is unknown.
    """
    problems = list(_of_run(config))
    for member in members_of(config):
        problems += _of_member(member)
        if member.config.model.backbone != config.model.backbone:
            problems.append(
                f"model.groups: backbone '{member.config.model.backbone}' beside "
                f"'{config.model.backbone}'; expected one. Train other backbones as runs of their "
                "own and join them with `maskcls ensemble`"
            )
    if problems:
        raise ConfigInvalid(TOGETHER, problems)


def _of_run(config: Config) -> Iterator[str]:
    extras = [parse_extra(text).name for text in config.run.extra]
    yield from check_teaches(config.mixing, extras)
    if config.mixing.cells and not config.mixing.cells.endswith(".csv"):
        chosen_classes(config.mixing.cells)
    if config.mixing.schedule == "pretrain" and not extras:
        yield "mixing.schedule is 'pretrain' without an extra; expected --extra"
    if config.mixing.schedule == "pretrain" and config.run.unlabelled:
        yield (
            "mixing.schedule is 'pretrain' with --unlabelled; expected another: guesses need "
            "real photos first"
        )
    if config.self_training.consistency and not config.run.unlabelled:
        yield "self_training.consistency without a set to guess on; expected --unlabelled"
    if config.train.refit and not config.run.folds:
        yield "train.refit without folds; expected --folds 2 or more, to find the epoch"
    if config.inference.calibrate != "none" and not config.run.folds:
        yield "inference.calibrate without folds; expected --folds 2 or more, to fit it on"
    if config.inference.thresholds != "none" and not config.run.folds:
        yield "inference.thresholds without folds; expected --folds 2 or more, to fit them on"


def _of_member(member: Member) -> Iterator[str]:
    config, heads = member.config, member.heads
    check_optimizer(config.optim.name)
    yield from _of_losses(config, member)
    if config.loss.head_weights and len(config.loss.head_weights) != len(heads):
        yield (
            f"loss.head_weights: {len(config.loss.head_weights)} values for {len(heads)} heads; "
            "expected one per head, or none"
        )
    joint_age = any("age" in head.axes and len(head.axes) > 1 for head in heads)
    if config.model.age != "classes" and joint_age:
        yield f"model.age is '{config.model.age}'; expected a head for the age alone"
    if config.optim.sam_rho and (
        config.train.accumulate > 1 or config.train.precision == "16-mixed"
    ):
        yield "optim.sam_rho with train.accumulate or 16-mixed; expected neither"
    if config.optim.schedule == "multistep" and not config.optim.milestones:
        yield "optim.schedule is 'multistep' without optim.milestones; expected epochs"
    if config.optim.schedule == "plateau" and not config.run.folds:
        yield "optim.schedule is 'plateau' without folds; expected a validation loss to follow"
    if config.train.patience and not config.run.folds:
        yield "train.patience without folds; expected a validation score to follow"


def _of_losses(config: Config, member: Member) -> Iterator[str]:
    known = ["+".join(head.axes) for head in member.heads]
    own = ["+".join(h.split("+")) for h in config.model.heads]
    for name in config.loss.by_head:
        if name not in (*known, *own):
            yield f"loss.by_head names '{name}'; expected one of {', '.join(known)}"
    for name in known:
        text = config.loss.by_head.get(name, config.loss.name)
        terms = [term for _, term in parse_loss(text)]
        cosine = config.model.classifier == "cosine"
        if set(terms) & set(OF_COSINE) and not cosine:
            yield f"loss '{text}' of head {name}; expected model.classifier='cosine' with it"
        if "coral" in terms and (name != "age" or config.model.age != "coral"):
            yield f"loss '{text}' of head {name}; expected it for age with model.age='coral'"
