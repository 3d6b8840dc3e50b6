"""What the published teams said of their set-ups, against what the recipes hold."""

import json

import pytest

from maskcls.config.members import members_of
from maskcls.config.read import build_config
from maskcls.config.recipes import load_recipe, recipe_names, recipes_json, recipes_text
from maskcls.config.sections import valid_keys
from maskcls.images.transforms import Augment
from maskcls.training.checks import check_config

# Written from the teams' write-ups, not from the recipes.
SAID = {
    "b3_fc_ce": {
        "model.backbone": "efficientnet_b3", "model.dropout": 0.7, "loss.name": "cross_entropy",
        "data.crop": "centre", "transforms.mean": (0.0,) * 3, "transforms.std": (1.0,) * 3,
        "optim.name": "adam", "optim.lr": 1e-4, "optim.schedule": "exponential",
        "optim.gamma": 0.995, "run.folds": 5, "inference.tta": "flip",
    },
    "b4_multihead_focal": {
        "model.backbone": "tf_efficientnet_b4", "model.heads": ("mask", "gender", "age"),
        "data.crop": "centre", "data.crop_size": (400, 200), "loss.name": "focal",
        "transforms.mean": (0.548, 0.504, 0.479), "transforms.std": (0.237, 0.247, 0.246),
        "optim.name": "adamp", "optim.lr": 3e-4, "optim.weight_decay": 1e-5,
        "optim.schedule": "multistep", "optim.gamma": 0.5, "train.batch_size": 32,
        "train.drop_last": True, "run.folds": 5, "run.train_age_boundaries": (30.0, 58.0),
    },
    "b3_three_models": {
        "model.backbone": "efficientnet_b3", "data.crop": "face", "data.margin": 0.0,
        "data.margin_pixels": 15.0, "data.rectangle": (100, 400, 50, 350),
        "data.size": (312, 312), "train.batch_size": 64, "optim.lr": 1e-4, "optim.name": "adam",
        "optim.schedule": "plateau", "optim.gamma": 0.2, "optim.patience": 3,
        "train.select": "loss", "run.train_age_boundaries": (30.0, 59.0), "train.seed": 777,
        "run.folds": 5, "train.refit": True,
    },
    "palette_ensemble": {"model.backbone": "efficientnet_b3", "sampler.name": "balanced"},
    "palette_beit": {"model.backbone": "beit_base_patch16_224"},
    "palette_nfnet": {"model.backbone": "dm_nfnet_f0", "train.clip": "agc"},
    "resnext50_f1_focal": {
        "model.backbone": "resnext50_32x4d", "model.hidden": 128, "data.crop": "centre",
        "data.crop_size": (400, 200), "loss.name": "0.4*soft_f1 + 0.6*focal",
        "sampler.name": "balanced", "loss.class_weights": "inverse",
        "run.train_age_boundaries": (30.0, 58.0),
    },
}  # fmt: skip
FIGURES = {
    "b3_fc_ce": {"macro_f1": 0.7432, "accuracy": 79.19},
    "b4_multihead_focal": {"macro_f1": 0.757, "accuracy": 79.476},
    "b3_three_models": {"macro_f1": 0.7627, "accuracy": 81.619},
    "palette_ensemble": {"macro_f1_public": 0.784, "macro_f1_private": 0.771},
    "resnext50_f1_focal": {"macro_f1": 0.766, "macro_f1_on_the_last_day": 0.7735},
}
TRAIN_TRANSFORMS = {
    "b3_fc_ce": [["ColorJitter", "HorizontalFlip"]],
    "b4_multihead_focal": [["RandomBrightnessContrast"]],
    "b3_three_models": [
        ["Perspective", "Rotate", "RandomBrightnessContrast", "HueSaturationValue"],
        ["Perspective", "Rotate", "RandomGridShuffle", "GaussNoise"],
        ["Perspective", "Rotate", "GaussNoise"],
    ],
    "resnext50_f1_focal": [["RandomBrightnessContrast"]],
}

