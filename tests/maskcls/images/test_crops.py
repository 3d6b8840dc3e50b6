import lightning.pytorch as pl
import numpy as np
import pytest
import timm
import torch
from hypothesis import given
from hypothesis import strategies as st

from maskcls.config.sections import DataConfig
from maskcls.images.crops import NEEDS_BOX, crop_area, face_area
from maskcls.network.freezing import Freeze, set_frozen, stages

SIZE, BOX = (384, 512), (100.0, 150.0, 200.0, 250.0)


def test_whole_image_has_no_area():
    assert crop_area(BOX, SIZE, DataConfig()) is None


def test_centre_crop_is_in_pixels_and_no_larger_than_the_image():
    config = DataConfig(crop="centre", crop_size=(400, 200))
    assert crop_area(None, SIZE, config) == (92, 56, 292, 456)
    assert crop_area(None, (100, 500), config) == (0, 50, 100, 450)


def test_face_crop_adds_pixels_and_falls_back_to_the_rectangle():
    config = DataConfig(
        size=(312, 312), crop="face", margin=0.0, margin_pixels=15, rectangle=(100, 400, 50, 350)
    )
    assert crop_area(BOX, SIZE, config) == (85, 135, 215, 265)
    assert crop_area([np.nan] * 4, SIZE, config) == (50, 100, 350, 400)
    assert crop_area(None, SIZE, DataConfig(crop="face")) is None


def test_face_area_keeps_the_aspect_of_the_input_and_stays_inside():
    config = DataConfig(size=(80, 40), crop="face", margin=0.5)
    assert face_area([40, 40, 60, 60], (100, 100), config) == (30, 10, 70, 90)


@pytest.mark.parametrize(
    "part, area",
    [
        ("forehead", (110, 135, 190, 180)),
        ("nose_chin", (100, 185, 200, 260)),
        ("chin_neck", (90, 225, 210, 300)),
        ("upper_body", (25, 100, 275, 400)),
    ],
)
def test_parts_are_placed_by_the_face_box(part, area):
    assert crop_area(BOX, SIZE, DataConfig(crop=part)) == pytest.approx(area)


@given(
    st.sampled_from(NEEDS_BOX),
    st.tuples(*[st.floats(-50, 600) | st.just(float("nan"))] * 4),
)
def test_no_crop_leaves_the_image(crop, box):
    area = crop_area(box, SIZE, DataConfig(crop=crop))
    if area is not None:
        assert 0 <= area[0] < area[2] <= SIZE[0]
        assert 0 <= area[1] < area[3] <= SIZE[1]


def test_frozen_stages_are_the_first_and_learn_nothing():
    backbone = timm.create_model("test_resnet", num_classes=0)
    set_frozen(backbone, 2, True)
    frozen = {n for n, p in backbone.named_parameters() if not p.requires_grad}
    assert frozen == {name for stage in stages(backbone)[:2] for name in stage}
    assert len(frozen) < len(list(backbone.parameters()))
    set_frozen(backbone, 99, False)
    assert all(p.requires_grad for p in backbone.parameters())


@pytest.mark.parametrize("epochs, frozen", [(0, True), (3, True), (2, False)])
def test_stages_thaw_at_their_epoch_and_their_norms_rest(epochs, frozen):
    module = pl.LightningModule()
    module.model = torch.nn.Module()
    module.model.backbone = timm.create_model("test_resnet", num_classes=0).train()
    trainer = type("Trainer", (), {"current_epoch": 2})()
    Freeze(99, epochs).on_train_epoch_start(trainer, module)
    norms = [m for m in module.model.backbone.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    assert all(norm.training != frozen for norm in norms)


def test_stages_thaw_one_after_the_other_from_the_last_and_learn_again():
    freeze = Freeze(3, 2, thaw_epochs=2)
    assert [freeze.frozen_at(epoch, there=5) for epoch in range(9)] == [3, 3, 2, 2, 1, 1, 0, 0, 0]
    assert [Freeze(9, 1).frozen_at(epoch, there=5) for epoch in range(3)] == [5, 0, 0]
    module = pl.LightningModule()
    module.model = torch.nn.Module()
    module.model.backbone = backbone = timm.create_model("test_resnet", num_classes=0).train()
    for epoch in range(7):
        freeze.on_train_epoch_start(type("Trainer", (), {"current_epoch": epoch})(), module)
        frozen = {name for name, p in backbone.named_parameters() if not p.requires_grad}
        count = freeze.frozen_at(epoch, len(stages(backbone)))
        assert frozen == {name for stage in stages(backbone)[:count] for name in stage}
    assert all(part.training for part in backbone.modules())
