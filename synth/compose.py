"""One composite: a garment draped over a face, lit, photographed and laid over the photo."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ingest.faces import FaceMesh, rasterise_regions, topology
from ingest.faces.hands import Hand
from synth import garments
from synth.coverage import measure_coverage
from synth.drawing import kernels
from synth.drawing.hanging import Hang
from synth.drawing.render import DEPTH_PLAY_MM, Layer, depth_map, render_surface
from synth.drawing.straps import Strap, draw_strap, strap_paths
from synth.drawing.surface import FaceField, Outline, Surface, drape, garment_grid
from synth.drawing.texture import draw_flat, lit_texture
from synth.drawing.window import Window
from synth.garments.base import Cut
from synth.photo.camera import Camera, as_photographed, estimate_camera
from synth.photo.hands import behind, hands_in_front
from synth.photo.light import Light, contact_shadow, estimate_light
from synth.photo.occlusion import SkinModel, shadow_receiver, under_hair
from synth.recipe import Recipe

_SHADOW_REACH_MM = 14.0
LINING_SHADE = 0.72
"""Factor on the inner side's RGB: it lies in the garment's own shade."""


@dataclass(frozen=True)
class Sitter:
    """A face of a photo and all that its composites share.

    Attributes
    ----------
    image : ndarray of shape (H, W, 3), uint8
        RGB photo.
    face : FaceMesh
        Its landmarks.
    field : FaceField
        Its surface.
    light : Light
        On the face.
    camera : Camera
        Of the photo.
    skin : SkinModel
        Colours of the person's skin.
    receiver : ndarray of shape (H, W), uint8
        255 on face and neck, where a garment's shadow can fall.
    window : Window
        Part of the photo that holds the face.
    depth : ndarray of shape (height, width), float32
        Depth of the face in the window, pixels; infinite beside it.
    regions : dict of str to ndarray, uint8
        Regions of the face in the window, as of `ingest.faces.rasterise_regions`.
    front : ndarray of shape (H, W), float32, or None
        Alpha of hands in front of the face; None if there are none.
    """

    image: NDArray[np.uint8]
    face: FaceMesh
    field: FaceField
    light: Light
    camera: Camera
    skin: SkinModel
    receiver: NDArray[np.uint8]
    window: Window
    depth: NDArray[np.float32]
    regions: dict[str, NDArray[np.uint8]]
    front: NDArray[np.float32] | None = None

    @classmethod
    def study(
        cls, image: NDArray[np.uint8], face: FaceMesh, hands: Sequence[Hand] = ()
    ) -> "Sitter":
        """Measure surface, light and camera once for all composites of a face."""
        height, width = image.shape[:2]
        window = Window.around(face.points, 1, image.shape)
        shift = np.array([window.x0, window.y0, 0.0], dtype=np.float32)
        camera = estimate_camera(image, face)
        front = hands_in_front(image, hands, face, camera.blur)
        receiver = shadow_receiver(face, width, height)
        return cls(
            image,
            face,
            FaceField.from_mesh(face),
            estimate_light(image, face),
            camera,
            SkinModel.learn(image, face),
            receiver if front is None else (receiver * (1 - front)).astype(np.uint8),
            window,
            depth_map(face.points, topology.triangles(), window),
            rasterise_regions(face.points - shift, window.width, window.height),
            front,
        )

    def coverage(self, matte: NDArray[np.float32]) -> dict[str, float]:
        """Covered share of each region under a matte of the photo's size, 0–1."""
        return measure_coverage(matte[self.window.slices], self.regions)

    def depth_at(self, points: NDArray[np.float64]) -> NDArray[np.float32]:
        """Depth of the face at points of shape (..., 3) in pixels, infinite beside it."""
        x0, y0, width, height = self.window
        x, y = (np.rint(points[..., k]).astype(int) - o for k, o in ((0, x0), (1, y0)))
        inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
        return np.where(inside, self.depth[y * inside, x * inside], np.float32(np.inf))

    def depth_in(self, window: Window) -> NDArray[np.float32]:
        """Depth of the face in another window of the photo."""
        depth = np.full((window.height, window.width), np.inf, dtype=np.float32)
        here, there = window.shared(self.window)
        depth[here] = self.depth[there]
        return depth

    def on(self, image: NDArray[np.uint8]) -> "Sitter":
        """The same face on a picture in which other faces have been dressed."""
        return self if image is self.image else replace(self, image=image)


@dataclass(frozen=True)
class Composite:
    """A photo with a garment on it.

    Attributes
    ----------
    image : ndarray of shape (H, W, 3), uint8
        RGB.
    matte : ndarray of shape (H, W), float32
        Alpha of garment and straps, 0–1.
    coverage : dict of str to float
        Covered share of each region, 0–1.
    laid : dict of str to float
        The same without the hands in front; empty if there are none.
    """

    image: NDArray[np.uint8]
    matte: NDArray[np.float32]
    coverage: dict[str, float]
    laid: dict[str, float] = field(default_factory=dict)


