"""One composite: a garment draped over a face, lit, photographed and laid over the photo."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ingest.faces import FaceMesh, rasterise_regions, topology
from synth import garments, photometry
from synth.coverage import measure_coverage
from synth.folds import crumple
from synth.garments.base import Canvas, Cut, Drawing
from synth.hanging import Hang
from synth.occlusion import SkinModel, shadow_receiver, under_hair
from synth.photometry import Camera, Light
from synth.recipe import Recipe
from synth.render import DEPTH_PLAY_MM, Layer, depth_map, render_surface
from synth.straps import Strap, draw_strap, strap_path
from synth.surface import FaceField, Outline, Surface, drape, garment_grid

Window = tuple[int, int, int, int]
_TEXELS_PER_PIXEL = 1.5
_TEXTURE_LIMITS = (48, 1600)
_HEAD_RADIUS_MM = 85.0
_MARGIN_MM = 12.0
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
    window : (slice, slice)
        Rows and columns of the photo that hold the face.
    regions : dict of str to ndarray, uint8
        Regions of the face in the window, as of `ingest.faces.rasterise_regions`.
    """

    image: NDArray[np.uint8]
    face: FaceMesh
    field: FaceField
    light: Light
    camera: Camera
    skin: SkinModel
    receiver: NDArray[np.uint8]
    window: tuple[slice, slice]
    regions: dict[str, NDArray[np.uint8]]

    @classmethod
    def study(cls, image: NDArray[np.uint8], face: FaceMesh) -> "Sitter":
        """Measure surface, light and camera once for all composites of a face."""
        height, width = image.shape[:2]
        x0, y0, x1, y1 = face.box
        left, top = (int(np.clip(v, 0, e - 1)) for v, e in ((x0, width), (y0, height)))
        right, bottom = int(np.clip(x1 + 2, left + 1, width)), int(np.clip(y1 + 2, top + 1, height))
        shift = np.array([left, top, 0.0], dtype=np.float32)
        return cls(
            image,
            face,
            FaceField.from_mesh(face),
            photometry.estimate_light(image, face),
            photometry.estimate_camera(image, face),
            SkinModel.learn(image, face),
            shadow_receiver(face, width, height),
            (slice(top, bottom), slice(left, right)),
            rasterise_regions(face.points - shift, right - left, bottom - top),
        )

    def coverage(self, matte: NDArray[np.float32]) -> dict[str, float]:
        """Covered share of each region under a matte of the photo's size, 0–1."""
        return measure_coverage(matte[self.window], self.regions)

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
    """

    image: NDArray[np.uint8]
    matte: NDArray[np.float32]
    coverage: dict[str, float]


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
    layer = photometry.as_photographed(layer, sitter.camera, recipe.rng("grain"))
    matte = np.zeros(sitter.image.shape[:2], dtype=np.float32)
    matte[_slices(layer)] = layer.matte
    return Composite(lay_over(sitter, layer, recipe.look["shadow"]), matte, sitter.coverage(matte))


def dress(sitter: Sitter, recipe: Recipe) -> Layer:
    """The lit garment and its straps as one sharp, premultiplied layer."""
    family = garments.FAMILIES[recipe.family]
    cut = family.cut(recipe.garment)
    head, field = sitter.field.head, sitter.field
    surface, straps = _put_on(field, cut, family.straps(recipe.garment), recipe)
    points = head.to_image(surface.points)
    window = _window(sitter, [points, *(head.to_image(path) for _, path in straps)])
    depth = depth_map(sitter.face.points, topology.triangles(), window)
    play = DEPTH_PLAY_MM * head.scale
    bright = np.float32(recipe.look["brightness"])
    layer = _garment_layer(sitter, recipe, cut, surface, window, depth)
    for strap, path in straps:
        pixels = head.to_image(path)
        shade = bright * sitter.light.shade(_outward(path) @ head.axes).mean(axis=0)
        colour = np.clip(np.asarray(strap.colour, np.float32) * shade, 0, 1)
        hidden = under_hair(sitter.skin, path, pixels)
        band = draw_strap(pixels, strap.width * head.scale, colour, window, depth, play, hidden)
        layer = over(layer, band)
    return layer


def _put_on(
    field: FaceField, cut: Cut, straps: tuple[Strap, ...], recipe: Recipe
) -> tuple[Surface, list[tuple[Strap, NDArray[np.float64]]]]:
    """Give the garment's surface and the path of every strap, in head millimetres."""
    if recipe.state == "hanging":
        hang = Hang(**recipe.placement)
        surface = hang.surface(field, cut.height)
        return surface, hang.strap_paths(field, surface, straps)
    surface = drape(
        field,
        Outline(**recipe.placement),
        cut.bulge_at(*garment_grid()),
        tautness=cut.tautness,
        gap=cut.gap,
        hang=cut.hang,
    )
    slack, jitter = recipe.look["slack"], recipe.look["strap_jitter"]
    sides = [(strap, side) for strap in straps for side in (-1, 1)]
    return surface, [
        (strap, strap_path(field, surface, strap, side, slack, jitter)) for strap, side in sides
    ]


