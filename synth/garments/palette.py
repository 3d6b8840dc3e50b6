"""Colours of cloth by name, and how often each is worn."""

from synth.garments.base import Colour

COLOURS: dict[str, Colour] = {
    "white": (0.93, 0.93, 0.92),
    "ivory": (0.90, 0.87, 0.80),
    "grey": (0.55, 0.56, 0.57),
    "charcoal": (0.24, 0.25, 0.27),
    "black": (0.11, 0.11, 0.12),
    "navy": (0.13, 0.17, 0.32),
    "blue": (0.25, 0.42, 0.70),
    "light_blue": (0.62, 0.79, 0.90),
    "teal": (0.15, 0.48, 0.50),
    "green": (0.28, 0.48, 0.30),
    "mint": (0.66, 0.85, 0.77),
    "olive": (0.40, 0.41, 0.25),
    "beige": (0.80, 0.70, 0.58),
    "brown": (0.42, 0.29, 0.21),
    "red": (0.70, 0.16, 0.18),
    "burgundy": (0.42, 0.12, 0.19),
    "pink": (0.93, 0.70, 0.76),
    "purple": (0.45, 0.32, 0.58),
    "yellow": (0.90, 0.77, 0.30),
    "orange": (0.89, 0.50, 0.22),
    "denim": (0.27, 0.36, 0.50),
}
CLOTH_COLOURS = {
    "black": 0.31, "white": 0.11, "grey": 0.09, "charcoal": 0.09, "navy": 0.08, "blue": 0.05,
    "light_blue": 0.03, "teal": 0.02, "green": 0.03, "olive": 0.03, "beige": 0.04, "brown": 0.02,
    "red": 0.04, "burgundy": 0.02, "pink": 0.04, "purple": 0.02, "yellow": 0.01, "orange": 0.01,
    "mint": 0.01, "ivory": 0.02,
}  # fmt: skip
"""Weights of cloth colours: dark plain cloth leads street photographs of 2020–2022."""
MELANGE = {"white": 0.35, "grey": 0.3, "charcoal": 0.2, "black": 0.15}
"""Weights of the fibres spun into a mélange."""
CAMOUFLAGE = (
    ("olive", "brown", "black"), ("beige", "olive", "brown"), ("grey", "charcoal", "white"),
    ("green", "olive", "black"), ("navy", "blue", "charcoal"),
)  # fmt: skip