def compose(sitter: Sitter, recipe: Recipe) -> Composite:
    """Make the composite a recipe describes.

    Parameters
    ----------
    sitter : Sitter
        The face it was drawn for.
    recipe : Recipe
        Every choice.
    """
    layer = dress(sitter, recipe)
    layer = as_photographed(layer, sitter.camera, recipe.rng("grain"))
    laid: dict[str, float] = {}
    if sitter.front is not None:
        laid = sitter.coverage(_matte_of(sitter, layer))
        layer = behind(layer, sitter.front[layer.window.slices])
    matte = _matte_of(sitter, layer)
    image = lay_over(sitter, layer, recipe.look["shadow"])
    return Composite(image, matte, sitter.coverage(matte), laid)


def _matte_of(sitter: Sitter, layer: Layer) -> NDArray[np.float32]:
    """A layer's alpha at the size of the photo."""
    matte = np.zeros(sitter.image.shape[:2], dtype=np.float32)
    matte[layer.window.slices] = layer.matte
    return matte


def dress(sitter: Sitter, recipe: Recipe) -> Layer:
    """The lit garment and its straps as one sharp, premultiplied layer."""
    family = garments.FAMILIES[recipe.family]
    cut = family.cut(recipe.garment)
    head = sitter.field.head
    surface, straps, paths = _put_on(sitter.field, cut, family.straps(recipe.garment), recipe)
    pixels = head.to_image(paths)
    play = DEPTH_PLAY_MM * head.scale
    before_face = pixels[..., 2] <= sitter.depth_at(pixels) + play
    # A band that comes forth again never left: it lies along the outline of the cheek.
    before_face = forth_and_back(before_face)
    seen = before_face & ~under_hair(sitter.skin, paths, pixels)
    points = head.to_image(surface.points)
    margin = 3 * head.scale + 3 * sitter.camera.blur + 2
    window = Window.around(
        np.concatenate([points.reshape(-1, 3), pixels[seen]]), margin, sitter.image.shape
    )
    bright = np.float32(recipe.look["brightness"])
    drawing = draw_flat(recipe, cut, head.scale)
    normals = surface.normals @ head.axes
    shade = sitter.light.shade(normals) * bright
    layer = render_surface(
        points,
        lit_texture(drawing, cut, sitter.light, head.axes, shade, sitter.light.gloss(normals)),
        np.asarray(drawing.lining, np.float32) * np.float32(LINING_SHADE) * shade,
        window,
        sitter.depth_in(window),
        play,
    )
    shades = bright * sitter.light.shade(_outward(paths) @ head.axes).mean(axis=1)
    for strap, path, shade, visible in zip(straps, pixels, shades, seen, strict=True):
        colour = np.minimum(np.asarray(strap.colour, np.float32) * shade, 1)
        draw_strap(layer, path, strap.width * head.scale, colour, visible)
    return layer


def forth_and_back(seen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Points of shape (..., N) that are seen or lie between two of their row that are."""
    before = np.logical_or.accumulate(seen, axis=-1)
    return before & np.logical_or.accumulate(seen[..., ::-1], axis=-1)[..., ::-1]


def _put_on(
    field: FaceField, cut: Cut, straps: tuple[Strap, ...], recipe: Recipe
) -> tuple[Surface, list[Strap], NDArray[np.float64]]:
    """Give the garment's surface, its bands and the paths they take, in head millimetres."""
    if recipe.state == "hanging":
        hang = Hang(**recipe.placement)
        surface = hang.surface(field, cut.height)
        return surface, *hang.strap_paths(field, surface, straps)
    surface = drape(
        field,
        Outline(**recipe.placement),
        cut.bulge_at(*garment_grid()),
        tautness=cut.tautness,
        gap=cut.gap,
        hang=cut.hang,
    )
    slack, jitter = recipe.look["slack"], recipe.look["strap_jitter"]
    return surface, *strap_paths(field, surface, straps, slack, jitter)


def _outward(paths: NDArray[np.float64]) -> NDArray[np.float64]:
    flat = paths * np.array([1.0, 0.0, 1.0])
    return flat / np.maximum(np.linalg.norm(flat, axis=-1, keepdims=True), 1e-9)


def lay_over(sitter: Sitter, layer: Layer, shadow: float) -> NDArray[np.uint8]:
    """Lay a layer over the photo, with its contact shadow on what it does not cover.

    The over operator on premultiplied colour (Porter and Duff, "Compositing digital images",
    1984, doi:10.1145/964965.808606).

    Parameters
    ----------
    sitter : Sitter
        Gives photo, light and scale.
    layer : Layer
        As photographed.
    shadow : float
        Strength of the contact shadow, 0–1.

    Returns
    -------
    ndarray of shape (H, W, 3), uint8
        The photo, unchanged to the bit where neither garment nor shadow falls.
    """
    image = sitter.image.copy()
    scale = sitter.field.head.scale
    window = layer.window.grown(int(np.ceil(_SHADOW_REACH_MM * scale)), image.shape)
    x, y = layer.x0 - window.x0, layer.y0 - window.y0
    height, width = layer.matte.shape
    below, right = window.height - height - y, window.width - width - x
    matte = cv2.copyMakeBorder(layer.matte, y, below, x, right, cv2.BORDER_CONSTANT)
    shade = contact_shadow(matte, sitter.light, scale)
    receiver = sitter.receiver[window.slices]
    strength = np.float32(shadow / 255**2)
    kernels.blend(image[window.slices], shade, receiver, strength, matte, layer.colour, x, y)
    return image