def _garment_layer(
    sitter: Sitter, recipe: Recipe, cut: Cut, surface: Surface, window: Window, depth: NDArray
) -> Layer:
    head = sitter.field.head
    drawing = _draw_flat(sitter, recipe, cut)
    if recipe.placement.get("turned", 1.0) < 0:  # a dangling mask that shows its inner side
        lining = np.broadcast_to(np.asarray(drawing.lining, np.float32), drawing.albedo.shape)
        drawing = replace(drawing, albedo=lining)
    shade = sitter.light.shade(surface.normals @ head.axes) * np.float32(recipe.look["brightness"])
    lit = drawing.albedo * relief_shade(drawing, cut, sitter.light, head.axes)[..., None]
    texture = np.dstack([np.clip(lit, 0, 1), drawing.alpha]).astype(np.float32)
    return render_surface(
        head.to_image(surface.points),
        shade,
        texture,
        np.asarray(drawing.lining, np.float32) * np.float32(LINING_SHADE),
        window,
        depth,
        DEPTH_PLAY_MM * head.scale,
    )


def _draw_flat(sitter: Sitter, recipe: Recipe, cut: Cut) -> Drawing:
    width_mm = 2 * np.radians(cut.half_angle) * _HEAD_RADIUS_MM
    texels = _TEXELS_PER_PIXEL * sitter.field.head.scale
    size = np.clip(np.round([width_mm * texels, cut.height * texels]), *_TEXTURE_LIMITS)
    canvas = Canvas.of_size(int(size[0]), int(size[1]), width_mm, cut.height)
    rng = recipe.rng("texture")
    drawing = garments.FAMILIES[recipe.family].draw(recipe.garment, canvas, rng)
    return drawing if cut.stiff else crumple(drawing, canvas, _squeeze(recipe, cut), rng)


def _squeeze(recipe: Recipe, cut: Cut) -> float:
    """Height a garment is worn at, as a share of the height it was cut for."""
    if recipe.state == "hanging":
        return float(recipe.placement["gather"])
    worn = recipe.placement["bottom_centre"] - recipe.placement["top_centre"]
    return float(worn / cut.height)


def relief_shade(
    drawing: Drawing, cut: Cut, light: Light, axes: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Factor on encoded RGB by which folds and seams catch or lose the light.

    Parameters
    ----------
    drawing : Drawing
        Its relief is in millimetres.
    cut : Cut
        Gives the millimetres of a texel.
    light : Light
        In the image frame.
    axes : ndarray of shape (3, 3)
        Rows are the head's axes in the image frame.

    Returns
    -------
    ndarray of shape (h, w), float32
    """
    height, width = drawing.relief.shape
    mm_x = 2 * np.radians(cut.half_angle) * _HEAD_RADIUS_MM / max(width - 1, 1)
    mm_y = cut.height / max(height - 1, 1)
    slope_y, slope_x = np.gradient(drawing.relief, np.float32(mm_y), np.float32(mm_x))
    towards = axes @ light.direction
    # Rooms and skies are brighter above: folds show even in light read as frontal.
    side = np.float32(np.clip(towards[0], -0.6, 0.6))
    above = np.float32(np.clip(towards[1] - 0.25, -0.9, 0.4))
    return np.clip(1 - 0.5 * (slope_x * side + slope_y * above), 0.55, 1.35).astype(np.float32)


def _outward(path: NDArray[np.float64]) -> NDArray[np.float64]:
    flat = path * np.array([1.0, 0.0, 1.0])
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-9)


def over(front: Layer, back: Layer) -> Layer:
    """Lay one premultiplied layer over another of the same window (Porter and Duff, 1984)."""
    left = 1 - front.matte
    return Layer(
        front.x0,
        front.y0,
        front.colour + left[..., None] * back.colour,
        front.matte + left * back.matte,
    )


def lay_over(sitter: Sitter, layer: Layer, shadow: float) -> NDArray[np.uint8]:
    """Lay a layer over the photo, with its contact shadow on what it does not cover.

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
    rows, columns = _slices(layer)
    image = sitter.image.copy()
    photo = image[rows, columns].astype(np.float32)
    skin = sitter.receiver[rows, columns].astype(np.float32) / 255
    strength = np.float32(shadow) * skin
    dim = photometry.contact_shadow(layer.matte, sitter.light, sitter.field.head.scale, strength)
    result = (photo * dim[..., None]) * (1 - layer.matte[..., None]) + 255 * layer.colour
    image[rows, columns] = np.clip(np.round(result), 0, 255).astype(np.uint8)
    return image


def _slices(layer: Layer) -> tuple[slice, slice]:
    height, width = layer.matte.shape
    return slice(layer.y0, layer.y0 + height), slice(layer.x0, layer.x0 + width)


def _window(sitter: Sitter, parts: list[NDArray[np.float64]]) -> Window:
    """Pixels of the photo that garment, straps, their blur and shadow can touch."""
    height, width = sitter.image.shape[:2]
    margin = _MARGIN_MM * sitter.field.head.scale + 3 * sitter.camera.blur + 2
    every = np.concatenate([part.reshape(-1, 3)[:, :2] for part in parts])
    x0, y0 = np.clip(np.floor(every.min(axis=0) - margin), 0, (width - 2, height - 2)).astype(int)
    x1, y1 = np.clip(np.ceil(every.max(axis=0) + margin), (x0 + 2, y0 + 2), (width, height)).astype(
        int
    )
    return int(x0), int(y0), int(x1 - x0), int(y1 - y0)
