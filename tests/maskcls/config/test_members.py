import pandas as pd
import pytest

from maskcls.config.members import members_of
from maskcls.config.read import build_config, parse_assignments
from maskcls.errors import ArgumentRefused, ConfigInvalid
from maskcls.training.checks import check_config


def config_of(*assignments):
    return build_config(parse_assignments(assignments), "test")


GROUPS = 'model.groups=[{heads=["mask"]}, {heads=["gender+age"], rows={mask=["worn"]}, ' \
         'set={loss={name="focal"}}}]'  # fmt: skip


def test_groups_are_models_of_their_own():
    masks, others = members_of(config_of(GROUPS))
    assert (masks.name, others.name) == ("mask", "gender_and_age")
    assert (masks.config.loss.name, others.config.loss.name) == ("cross_entropy", "focal")
    rows = pd.DataFrame({"taught_mask": [0, 1, -1]})
    assert others.teaches(rows).tolist() == [True, False, False]
    assert masks.teaches(rows).all()
    assert others.file_name("fold_0") == "fold_0.gender_and_age"


def test_target_leaves_groups_without_it_out():
    (only,) = members_of(config_of(GROUPS, "run.target=mask"))
    assert only.name == "mask"


@pytest.mark.parametrize(
    "groups, said",
    [
        ('[{heads=["mask"]}]', "each of mask, gender, age once"),
        ('[{head=["mask"]}]', "no key 'head'"),
        ('[{heads=["mask"], rows={mask=["on"]}}]', "a list of worn"),
        ('[{heads=["mask"], set={run={folds=2}}}]', "may differ"),
        ('[{heads=["mask"]}, {heads=["gender+age"], set={loss={nme="focal"}}}]', "loss.name"),
    ],
)
def test_wrong_groups_are_refused(groups, said):
    with pytest.raises((ConfigInvalid, ArgumentRefused), match=said):
        members_of(config_of(f"model.groups={groups}"))


@pytest.mark.parametrize(
    "assignments, said",
    [
        (["loss.name=ldam"], "model.classifier='cosine'"),
        (["loss.by_head={age='coral'}"], "model.age='coral'"),
        (["loss.by_head={hat='focal'}"], "names 'hat'"),
        (["loss.by_head={age='hinge'}"], "soft_f1, ldam"),
        (["model.age=corn", "model.heads=['mask','gender+age']"], "a head for the age alone"),
        (["optim.sam_rho=0.1", "train.accumulate=2"], "expected neither"),
        (["optim.schedule=multistep"], "optim.milestones"),
        (["optim.schedule=plateau", "run.folds=0"], "validation loss"),
        (["train.refit=true", "run.folds=0"], "--folds"),
        (["train.patience=2", "run.folds=0"], "validation score"),
        (["inference.calibrate=temperature", "run.folds=0"], "--folds"),
        (["mixing.cells=nobody"], "names no class"),
        (["mixing.schedule=pretrain"], "--extra"),
        (["loss.head_weights=[1.0]"], "1 values for 3 heads"),
        (["optim.name=adamm"], "no such optimiser"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(assignments, said):
    with pytest.raises((ConfigInvalid, ArgumentRefused), match=said):
        check_config(config_of(*assignments))


@pytest.mark.parametrize(
    "assignments",
    [
        ["loss.name=ldam", "model.classifier=cosine", "loss.class_weights=effective"],
        ["loss.by_head={age='coral'}", "model.age=coral"],
        ["model.age=corn"],
        [GROUPS],
    ],
)
def test_settings_that_do_go_together_pass(assignments):
    check_config(config_of(*assignments))
