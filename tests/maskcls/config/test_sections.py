import tomllib

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from maskcls.config.read import build_config, merge, parse_assignments
from maskcls.config.recipes import load_recipe
from maskcls.config.sections import Config
from maskcls.config.toml import to_toml
from maskcls.errors import ArgumentRefused, ConfigInvalid
from maskcls.images.transforms import TRANSFORMS, Augment


def with_settings(*assignments):
    return build_config(parse_assignments(assignments), "test")


def test_written_configuration_reads_back_the_same():
    config = build_config(load_recipe("default").settings, "default")
    assert build_config(tomllib.loads(to_toml(config)), "again") == config


@given(st.text(max_size=40))
def test_any_text_survives_the_round_trip(text):
    config = build_config({"run": {"weights": text.replace("\ud800", "")}}, "test")
    assert build_config(tomllib.loads(to_toml(config)), "again") == config


def test_unknown_key_lists_the_near_and_the_valid_ones():
    with pytest.raises(ConfigInvalid) as caught:
        with_settings("train.epoch=3")
    assert "Did you mean train.epochs" in str(caught.value)
    assert "model.backbone" in str(caught.value)


def test_all_problems_are_reported_at_once():
    with pytest.raises(ConfigInvalid) as caught:
        with_settings(
            "nothing.here=1", "train.epochs=many", "sampler.name=some", "data.size=[1,2,3]"
        )
    assert len(caught.value.problems) == 4


@pytest.mark.parametrize(
    "assignment, expected",
    [
        ("train.epochs=0", "at least 1"),
        ("model.dropout=1.0", "less than 1"),
        ("data.size=9000", "less than 4097"),
        ("run.folds=1", "2 or more"),
        ("run.train_age_boundaries=[60,30]", "two rising ages"),
        ("train.epochs=true", "a whole number"),
        ("optim.lr=nan", "a number"),
        ("train.epochs", "section.key=value"),
    ],
)
def test_values_out_of_range_are_refused(assignment, expected):
    with pytest.raises(ConfigInvalid, match=expected):
        with_settings(assignment)


def test_one_number_is_a_square_and_text_needs_no_quotes():
    config = with_settings("data.size=96", "model.backbone=resnet10t", "optim.lr=1")
    assert config.data.size == (96, 96)
    assert config.model.backbone == "resnet10t"
    assert config.optim.lr == 1.0


def test_later_tables_win_key_by_key():
    merged = merge({"train": {"epochs": 1, "seed": 2}}, {"train": {"epochs": 3}})
    assert merged == {"train": {"epochs": 3, "seed": 2}}


def test_unknown_recipe_lists_those_there():
    with pytest.raises(ArgumentRefused, match="default"):
        load_recipe("b3_unheard_of")


def test_recipe_that_is_not_toml_is_refused(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("not toml at all")
    with pytest.raises(ConfigInvalid, match="not readable as TOML"):
        load_recipe(str(path))


def test_defaults_of_the_program_are_valid():
    assert build_config({}, "test") == Config()


def test_transform_with_an_unstated_parameter_is_refused():
    with pytest.raises(ConfigInvalid, match="'hue' is not stated"):
        Augment([{"name": "ColorJitter", "brightness": 0.1, "contrast": 0.1, "saturation": 0.1,
                  "p": 1.0}], "transforms.train")  # fmt: skip


def test_unknown_transform_lists_those_there():
    with pytest.raises(ConfigInvalid, match="HorizontalFlip"):
        Augment([{"name": "Blurr"}], "transforms.train")


def test_every_listed_transform_exists():
    assert all(callable(kind) for kind in TRANSFORMS.values())


@pytest.mark.parametrize(
    "spec",
    [
        {"name": "RandAugment", "num_ops": 2, "magnitude": 15, "p": 1.0},
        {"name": "AutoAugment", "policy": "imagenet", "p": 1.0},
        {"name": "Sharpen", "alpha": [0.5, 0.9], "lightness": [0.6, 1.0], "method": "kernel",
         "kernel_size": 5, "sigma": 1.0, "p": 1.0},
    ],
    ids=lambda spec: spec["name"],
)  # fmt: skip
def test_policies_follow_from_the_seed_alone(spec):
    image = np.random.default_rng(0).integers(0, 255, (32, 24, 3), dtype=np.uint8)
    augment, state = Augment([spec], "transforms.train"), torch.random.get_rng_state()
    results = [augment(image, seed) for seed in (1, 2, 3, 4, 1)]
    assert results[0].shape == image.shape
    np.testing.assert_array_equal(results[0], results[4])
    assert any((result != results[0]).any() for result in results)
    assert torch.equal(torch.random.get_rng_state(), state)


def test_unknown_policy_is_refused():
    with pytest.raises(ConfigInvalid, match="AutoAugmentPolicy"):
        Augment([{"name": "AutoAugment", "policy": "mine", "p": 1.0}], "transforms.train")