# What was published of the transforms' strengths: transform, parameter, value.
STRENGTHS = {
    "b3_fc_ce": [
        ("ColorJitter", "brightness", (0.5, 1.5)), ("ColorJitter", "contrast", (0.5, 1.5)),
        ("ColorJitter", "saturation", (0.5, 1.5)), ("ColorJitter", "hue", (-0.5, 0.5)),
    ],
    "b4_multihead_focal": [
        ("RandomBrightnessContrast", "brightness_limit", (-0.1, 0.1)),
        ("RandomBrightnessContrast", "contrast_limit", (-0.1, 0.1)),
        ("RandomBrightnessContrast", "p", 0.5),
    ],
    "b3_three_models": [("Rotate", "limit", (-20.0, 20.0))],
    # Brightness was said, contrast was not.
    "resnext50_f1_focal": [("RandomBrightnessContrast", "contrast_limit", (0.0, 0.0))],
}  # fmt: skip


def config_of(name):
    return build_config(load_recipe(name).settings, name)


def value_of(config, key):
    section, name = key.split(".")
    return getattr(getattr(config, section), name)


@pytest.mark.parametrize("name", SAID)
def test_recipe_holds_what_its_team_said(name):
    config = config_of(name)
    assert {key: value_of(config, key) for key in SAID[name]} == SAID[name]


@pytest.mark.parametrize("name", FIGURES)
def test_published_figures_are_kept_apart_from_our_own(name):
    published = json.loads(recipes_json())[name]["published"]
    assert {key: published[key] for key in FIGURES[name]} == FIGURES[name]


@pytest.mark.parametrize("name", TRAIN_TRANSFORMS)
def test_recipe_augments_as_its_team_said(name):
    found = [
        [spec["name"] for spec in member.config.transforms.train]
        for member in members_of(config_of(name))
    ]
    assert found == TRAIN_TRANSFORMS[name]


@pytest.mark.parametrize("name", STRENGTHS)
def test_recipe_augments_as_strongly_as_its_team_said(name):
    settings = json.loads(recipes_json())[name]["settings"]
    groups = [group["set"] for group in settings["model"].get("groups", [])] or [settings]
    for transform, key, value in STRENGTHS[name]:
        for group in groups:
            (spec,) = [s for s in group["transforms"]["train"] if s["name"] == transform]
            found = tuple(spec[key]) if isinstance(spec[key], list) else spec[key]
            assert found == value, transform


def test_three_models_have_their_own_loss_and_epochs():
    members = {member.name: member.config for member in members_of(config_of("b3_three_models"))}
    assert {name: config.loss.name for name, config in members.items()} == {
        "mask": "cross_entropy", "age": "focal", "gender": "cross_entropy",
    }  # fmt: skip
    assert {name: config.train.epochs for name, config in members.items()} == {
        "mask": 2, "age": 4, "gender": 4,
    }  # fmt: skip


def test_palette_joins_a_mask_and_gender_model_with_an_age_model_that_regresses():
    masks, age = members_of(config_of("palette_ensemble"))
    assert (masks.name, age.name) == ("mask_and_gender", "age")
    assert masks.config.loss.label_smoothing > 0
    assert masks.config.loss.class_weights == "inverse"
    assert (age.config.loss.name, age.config.model.age_years) == ("focal", True)


def test_nfnet_brings_its_own_clipping_and_sam():
    config = config_of("palette_nfnet")
    assert config.train.clip == "agc"
    assert config.optim.sam_rho > 0


@pytest.mark.parametrize("name", recipe_names())
def test_every_recipe_fits_together_and_its_notes_name_keys(name):
    recipe, config = load_recipe(name), config_of(name)
    check_config(config)
    for member in members_of(config):
        Augment(member.config.transforms.train, name)
    assert recipe.notes["deviates"]["folds"]
    assert set(recipe.notes["chosen"]) <= set(valid_keys())
    dotted = {key for key in recipe.notes.get("published", {}) if "." in key}
    assert dotted <= set(valid_keys())


def test_list_gives_each_recipe_with_its_figure():
    lines = dict(line.split("\t", 1) for line in recipes_text().splitlines())
    assert set(lines) == set(recipe_names()) == {"default", *SAID}
    assert "0.7432" in lines["b3_fc_ce"]
